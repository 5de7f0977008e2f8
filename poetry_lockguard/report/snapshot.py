"""What the commands that change or judge a snapshot say of it, as text and as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from poetry_lockguard.outcomes import Severity
from poetry_lockguard.report import snapshot_diff
from poetry_lockguard.report.deduplication import by_reason, deduplicate
from poetry_lockguard.report.diff_values import SnapshotDiff
from poetry_lockguard.report.problem_rows import problem_document
from poetry_lockguard.snapshots.differences import differences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from poetry_lockguard.outcomes import Problem
    from poetry_lockguard.snapshots.disagreement import Disagreement
    from poetry_lockguard.snapshots.document import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotReport:
    """What became of a snapshot.

    ``status`` is ``created``, ``changed``, ``unchanged``, ``ok`` or ``failed``. ``unsolvable``
    maps configurations to the resolver's explanation. ``sides`` are the names of the snapshots
    that ``conflicts`` are between.
    """

    command: str
    status: str
    file: str
    diff: SnapshotDiff | None = None
    unsolvable: Mapping[str, str] | None = None
    conflicts: Sequence[Disagreement] = ()
    sides: Sequence[str] = ()
    problems: Sequence[Problem] = ()
    notes: Sequence[str] = ()


def diff_of(old: Snapshot | None, new: Snapshot, names: tuple[str, str]) -> SnapshotDiff:
    """Return what is different, ready to be told."""
    before = () if old is None else old.configurations
    return SnapshotDiff(
        old=names[0],
        new=names[1],
        found=differences(old, new),
        common=tuple(sorted({*before} & {*new.configurations})),
    )


def text(report: SnapshotReport) -> str:
    """Return the report in lines."""
    return "\n".join(_lines(report))


def _lines(report: SnapshotReport) -> Iterator[str]:
    for reason, names in by_reason((report.unsolvable or {}).items()).items():
        yield f"{', '.join(names)}: cannot be resolved:"
        yield from (f"  {line}" for line in reason.splitlines())
    for conflict in report.conflicts:
        yield f"{conflict.place}:"
        for said, sides in conflict.sides:
            yield f"  {said} (in {', '.join(_names(report, sides))})"
    yield from problem_lines(report.problems)
    yield from report.notes
    if report.diff is not None and report.diff.found:
        yield from snapshot_diff.text(report.diff).splitlines()[:-1]
    yield f"{report.file}: {report.status}"


def problem_lines(problems: Iterable[Problem]) -> Iterator[str]:
    """Yield one line a problem."""
    for problem in deduplicate(problems):
        shown = "" if problem.severity is Severity.ERROR else f"{problem.severity.value}: "
        yield f"{problem.code:<21} {shown}{problem.message}"


def as_json(report: SnapshotReport) -> str:
    """Return the JSON document."""
    found: dict[str, Any] = {}
    if report.diff is not None:
        found = json.loads(snapshot_diff.as_json(report.diff))
    document = {
        "lockguard": 1,
        "command": report.command,
        "status": report.status,
        "file": report.file,
        "project": found.get("project", []),
        "configurations": found.get("configurations", []),
        "pins": found.get("pins", []),
        "unsolvable": [
            {"configuration": name, "reason": reason}
            for name, reason in (report.unsolvable or {}).items()
        ],
        "conflicts": [
            {
                "place": conflict.place,
                "sides": [
                    {
                        "value": said,
                        "snapshots": [number + 1 for number in sides],
                        "names": _names(report, sides),
                    }
                    for said, sides in conflict.sides
                ],
            }
            for conflict in report.conflicts
        ],
        "problems": [problem_document(problem) for problem in report.problems],
        "notes": [*report.notes],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _names(report: SnapshotReport, sides: Sequence[int]) -> list[str]:
    """Name the snapshots that say something: by their files, else by their numbers from 1."""
    return [report.sides[side] if report.sides else str(side + 1) for side in sides]
