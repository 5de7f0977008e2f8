"""The outcomes of commands that write or verify a snapshot: one value each."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from poetry_lockguard.outcomes import Exit

if sys.version_info >= (3, 11):
    from typing import assert_never
else:
    from typing_extensions import assert_never

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from poetry_lockguard.outcomes import Problem
    from poetry_lockguard.report.diff_values import SnapshotDiff
    from poetry_lockguard.snapshots.disagreement import Disagreement


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotCreated:
    """The file is new; the difference is from an empty snapshot."""

    diff: SnapshotDiff
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotChanged:
    """The file was written again, with these differences."""

    diff: SnapshotDiff
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotUnchanged:
    """The file already had this content, so it was not written."""

    diff: SnapshotDiff
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotVerified:
    """No problem is an error; ``checked`` are the configurations' names."""

    problems: Sequence[Problem] = ()
    checked: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotFaulty:
    """At least one problem is an error; ``checked`` are the configurations' names."""

    problems: Sequence[Problem]
    checked: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotUnsolvable:
    """Nothing was written: these configurations cannot be resolved, for the resolver's reasons."""

    reasons: Mapping[str, str]
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotConflict:
    """Nothing was written: sources contradict each other; ``sides`` are the snapshots' names."""

    conflicts: Sequence[Disagreement]
    sides: Sequence[str] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRefused:
    """Nothing was written, for the reasons in the notes."""

    notes: Sequence[str]


SnapshotFailure: TypeAlias = SnapshotUnsolvable | SnapshotConflict | SnapshotRefused
SnapshotWritten: TypeAlias = SnapshotCreated | SnapshotChanged | SnapshotUnchanged
SnapshotOutcome: TypeAlias = SnapshotWritten | SnapshotVerified | SnapshotFaulty | SnapshotFailure


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotReport:
    """What a command did with a snapshot; ``file`` is its path for the user."""

    command: str
    file: str
    outcome: SnapshotOutcome


def is_failure(outcome: SnapshotOutcome) -> bool:
    """Whether a snapshot should have been written and could not be."""
    return isinstance(outcome, SnapshotUnsolvable | SnapshotConflict | SnapshotRefused)


def exit_code(outcome: SnapshotOutcome) -> Exit:
    """Return the exit code of a command that ends with this outcome."""
    match outcome:
        case SnapshotCreated() | SnapshotChanged() | SnapshotUnchanged() | SnapshotVerified():
            return Exit.OK
        case SnapshotFaulty() | SnapshotUnsolvable() | SnapshotConflict() | SnapshotRefused():
            return Exit.FOUND
        case _:
            assert_never(outcome)
