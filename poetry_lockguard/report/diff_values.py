"""The result of a comparison as values, for reports as text and as web pages."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from poetry_lockguard.report.change_lines import PLAIN, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.lockfile.changes import Change, LockChange
    from poetry_lockguard.snapshots.differences import ConfigurationChange, Differences

PINS = "pins"  # the place of a change that concerns no configuration
_MANY = 6  # a change in more configurations may name the others instead


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """Two sides by name, and every difference of their packages and of the locks themselves.

    ``command`` is the command's name in the JSON document; ``view`` is for the text.
    """

    old: str
    new: str
    changes: tuple[Change, ...]
    own: tuple[LockChange, ...] = ()
    command: str = "diff"
    view: View = PLAIN

    @property
    def is_same(self) -> bool:
        """Whether there is no difference at all."""
        return not (self.changes or self.own)


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotDiff:
    """Two sides by name, what is different, and the configurations that both of them have.

    If not ``verbose``, the text only counts the packages of which more is known than before.
    """

    old: str
    new: str
    found: Differences
    common: tuple[str, ...]
    verbose: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """One change, and the configurations that share it."""

    change: Change
    names: tuple[str, ...]


def shared(diff: SnapshotDiff) -> tuple[Shared, ...]:
    """Return every package's changes once, in the order of the packages."""
    names: dict[Change, list[str]] = defaultdict(list)
    for one in changed(diff):
        for change in one.changes:
            names[change].append(one.name)
    for change in (*diff.found.pins, *diff.found.grown):
        names[change].append(PINS)
    found = (Shared(change=change, names=tuple(where)) for change, where in names.items())
    return tuple(sorted(found, key=lambda one: one.change.package))


def changed(diff: SnapshotDiff) -> Iterator[ConfigurationChange]:
    """Yield the configurations that both sides have and that are different."""
    return (one for one in diff.found.configurations if one.kind == "changed")


def where(one: Shared, diff: SnapshotDiff) -> str:
    """Return in words which configurations share a change."""
    if one.names == (PINS,):
        return "in the pins"
    others = [name for name in diff.common if name not in one.names]
    if not others and len(diff.common) > 1:
        return "in all configurations"
    names_others = len(one.names) > _MANY and len(others) < len(one.names) // 2
    if names_others and PINS not in one.names:
        return f"in all configurations but {', '.join(others)}"
    return ", ".join(one.names)
