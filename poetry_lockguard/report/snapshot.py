"""Reports of the commands that write or verify a snapshot, as text and as JSON."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from poetry_lockguard.outcomes import Severity
from poetry_lockguard.report import snapshot_diff
from poetry_lockguard.report.deduplication import by_reason, folded
from poetry_lockguard.report.diff_values import SnapshotDiff
from poetry_lockguard.report.problem_rows import problem_document
from poetry_lockguard.report.snapshot_outcomes import (
    SnapshotChanged,
    SnapshotConflict,
    SnapshotCreated,
    SnapshotFaulty,
    SnapshotRefused,
    SnapshotUnchanged,
    SnapshotUnsolvable,
    SnapshotVerified,
)
from poetry_lockguard.snapshots.differences import differences

if sys.version_info >= (3, 11):
    from typing import assert_never
else:
    from typing_extensions import assert_never

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from poetry_lockguard.outcomes import Problem
    from poetry_lockguard.report.snapshot_outcomes import SnapshotOutcome, SnapshotReport
    from poetry_lockguard.snapshots.document import Snapshot


_DRIFT = {"requirement-added", "requirement-changed", "requirement-removed", "python-changed"}


def diff_of(old: Snapshot | None, new: Snapshot, names: tuple[str, str]) -> SnapshotDiff:
    """Return the differences between two snapshots, for a report."""
    before = () if old is None else old.configurations
    return SnapshotDiff(
        old=names[0],
        new=names[1],
        found=differences(old, new),
        common=tuple(sorted({*before} & {*new.configurations})),
    )


def text(report: SnapshotReport) -> str:
    """Return the report as lines of text."""
    return "\n".join(_lines(report))


def _lines(report: SnapshotReport) -> Iterator[str]:
    match report.outcome:
        case (
            SnapshotCreated(diff=diff, notes=notes)
            | SnapshotChanged(diff=diff, notes=notes)
            | SnapshotUnchanged(diff=diff, notes=notes)
        ):
            yield from notes
            yield from snapshot_diff.text(diff).splitlines()[:-1] if diff.found else ()
        case (
            SnapshotVerified(problems=problems, checked=checked)
            | SnapshotFaulty(problems=problems, checked=checked)
        ):
            yield from problem_lines(problems, checked)
            yield from _drift_advice(problems)
        case SnapshotUnsolvable(reasons=reasons, notes=notes):
            yield from _unsolvable_lines(reasons)
            yield from notes
        case SnapshotConflict(notes=notes) as outcome:
            yield from _conflict_lines(outcome)
            yield from notes
        case SnapshotRefused(notes=notes):
            yield from notes
        case _:
            assert_never(report.outcome)
    yield f"{report.file}: {_status(report.outcome)}"


def _unsolvable_lines(reasons: Mapping[str, str]) -> Iterator[str]:
    for reason, names in by_reason(reasons.items()).items():
        yield f"{', '.join(names)}: cannot be resolved:"
        yield from (f"  {line}" for line in reason.splitlines())


def _conflict_lines(outcome: SnapshotConflict) -> Iterator[str]:
    for conflict in outcome.conflicts:
        yield f"{conflict.place}:"
        for value, sides in conflict.sides:
            yield f"  {value} (in {', '.join(_names(outcome, sides))})"


def _status(outcome: SnapshotOutcome) -> str:
    match outcome:
        case SnapshotCreated():
            return "created"
        case SnapshotChanged():
            return "changed"
        case SnapshotUnchanged():
            return "unchanged"
        case SnapshotVerified():
            return "ok"
        case SnapshotFaulty() | SnapshotUnsolvable() | SnapshotConflict() | SnapshotRefused():
            return "failed"
        case _:
            assert_never(outcome)


def problem_lines(problems: Iterable[Problem], checked: Collection[str] = ()) -> Iterator[str]:
    """Yield one line for each problem, or for several with one cause."""
    for problem in folded(problems, checked):
        shown = "" if problem.severity is Severity.ERROR else f"{problem.severity.value}: "
        yield f"{problem.code:<21} {shown}{problem.message}"


def _drift_advice(problems: Iterable[Problem]) -> Iterator[str]:
    """Yield the command to run if the manifest has other requirements than the snapshot."""
    if any(problem.code in _DRIFT for problem in problems):
        yield (
            "pyproject.toml changed since the snapshot was made; run `poetry lockguard snapshot"
            " sync` to follow poetry.lock, or `snapshot create` to resolve again"
        )


def as_json(report: SnapshotReport) -> str:
    """Return the JSON document."""
    document = {
        "lockguard": 1,
        "command": report.command,
        "status": _status(report.outcome),
        "file": report.file,
        "project": [],
        "configurations": [],
        "pins": [],
        "unsolvable": [],
        "conflicts": [],
        "problems": [],
        "notes": [],
    }
    document.update(_details(report.outcome))
    return json.dumps(document, indent=2, ensure_ascii=False)


def _details(outcome: SnapshotOutcome) -> dict[str, Any]:
    """Return the values of the keys that this outcome sets."""
    match outcome:
        case (
            SnapshotCreated(diff=diff, notes=notes)
            | SnapshotChanged(diff=diff, notes=notes)
            | SnapshotUnchanged(diff=diff, notes=notes)
        ):
            changes = json.loads(snapshot_diff.as_json(diff))
            kept = {key: changes[key] for key in ("project", "configurations", "pins")}
            return {**kept, "notes": [*notes]}
        case SnapshotVerified(problems=problems) | SnapshotFaulty(problems=problems):
            return {"problems": [problem_document(problem) for problem in problems]}
        case SnapshotUnsolvable(reasons=reasons, notes=notes):
            listed = [{"configuration": name, "reason": text} for name, text in reasons.items()]
            return {"unsolvable": listed, "notes": [*notes]}
        case SnapshotConflict(notes=notes):
            return {"conflicts": _conflict_rows(outcome), "notes": [*notes]}
        case SnapshotRefused(notes=notes):
            return {"notes": [*notes]}
        case _:
            assert_never(outcome)


def _conflict_rows(outcome: SnapshotConflict) -> list[dict[str, Any]]:
    return [
        {"place": conflict.place, "sides": [_side(outcome, *side) for side in conflict.sides]}
        for conflict in outcome.conflicts
    ]


def _side(outcome: SnapshotConflict, value: str, sides: Sequence[int]) -> dict[str, Any]:
    return {
        "value": value,
        "snapshots": [number + 1 for number in sides],
        "names": _names(outcome, sides),
    }


def _names(outcome: SnapshotConflict, sides: Sequence[int]) -> list[str]:
    """Return the files of the snapshots, or their numbers from 1 if they have no names."""
    return [outcome.sides[side] if outcome.sides else str(side + 1) for side in sides]
