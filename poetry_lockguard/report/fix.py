"""The report of ``fix``: what changed, or why the lock could not be fixed and what to do next."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from poetry_lockguard.freshness import trust
from poetry_lockguard.freshness.review import against
from poetry_lockguard.nearest_names import alike
from poetry_lockguard.outcomes import Status
from poetry_lockguard.plurals import counted
from poetry_lockguard.printable import harmless, indented
from poetry_lockguard.relock.fix_outcomes import NOT_WRITTEN, AlreadyFresh, Fixed, NotFixed
from poetry_lockguard.repair.ladder import (
    Conflict,
    Declined,
    Failed,
    Hopeless,
    OutOfTime,
    Solved,
)
from poetry_lockguard.report import change_lines, drift_lines
from poetry_lockguard.report import summary as project_counts
from poetry_lockguard.report.problem_rows import problem_document
from poetry_lockguard.report.showing.folding import folded
from poetry_lockguard.shown_paths import shown

if sys.version_info >= (3, 11):
    from typing import assert_never
else:
    from typing_extensions import assert_never

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from poetry_lockguard.lockfile.changes import LockChange
    from poetry_lockguard.outcomes import Problem
    from poetry_lockguard.relock.fix_outcomes import FixOutcome
    from poetry_lockguard.relock.merged_lock import MergedLock
    from poetry_lockguard.repair.ladder import Attempt

_INDENT = "  "

#: the folder of a project, and the outcome of its fix, or the reason if it could not be read
Told = tuple["Path", "FixOutcome | str"]


def lines(
    path: Path, outcome: FixOutcome, *, dry_run: bool, view: change_lines.View = change_lines.PLAIN
) -> list[str]:
    """Return the lines for stdout: the outcome first, then what changed."""
    lock = shown(path / "poetry.lock")
    match outcome:
        case AlreadyFresh():
            return [f"{lock}: fresh, left alone", *beside(path, outcome, dry_run=dry_run)]
        case NotFixed():
            return [f"{lock}: {_not_done(outcome)}"]
        case Fixed():
            head = f"{lock}: {_done(outcome, dry_run=dry_run, view=view)}"
            below = [*(indented(line, _INDENT) for line in _changed(outcome, view))]
            first = folded(head, view.width, len(_INDENT) * 2)
            return [*first, *below, *beside(path, outcome, dry_run=dry_run)]
        case _:
            assert_never(outcome)


def _not_done(outcome: NotFixed) -> str:
    if outcome.was is Status.FRESH:
        return "fresh, but the files derived from it could not be written"
    return "could not be fixed"


def beside(path: Path, outcome: AlreadyFresh | Fixed, *, dry_run: bool) -> list[str]:
    """Return a line for each derived file that was written, and for a snapshot that is behind."""
    verb = "would be written" if dry_run else "written"
    written = [f"{harmless(name)}: {verb}" for name in outcome.exports]
    if outcome.behind is None:
        return written
    snapshot = harmless(shown(path / outcome.behind))
    sync = "`poetry lockguard snapshot sync` makes it follow the lock"
    return [*written, f"{snapshot}: behind poetry.lock; {sync}"]


def _changed(outcome: Fixed, view: change_lines.View) -> list[str]:
    """Return the lines below the first one."""
    if outcome.was is Status.MISSING and not view.verbose:
        return []
    below = view._replace(width=view.width - len(_INDENT))
    changed = change_lines.told(outcome.changes, below, _own(outcome))
    if outcome.since_head is None:
        return changed
    compared = f"compared with HEAD: {change_lines.summary(outcome.since_head)}"
    return [*changed, compared, *change_lines.told(outcome.since_head, below)]


def _own(outcome: Fixed) -> list[LockChange]:
    """Return what changed in the lock's own fields, but for what the first line says."""
    return [row for row in outcome.own if row.key not in {"content-hash", "lock-version"}]


def _done(outcome: Fixed, *, dry_run: bool, view: change_lines.View) -> str:
    """Return the outcome, with the lock formats if the old one could not be kept."""
    return _changed_how(outcome, dry_run=dry_run, view=view) + _format_change(outcome.moved_up)


def _format_change(moved_up: tuple[str, str] | None) -> str:
    return f", lock format {moved_up[0]} -> {moved_up[1]}" if moved_up else ""


def merge_lines(merged: MergedLock) -> list[str]:
    """Return the outcome of a merge, first in one line and then change by change."""
    counts = change_lines.outcome(merged.changes, merged.own)
    head = f"merged by {merged.strategy}, {counts}{_format_change(merged.moved_up)}"
    return [head, *change_lines.told(merged.changes, change_lines.PLAIN)]


