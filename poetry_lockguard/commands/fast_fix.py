"""``lockguard fix`` without Poetry's console, if the lock's own pins suffice.

Everything else, such as another strategy or an error in the command line, is left to that console,
which starts over. So nothing is printed or written here before the new lock is ready.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from poetry_lockguard.commands.fix_options import OPTIONS
from poetry_lockguard.commands.terminal.command_line import take_apart
from poetry_lockguard.commands.terminal.garbage_collection import collecting_rarely
from poetry_lockguard.commands.terminal.streams import has_color, write
from poetry_lockguard.errors import LockguardError
from poetry_lockguard.outcomes import Exit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from poetry_lockguard.commands.terminal.command_line import Tokens
    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.relock.fix_outcomes import FixOutcome
    from poetry_lockguard.relock.fix_request import FixRequest

_MANY = "many"  # options that can be repeated are left to the console


@dataclass(slots=True)
class _KeptLines:
    """Collects lines for stderr until it is certain that they are printed here."""

    lines: list[str] = field(default_factory=list)

    def write_error_line(self, messages: str) -> None:
        """Keep a line to print it later."""
        self.lines.append(messages)


def fix(arguments: list[str]) -> int | None:
    """Fix one lock by keeping it, or report it as fresh; None if Poetry's console has to do it."""
    tokens = take_apart(arguments, tuple(option for option in OPTIONS if option.takes != _MANY))
    if tokens is None or _needs_console(tokens):
        return None
    before = Path.cwd()
    try:
        os.chdir(tokens.values.get("directory", "."))
        with collecting_rarely():
            return _fixed(tokens)
    except (LockguardError, OSError, ValueError):
        return None  # the console reports errors
    finally:
        os.chdir(before)


def _needs_console(tokens: Tokens) -> bool:
    flags = tokens.flags & {"recursive", "verbose", "ansi", "force"}
    is_other_format = tokens.values.get("lock-format", "keep") != "keep"
    return bool(flags) or is_other_format or "timeout" in tokens.values or len(tokens.words) > 1


def _fixed(tokens: Tokens) -> int | None:
    from poetry_lockguard.freshness.discovery import find
    from poetry_lockguard.manifest import quick_core
    from poetry_lockguard.manifest.document import read
    from poetry_lockguard.relock.fix_outcomes import NotFixed
    from poetry_lockguard.relock.fixing import fix as fix_project

    quick_core.load()
    request = _request(tokens)
    start = Path(tokens.values.get("project", "."))
    (path,) = find([Path(word) for word in tokens.words], start, recursive=False)
    kept = _KeptLines()
    explanation: list[str] = []

    def explain(verdict: Verdict) -> None:
        if not _is_json(tokens):
            from poetry_lockguard.report.fix import drift

            explanation.extend(drift(verdict.path, verdict.status, verdict.problems))

    outcome = fix_project(read(path), request, kept, explain)
    if isinstance(outcome, NotFixed):
        return None
    _report(path.parent, outcome, [*explanation, *kept.lines], tokens)
    return Exit.OK


def _request(tokens: Tokens) -> FixRequest:
    from poetry_lockguard.index.network import is_unattended
    from poetry_lockguard.relock.fix_request import FixRequest

    unattended = is_unattended(os.environ, interactive="no-interaction" not in tokens.flags)
    is_watched = sys.stderr.isatty() and not unattended
    int(tokens.values.get("retries", 4))
    return FixRequest(
        offline="offline" in tokens.flags,
        dry_run="dry-run" in tokens.flags,
        unattended=unattended,
        explain=_is_json(tokens) or is_watched,
        lock_format=tokens.values.get("lock-format"),
        light=True,
    )


def _is_json(tokens: Tokens) -> bool:
    return tokens.values.get("format") == "json"


def _report(folder: Path, outcome: FixOutcome, warnings: Iterable[str], tokens: Tokens) -> None:
    from poetry_lockguard.commands.terminal.view import fitting
    from poetry_lockguard.report import fix as report
    from poetry_lockguard.report.change_lines import View

    is_quiet = "quiet" in tokens.flags
    if not is_quiet:
        _say(sys.stderr, fitting(warnings))
    if _is_json(tokens):
        _say(sys.stdout, [report.document([(folder, outcome)], single=True)])
    elif not is_quiet:
        view = View.of_terminal(color=has_color(tokens.flags, sys.stdout))
        dry_run = "dry-run" in tokens.flags
        _say(sys.stdout, report.lines(folder, outcome, dry_run=dry_run, view=view))


def _say(stream: object, lines: Iterable[str]) -> None:
    for line in lines:
        write(stream, line + "\n")  # type: ignore[arg-type]
