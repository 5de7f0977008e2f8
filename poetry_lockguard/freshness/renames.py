"""Extras and groups with a new name: one cause, which is otherwise reported for each package."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name

from poetry_lockguard.freshness.reach import reached_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from poetry_lockguard.freshness.project_state import ProjectState

    Names = dict[str, set[str]]


class Renames(NamedTuple):
    """The declared extras and groups that are locked by another name: new names to old ones."""

    extras: Mapping[str, str]
    groups: Mapping[str, str]

    def locked_extra(self, extra: str) -> str:
        """Return the name by which an extra is locked."""
        return self.extras.get(extra, extra)

    def locked_group(self, group: str) -> str:
        """Return the name by which a group is locked."""
        return self.groups.get(group, group)

    def new_group(self, group: str) -> str:
        """Return today's name of a group."""
        return next((new for new, old in self.groups.items() if old == group), group)


class ExtraMove(NamedTuple):
    """The extra in which a package was locked, and the one in which it is declared."""

    old: str
    new: str


def moved_between_extras(state: ProjectState) -> dict[str, ExtraMove]:
    """Return the packages that left one extra for another, by name; both extras are still there."""
    locked, declared = locked_extras(state), state.declared.extras
    shared = sorted(locked.keys() & declared.keys())
    left = {(name, extra) for extra in shared for name in locked[extra] - {*declared[extra]}}
    came = {(name, extra) for extra in shared for name in {*declared[extra]} - locked[extra]}
    moves = {}
    for name in sorted({name for name, _ in left} & {name for name, _ in came}):
        old, new = ([extra for one, extra in side if one == name] for side in (left, came))
        if len(old) == len(new) == 1:
            moves[name] = ExtraMove(*old, *new)
    return moves


def renames(state: ProjectState) -> Renames:
    """Return what has a new name and the same content; nothing if two names could be meant."""
    return Renames(extras=_renamed_extras(state), groups=_renamed_groups(state))


def locked_extras(state: ProjectState) -> Names:
    """Return the names of packages that the lock lists for each extra."""
    return {
        str(canonicalize_name(extra)): {str(canonicalize_name(name)) for name in names}
        for extra, names in state.lock.extras.items()
    }


def locked_groups(state: ProjectState) -> Names:
    """Return the names of packages that are locked for each group; empty before format 2.1."""
    groups: Names = {}
    for name, pins in state.pins.items():
        for group in (group for locked in pins for group in locked.groups):
            groups.setdefault(group, set()).add(name)
    return groups


def _renamed_extras(state: ProjectState) -> dict[str, str]:
    locked = locked_extras(state)
    declared = {extra: {*names} for extra, names in state.declared.extras.items()}
    return _paired(
        declared.keys() - locked.keys(),
        locked.keys() - declared.keys(),
        lambda new, old: bool(declared[new]) and declared[new] == locked[old],
    )


def _renamed_groups(state: ProjectState) -> dict[str, str]:
    locked = locked_groups(state)
    declared: Names = {}
    for requirement in state.requirements:
        declared.setdefault(requirement.group, set()).add(requirement.name)

    def is_same(new: str, old: str) -> bool:
        needed = (each for each in state.requirements if each.group == new)
        return declared[new] <= locked[old] <= reached_names(needed, state.pins)

    gone = locked.keys() - state.declared.groups.keys() - {"main"}
    return _paired(declared.keys() - locked.keys() - {"main"}, gone, is_same)


def _paired(
    new: Iterable[str], old: Iterable[str], is_same: Callable[[str, str], bool]
) -> dict[str, str]:
    """Return the pairs in which each name has one partner."""
    pairs = [(one, other) for one in sorted(new) for other in sorted(old) if is_same(one, other)]
    news, olds = [one for one, _ in pairs], [other for _, other in pairs]
    return {one: other for one, other in pairs if news.count(one) == 1 and olds.count(other) == 1}