def _changed_how(outcome: Fixed, *, dry_run: bool, view: change_lines.View) -> str:
    """Return the outcome: created, changed in its pins, or only in the lock's own fields."""
    verb = "would be " if dry_run else ""
    if outcome.was is Status.MISSING:
        number = len(outcome.changes)
        hint = f" (-v lists {'it' if number == 1 else 'them'})"
        more = "" if view.verbose or not number else hint
        return f"{verb}created, {counted(number, 'package')}{more}"
    if not outcome.changes and outcome.own and outcome.since_head is None:
        return f"{verb}updated: {change_lines.outcome((), outcome.own)}"
    compared = ", "
    if outcome.against_head:
        compared = "; compared with HEAD: "
    elif outcome.since_head is not None:
        compared = "; compared with its readable parts: "
    counts = change_lines.summary(outcome.changes)
    return f"{verb}fixed by {outcome.strategy}{compared}{counts}"


def drift(path: Path, status: Status, problems: Iterable[Problem]) -> list[str]:
    """Return the lines for stderr on what is wrong with the lock before a fix."""
    if status in (Status.MISSING, Status.FRESH):
        return []
    findings = [
        problem._replace(message=problem.finding or problem.message)
        for problem in problems
        if problem.code != NOT_WRITTEN
    ]
    return drift_lines.lines(path, status, findings)


def failure(path: Path, outcome: NotFixed, *, is_verbose: bool = False) -> list[str]:
    """Return the lines for stderr on why the fix failed, and what to do next."""
    lock = shown(path / "poetry.lock")
    reasons: list[str] = []
    last = outcome.attempts[-1].outcome if outcome.attempts else None
    if isinstance(last, Conflict):
        manifest = shown(path / "pyproject.toml")
        reasons = [
            *explained(last, is_verbose=is_verbose),
            f"{_correction(last, manifest, _unneeded(outcome))} and run this again.",
        ]
    elif unwritten := [one.message for one in outcome.problems if one.code == NOT_WRITTEN]:
        reasons = unwritten
    elif outcome.was is Status.UNTRUSTED and not outcome.attempts:
        reasons = [f"It would install {_unwanted(outcome)}, so it was not fixed."]
    else:
        reasons = [f"Next: {_next(outcome.attempts)}"]
    return [*reasons, untouched(lock, outcome.was)]


def untouched(lock: str, was: Status) -> str:
    """Return the last line: nothing was written."""
    return f"{lock} was not written." if was is Status.MISSING else f"{lock} is untouched."


def _unneeded(outcome: NotFixed) -> list[str]:
    """Return the packages that nothing declared needs any more: one may be misspelled now."""
    found = [one for one in outcome.problems if one.code == "requirement-removed"]
    return [one.package for one in found if one.package is not None]


def _correction(conflict: Conflict, manifest: str, locked: Iterable[str] = ()) -> str:
    """Return what resolves a conflict, as the beginning of a sentence.

    ``locked`` are packages that a misspelled name may stand for.
    """
    if not conflict.missing:
        return f"Change the requirements in {manifest}"
    unknown = conflict.missing[0]
    if unknown.is_of_build:
        return "Correct [build-system] of that dependency, or add the source that has it,"
    if unknown.source:
        name = unknown.name
        return f"Bind {name} to the source {unknown.source} in {manifest}, as {unknown.by} is,"
    if unknown.by:
        return f"Add the source that has it to {manifest}, or drop {unknown.by},"
    near = alike(unknown.name, locked)
    meant = f" to {near}, if that is meant" if near else ""
    return f"Correct the name in {manifest}{meant}, or add the source that has it,"


def _unwanted(outcome: NotFixed) -> str:
    if any(problem.code in trust.CODES for problem in outcome.problems):
        return "packages that nothing asks for"
    if any(problem.code in against.CODES for problem in outcome.problems):
        return "something else than was committed"
    return "what the project's policy forbids"


def explained(conflict: Conflict, *, is_verbose: bool) -> list[str]:
    """Return what is in conflict; with Poetry's explanation if nothing shorter is known."""
    headline = conflict.headline
    if conflict.missing or not conflict.sentence:  # a sentence begins with a package's name
        headline = headline[0].upper() + headline[1:]
    if conflict.is_certain:
        chain = conflict.explanation.splitlines() if is_verbose else []
        return [f"{headline}.", *(f"  {line}" for line in chain)]
    if not is_verbose and (conflict.sentence or conflict.missing):
        return [f"{headline}. With -v Poetry explains it in full."]
    lines = (f"  {line}".rstrip() for line in conflict.explanation.splitlines())
    return [f"{headline}; Poetry explains:", "", *lines, ""]


