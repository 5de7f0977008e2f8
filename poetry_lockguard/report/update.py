"""The report of ``update``: what moved, what had to move with it, or why nothing could."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from poetry_lockguard.outcomes import Status
from poetry_lockguard.printable import harmless, indented
from poetry_lockguard.relock.fix_outcomes import NOT_WRITTEN, NotFixed
from poetry_lockguard.relock.update.updating import Updated
from poetry_lockguard.repair.ladder import Conflict, Failed, Hopeless, OutOfTime
from poetry_lockguard.report import change_lines
from poetry_lockguard.report.fix import beside, drift, explained, project_document
from poetry_lockguard.report.showing.folding import folded
from poetry_lockguard.shown_paths import shown

if sys.version_info >= (3, 11):
    from typing import assert_never
else:
    from typing_extensions import assert_never

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from poetry_lockguard.relock.update.updating import UpdateOutcome
    from poetry_lockguard.relock.update.vulnerable import HeldDown
    from poetry_lockguard.repair.forced_moves import ForcedMove

_INDENT = "  "


def lines(
    path: Path, outcome: UpdateOutcome, *, dry_run: bool, view: change_lines.View
) -> list[str]:
    """Return the lines for stdout: the outcome first, then what changed, and what was forced."""
    lock = shown(path / "poetry.lock")
    match outcome:
        case NotFixed():
            return [f"{lock}: not updated"]
        case Updated(is_unchanged=True):
            more = beside(path, outcome.made, dry_run=dry_run)
            return [f"{lock}: nothing to move", *more]
        case Updated(made=made, forced=forced):
            verb = "would be updated" if dry_run else "updated"
            moved_up = f", lock format {' -> '.join(made.moved_up)}" if made.moved_up else ""
            head = f"{lock}: {verb}, {change_lines.summary(made.changes)}{moved_up}"
            narrow = view._replace(width=view.width - len(_INDENT))
            below = [*change_lines.told(made.changes, narrow), *map(_forced, forced)]
            more = beside(path, made, dry_run=dry_run)
            first = folded(head, view.width, len(_INDENT) * 2)
            return [*first, *(indented(line, _INDENT) for line in below), *more]
        case _:
            assert_never(outcome)


def _forced(move: ForcedMove) -> str:
    reason = move.requirement or "no solution keeps it"
    return harmless(f"{'forced':<12} {move.package}: {reason}")


def failure(path: Path, outcome: NotFixed, *, is_verbose: bool = False) -> list[str]:
    """Return the lines for stderr on why nothing was moved, and what to do next."""
    lock = shown(path / "poetry.lock")
    last = outcome.attempts[-1].outcome if outcome.attempts else None
    unwritten = [one.message for one in outcome.problems if one.code == NOT_WRITTEN]
    lines: list[str] = []
    if unwritten:
        lines = unwritten
    elif outcome.was is not Status.FRESH and not outcome.attempts:
        return [*drift(path, outcome.was, outcome.problems), _first_step(lock, outcome.was)]
    elif isinstance(last, Conflict):
        lines = explained(last, is_verbose=is_verbose)
    elif isinstance(last, Failed) and (advice := _next(last)):
        lines = [f"Next: {advice}"]
    return [*lines, f"{lock} is untouched."]


def _first_step(lock: str, status: Status) -> str:
    if status is Status.UNTRUSTED:
        return f"{lock} is untrusted, so nothing was moved."
    if status is Status.MISSING:
        return f"There is no {lock}: run `poetry lockguard fix` first."
    return f"{lock} is {status.value}: run `poetry lockguard fix` first, then the update."


def _next(last: Failed) -> str:
    if isinstance(last, Hopeless):
        return last.remedy
    if isinstance(last, OutOfTime):
        return "check the network, or give it more time with --timeout"
    if last.network:
        return "check the network, or name an index that can be reached with --mirror URL"
    return ""


def held_lines(held: Iterable[HeldDown]) -> list[str]:
    """Return a line for each pin that stays vulnerable."""
    lines = (f"{'vulnerable':<12} {one.package}: {one.reason}" for one in held)
    return [f"{_INDENT}{harmless(line)}" for line in lines]


def nothing_to_lift(path: Path, held: Sequence[HeldDown], *, as_json: bool) -> list[str]:
    """Return the report on a lock in which no pin can be lifted."""
    if as_json:
        head = {"lockguard": 1, "command": "update", "status": "failed" if held else "fresh"}
        return [json.dumps({**head, "path": shown(path), "held": _held(held)}, indent=2)]
    lock = shown(path / "poetry.lock")
    if not held:
        return [f"{lock}: no pin has a known vulnerability"]
    return [f"{lock}: not updated", *held_lines(held)]


def _held(held: Iterable[HeldDown]) -> list[dict[str, str]]:
    return [{"package": one.package, "reason": one.reason} for one in held]


def document(path: Path, outcome: UpdateOutcome, held: Sequence[HeldDown] = ()) -> str:
    """Return the JSON document: that of ``fix``, what was forced to move, and what could not."""
    made = outcome.made if isinstance(outcome, Updated) else outcome
    content: dict[str, Any] = {"lockguard": 1, "command": "update", **project_document(path, made)}
    if isinstance(outcome, Updated) and outcome.is_unchanged:
        content["status"] = "fresh"
    forced = outcome.forced if isinstance(outcome, Updated) else ()
    content["forced"] = [{"package": one.package, "requirement": one.requirement} for one in forced]
    if held:
        content["held"] = _held(held)
    return json.dumps(content, indent=2)
