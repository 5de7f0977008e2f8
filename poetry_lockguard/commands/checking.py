"""Runs ``lockguard check``, both for Poetry's console and for the fast console script.

Imports neither Poetry nor its console, because that would take longer than the check.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from poetry_lockguard.commands.options import DOCUMENTS, Option
from poetry_lockguard.commands.terminal.streams import flush, write
from poetry_lockguard.errors import LockguardError, ManifestError
from poetry_lockguard.freshness.discovery import find
from poetry_lockguard.freshness.survey import Unlooked, survey
from poetry_lockguard.outcomes import Exit
from poetry_lockguard.printable import Clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from poetry_lockguard.freshness.judge import Verdict

DESCRIPTION = "Report whether poetry.lock is in step with pyproject.toml, and what drifted."
PATHS = "Project folders, pyproject.toml or poetry.lock files; default: the project you are in."
OPTIONS = (
    Option(name="recursive", short="r", help="Check every Poetry project below each path."),
    Option(name="deep", help="Also find what Poetry's own check misses."),
    Option(name="online", help="Also ask the indexes whether every pin is still available."),
    Option(
        name="against",
        takes="one",
        help="Also compare with the lock at a git revision, as a review would.",
    ),
    Option(
        name="format",
        help="How to print the result: text, json, github (annotations), sarif, gitlab (code"
        " quality) or junit.",
        takes="one",
        default="text",
        choices=("text", "json", "github", "sarif", "gitlab", "junit"),
    ),
)


class CheckRequest(NamedTuple):
    """The options of one run. ``start`` is the folder to check if no paths are given.

    ``against`` is a git revision to compare with. ``interactive``: the user can answer questions;
    ``watched``: progress is visible on a terminal; ``width``: stdout's, if it is one.
    """

    paths: tuple[str, ...]
    start: Path
    recursive: bool = False
    deep: bool = False
    online: bool = False
    against: str | None = None
    interactive: bool = False
    watched: bool = False
    format: str = "text"
    color: bool = False
    width: int | None = None


def check(request: CheckRequest, say: Callable[[str], None], warn: Callable[[str], None]) -> Exit:
    """Check the requested projects and report each result as soon as it is known.

    ``say`` writes a line to stdout, ``warn`` to stderr. Raises LockguardError if there is no
    project, or if the only project cannot be checked and the format is ``text`` or ``json``.
    """
    start = Path() if request.start == Path.cwd() else request.start
    found = find([Path(path) for path in request.paths], start, recursive=request.recursive)
    surveyed = survey(
        found, deep=request.deep, pass_over_others=request.recursive, paths=request.recursive
    )
    surveyed = map(partial(_with_snapshot, deep=request.deep), surveyed)
    surveyed = map(_with_exports, surveyed)
    if request.against is not None:
        surveyed = map(partial(_reviewed, request.against), surveyed)
    if request.online:
        return _online(surveyed, request, say, warn)
    return _report(_looked_at(surveyed, request), request, say, warn)


def _online(
    surveyed: Iterator[Verdict | Unlooked],
    request: CheckRequest,
    say: Callable[[str], None],
    warn: Callable[[str], None],
) -> Exit:
    """Also ask the indexes; if none answers, the exit code is 2."""
    from poetry_lockguard.index.network import is_unattended
    from poetry_lockguard.online.online_check import Online
    from poetry_lockguard.report.check_online import summary

    unattended = is_unattended(os.environ, interactive=request.interactive)
    online = Online(unattended=unattended, progress=_progress if request.watched else None)
    outcomes = _looked_at(online.look(surveyed), request)
    worst = _report(outcomes, request, say, warn)
    if request.format == "text":
        say(summary(online.count, online.problems))
    return max(worst, Exit.CANNOT_LOOK) if online.is_silent else worst


def _progress(done: int, total: int) -> None:
    """Update one line of the terminal, and clear it at the end."""
    width = len("Asked about  of  …") + 2 * len(str(total))
    text = f"Asked about {done} of {total} …".ljust(width) if done < total else " " * width
    write(sys.stderr, f"\r{text}" + ("\r" if done == total else ""))
    flush(sys.stderr)


def _with_snapshot(outcome: Verdict | Unlooked, *, deep: bool) -> Verdict | Unlooked:
    """Check the snapshot, too: with ``deep``, or if it is installed in place of a lock."""
    if isinstance(outcome, Unlooked) or not (deep or outcome.rests_on_snapshot):
        return outcome
    from poetry_lockguard.resolution.deep_check import with_snapshot

    return with_snapshot(outcome)


def _with_exports(outcome: Verdict | Unlooked) -> Verdict | Unlooked:
    """Look at what is derived from a fresh lock; a project without such files pays nothing."""
    if isinstance(outcome, Unlooked) or not outcome.has_exports or outcome.status != "fresh":
        return outcome
    from poetry_lockguard.exports.quick.in_step import in_step
    from poetry_lockguard.manifest.document import read

    try:
        manifest = read(outcome.path / "pyproject.toml")
        certain = in_step(manifest)
        if certain.issuperset(manifest.settings["exports"]):
            return outcome
        from poetry_lockguard.exports.export_table import with_exports

        return with_exports(outcome, manifest, certain)
    except LockguardError as error:
        return Unlooked(outcome.path, str(error))


def _reviewed(revision: str, outcome: Verdict | Unlooked) -> Verdict | Unlooked:
    if isinstance(outcome, Unlooked):
        return outcome
    from poetry_lockguard.freshness.review.reviewing import reviewed

    try:
        return reviewed(outcome, revision)
    except LockguardError as error:
        return Unlooked(outcome.path, str(error))


def _looked_at(
    outcomes: Iterator[Verdict | Unlooked], request: CheckRequest
) -> Iterator[Verdict | Unlooked]:
    """Yield the outcomes; raise if there are none, or if the only project cannot be checked.

    In the formats of pipelines, a project that cannot be checked is a finding instead.
    """
    if not request.recursive and len(request.paths) <= 1:
        for outcome in outcomes:
            if isinstance(outcome, Unlooked) and request.format in {"text", "json"}:
                raise LockguardError(outcome.reason)
            yield outcome
        return
    first = next(outcomes, None)
    if first is None:
        places = ", ".join(request.paths) or str(request.start)
        raise ManifestError(
            f"{places}: no Poetry project in this folder or below; name another folder"
        )
    yield first
    yield from outcomes


def _report(
    outcomes: Iterable[Verdict | Unlooked],
    request: CheckRequest,
    say: Callable[[str], None],
    warn: Callable[[str], None],
) -> Exit:
    worst = Exit.OK
    every: list[Verdict | Unlooked] = []
    for outcome in outcomes:
        worst = max(worst, _exit(outcome))
        every.append(outcome)
        if isinstance(outcome, Unlooked):
            warn(f"lockguard: {outcome.reason}")
        if request.format in DOCUMENTS:
            for line in _lines(outcome, request) if request.format != "json" else ():
                warn(line)  # the document is for a program; a job's log is for people
        else:
            for line in _lines(outcome, request):
                say(line)
    if request.format in DOCUMENTS:
        say(_document(every, request.format))
    if request.format == "text" and request.recursive:
        from poetry_lockguard.report.summary import summary

        say(summary(map(_status, every)))
    return worst


def _document(outcomes: list[Verdict | Unlooked], form: str) -> str:
    if form == "json":
        from poetry_lockguard.report.check_json import document as json_document

        return json_document(outcomes)
    from poetry_lockguard.report.pipelines.documents import document

    return document(form, [(outcome, _manifest_text(outcome)) for outcome in outcomes])


def _manifest_text(outcome: Verdict | Unlooked) -> str:
    if isinstance(outcome, Unlooked):
        return ""
    from poetry_lockguard.manifest.document import read_text

    return read_text(outcome.path / "pyproject.toml")


def _status(outcome: Verdict | Unlooked) -> str:
    """Return under which status the last line counts a project."""
    from poetry_lockguard.report.summary import ALLOWED, BEHIND, UNLOOKED

    if isinstance(outcome, Unlooked):
        return UNLOOKED
    status = outcome.status.value
    if status == "fresh":
        return status if outcome.is_in_step else BEHIND
    return ALLOWED if status == "missing" and outcome.is_in_step else status


def _exit(outcome: Verdict | Unlooked) -> Exit:
    if isinstance(outcome, Unlooked):
        return Exit.CANNOT_LOOK
    return Exit.OK if outcome.is_in_step else Exit.FOUND


def _lines(outcome: Verdict | Unlooked, request: CheckRequest) -> Iterable[str]:
    if request.format == "github":
        from poetry_lockguard.report import check_github

        if isinstance(outcome, Unlooked):
            return [check_github.unlooked(outcome)]
        return check_github.workflow_commands(outcome, _manifest_text(outcome))
    if isinstance(outcome, Unlooked):
        return ()
    from poetry_lockguard.report.check import text_lines

    is_named = request.recursive or bool(request.paths)
    lines = text_lines(outcome, color=request.color, is_named=is_named)
    return lines if request.width is None else _fitting(lines, request.width)


def _fitting(lines: Iterable[str], width: int) -> Iterator[str]:
    """Yield the lines for a terminal; the first, in color, is short."""
    for line in lines:
        if len(line) <= width or isinstance(line, Clean):
            yield line
        else:
            from poetry_lockguard.report.showing.folding import folded

            yield from folded(line, width, 4)