def document(results: Sequence[Told], *, single: bool) -> str:
    """Return the JSON document; with ``single`` it describes the only project itself."""
    projects = [project_document(path, outcome) for path, outcome in results]
    head: dict[str, Any] = {"lockguard": 1, "command": "fix"}
    if single:
        return json.dumps({**head, **projects[0]}, indent=2)
    statuses = {project["status"] for project in projects}
    status = "mixed" if len(statuses) > 1 else next(iter(statuses), "fresh")
    return json.dumps({**head, "status": status, "projects": projects}, indent=2)


def summary(results: Iterable[Told], *, dry_run: bool) -> str:
    """Return the last line of a report on several projects."""
    words = {"fixed": "would be fixed" if dry_run else "fixed"}
    statuses = (
        project_counts.UNLOOKED if isinstance(outcome, str) else status(outcome)
        for _, outcome in results
    )
    return project_counts.summary(words.get(status, status) for status in statuses)


def status(outcome: FixOutcome) -> str:
    """Return the outcome's word in JSON documents and in counts."""
    match outcome:
        case AlreadyFresh():
            return "fresh"
        case Fixed():
            return "fixed"
        case NotFixed():
            return "failed"
        case _:
            assert_never(outcome)


def project_document(path: Path, outcome: FixOutcome | str) -> dict[str, Any]:
    """Return one project's part of a JSON document."""
    if isinstance(outcome, str):
        return {"status": "error", "message": outcome, "path": shown(path)}
    attempts = () if isinstance(outcome, AlreadyFresh) else outcome.attempts
    return {
        "status": status(outcome),
        "path": shown(path),
        "strategy": outcome.strategy if isinstance(outcome, Fixed) else None,
        "attempts": [_attempt(attempt) for attempt in attempts],
        "changes": change_lines.rows(outcome.changes if isinstance(outcome, Fixed) else ()),
        "problems": [problem_document(problem) for problem in outcome.problems],
        **_since_head(outcome),
        **_beside(outcome),
    }


def _since_head(outcome: FixOutcome) -> dict[str, Any]:
    """Return how a damaged lock that was fixed differs from HEAD's; nothing for other locks."""
    rows = outcome.since_head if isinstance(outcome, Fixed) else None
    return {} if rows is None else {"since_head": change_lines.rows(rows)}


def _beside(outcome: FixOutcome) -> dict[str, Any]:
    """Return the derived files that were written, and a snapshot that is behind, if any."""
    if isinstance(outcome, NotFixed):
        return {}
    exports = {"exports": [*outcome.exports]} if outcome.exports else {}
    return exports | ({"snapshot_behind": outcome.behind} if outcome.behind else {})


def _attempt(attempt: Attempt) -> dict[str, Any]:
    match attempt.outcome:
        case Solved(reason=reason):
            word, why = "solved", reason or None
        case Declined(reason=reason):
            word, why = "declined", reason
        case Failed(reason=reason):
            word, why = "failed", reason
        case Conflict() as conflict:
            word, why = "failed", f"{conflict.headline}\n{conflict.explanation}"
        case _:
            assert_never(attempt.outcome)
    return {
        "strategy": attempt.strategy,
        "outcome": word,
        "reason": why,
        "seconds": round(attempt.seconds, 3),
    }


def _next(attempts: Iterable[Attempt]) -> str:
    """Return the step most likely to help."""
    outcomes = [attempt.outcome for attempt in attempts]
    for one in outcomes:
        if isinstance(one, Hopeless):
            return f"{one.remedy}, then run `poetry lockguard fix` again"
    if any(isinstance(one, OutOfTime) for one in outcomes):
        return (
            "check the network, or give it more time with --timeout,"
            " then run `poetry lockguard fix` again"
        )
    if any(isinstance(one, Failed) and one.network for one in outcomes):
        return (
            "check the network, or name an index that can be reached with --mirror URL,"
            " then run `poetry lockguard fix` again"
        )
    if any(isinstance(one, Declined) and one.is_offline for one in outcomes):
        return "run `poetry lockguard fix` again with network access, without --offline"
    if not any(isinstance(one, Failed) for one in outcomes):
        return "run `poetry lockguard fix` again without --strategy, so that all are tried"
    return "run `poetry lock -vv` to see where Poetry fails"
