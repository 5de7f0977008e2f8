"""Finds which pins are installed where, by a walk from the manifest over the lock's pins.

One walk covers all environments (see ``grid``) and treats each group by itself, so that any choice
of groups is satisfied if each of them is. If a package has several pins, each environment takes
one: the one that the lock names (format 2.1), or the highest that satisfies everything there (older
formats), as Poetry's installer decides.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name

from poetry_lockguard.reachability import Frontier

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from poetry_lockguard.manifest.requirement import Requirement
    from poetry_lockguard.repair.keep.grid import Grid
    from poetry_lockguard.repair.keep.pin_graph import Edge, Node

    Masks = dict[str, int]  # by group
    Visit = tuple[int, str, str]  # a pin's number, one of its extras ("" for none), a group

REQUIRED = "\0required"  #: in place of a group: all that is not optional in the manifest
_ROUNDS = 12


class Root(NamedTuple):
    """A requirement of the manifest, the environments where it applies, and the pins that fit."""

    requirement: Requirement
    where: int
    fitting: frozenset[int]

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that it belongs to."""
        is_optional = self.requirement.is_optional
        return (self.requirement.group, *(() if is_optional else (REQUIRED,)))


class Unserved(NamedTuple):
    """A need that no pin satisfies; ``by`` is the pin that needs it, or None for the manifest."""

    name: str
    by: Node | None
    where: int


@dataclass(slots=True)
class Reach:
    """The result of a walk.

    ``masks`` gives a pin's environments by number and extra ("" for none), then by group.
    ``demands`` gives by name where a package is needed, the pins that fit, and the pin that needs
    it (None for the manifest).
    """

    masks: dict[tuple[int, str], Masks] = field(default_factory=lambda: defaultdict(dict))
    demands: dict[str, list[tuple[int, frozenset[int], Node | None]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    unserved: list[Unserved] = field(default_factory=list)

    def of(self, node: Node) -> Masks:
        """Return the environments of a pin by group, without empty groups."""
        found = self.masks.get((node.number, ""), {})
        return {group: mask for group, mask in found.items() if mask}

    def total(self, node: Node, extra: str = "") -> int:
        """Return the environments of a pin over all groups."""
        found = 0
        for mask in self.masks.get((node.number, extra), {}).values():
            found |= mask
        return found


class _Need(NamedTuple):
    """One need of the manifest (``by`` is None) or of a pin, in the environments of one group."""

    name: str
    by: Node | None
    group: str
    where: int
    fitting: frozenset[int]
    asked: frozenset[str]


class Walk:
    """Walks one lock with the requirements of a manifest."""

    def __init__(
        self, grid: Grid, nodes: Mapping[str, Sequence[Node]], never: frozenset[str]
    ) -> None:
        self._grid = grid
        self._nodes = nodes
        self._by_number = {node.number: node for pins in nodes.values() for node in pins}
        self._never = never
        self._places = {
            node.number: grid.supporting(node.python) for node in self._by_number.values()
        }
        self._steps: dict[tuple[int, str], list[tuple[Edge, int, frozenset[str]]]] = {}
        self._allowing: dict[int, frozenset[int]] = {}

    def reach(self, roots: Sequence[Root], before: Mapping[int, int] | None) -> Reach | None:
        """Walk until the pin that each environment takes no longer changes, or return None.

        ``before`` are the environments of each pin according to the lock (format 2.1).
        """
        choice = dict(before) if before is not None else {}
        banned: dict[int, int] = defaultdict(int)
        for _ in range(_ROUNDS):
            found = self._walked(roots, choice)
            chosen = self._chosen(found, before, banned)
            if any(not self._is_same(name, found, choice, chosen) for name in self._several):
                choice = chosen
            elif not self._ban(found, choice, banned):
                return found
        return None

    def possible(self, roots: Sequence[Root]) -> Reach:
        """Walk by Pythons alone: ignore platforms, and take all pins that fit a need.

        A lock by Poetry contains what is reached this way, even if no platform installs it.
        """
        wide = [root._replace(where=self._grid.whatever_platform(root.where)) for root in roots]
        return self._walked(wide, None)

    def _ban(self, found: Reach, choice: Mapping[int, int], banned: dict[int, int]) -> bool:
        """Ban pins with unsatisfied needs wherever another pin may take their place.

        Returns whether any pin was banned.
        """
        has_banned = False
        for need in found.unserved:
            for where, _, by in found.demands.get(need.name, ()):
                if by is None or len(self._nodes[by.name]) == 1 or not where & need.where:
                    continue
                others = [node for node in self._nodes[by.name] if node is not by]
                back = where & need.where & choice.get(by.number, 0) & ~banned[by.number]
                if back and any(back & ~banned[other.number] for other in others):
                    banned[by.number] |= back
                    has_banned = True
        return has_banned

    @property
    def _several(self) -> list[str]:
        return [name for name, pins in self._nodes.items() if len(pins) > 1]

    def _is_same(
        self, name: str, found: Reach, old: Mapping[int, int], new: Mapping[int, int]
    ) -> bool:
        """Whether the choice is the same wherever a package is needed."""
        needed = 0
        for where, *_ in found.demands.get(name, ()):
            needed |= where
        return all(
            not ((old.get(node.number, 0) ^ new.get(node.number, 0)) & needed)
            for node in self._nodes[name]
        )

    def _chosen(
        self, found: Reach, before: Mapping[int, int] | None, banned: Mapping[int, int]
    ) -> dict[int, int]:
        chosen: dict[int, int] = {}
        for name in self._several:
            fitting = {
                node.number: self._fitting(node, found) & ~banned.get(node.number, 0)
                for node in self._nodes[name]
            }
            ranked = sorted(
                self._nodes[name], key=lambda node: (node.version is not None, node.version)
            )
            free = self._grid.full
            if before is not None:
                for node in reversed(ranked):
                    taken = before.get(node.number, 0) & fitting[node.number] & free
                    chosen[node.number] = taken
                    free &= ~taken
            for node in reversed(ranked):
                taken = fitting[node.number] & free
                chosen[node.number] = chosen.get(node.number, 0) | taken
                free &= ~taken
        return chosen

    def _fitting(self, node: Node, found: Reach) -> int:
        """Return the environments in which a pin satisfies everything that needs it there."""
        fits = self._places[node.number]
        for where, allowed, _ in found.demands.get(node.name, ()):
            if node.number not in allowed:
                fits &= ~where
        return fits

    def _walked(self, roots: Sequence[Root], choice: Mapping[int, int] | None) -> Reach:
        """Walk once. Without a choice, take all pins that fit and ignore platforms."""
        found = Reach()
        frontier: Frontier[Visit] = Frontier()
        for need in self._all_needs(roots, frontier, choice):
            found.demands[need.name].append((need.where, need.fitting, need.by))
            left = self._step(need, frontier, choice)
            if left and choice is not None:
                found.unserved.append(Unserved(name=need.name, by=need.by, where=left))
        for (number, extra, group), mask in frontier.reached.items():
            found.masks[number, extra][group] = mask
        return found

    def _all_needs(
        self,
        roots: Sequence[Root],
        frontier: Frontier[Visit],
        choice: Mapping[int, int] | None,
    ) -> Iterator[_Need]:
        """Yield what the manifest needs, then what each pin of the frontier needs."""
        for root in roots:
            name, asked = root.requirement.name, frozenset(root.requirement.features)
            if name in self._never or not root.where:
                continue
            for group in root.groups:
                yield _Need(name, None, group, root.where, root.fitting, asked)
        for (number, extra, group), new in frontier:
            node = self._by_number[number]
            for edge, narrow, asked in self.needs(node, extra):
                where = narrow if choice is not None else self._grid.whatever_platform(narrow)
                if new & where:
                    fitting = self._allowed(edge)
                    yield _Need(edge.name, node, group, new & where, fitting, asked)

    def _step(
        self, need: _Need, frontier: Frontier[Visit], choice: Mapping[int, int] | None
    ) -> int:
        """Continue with the pins that serve a need; return where none does."""
        left = need.where
        for node in self._nodes.get(need.name, ()):
            place = self._place(node, need.fitting, choice) & left
            if choice is not None:
                left &= ~place
            for extra in ("", *need.asked):
                frontier.reach((node.number, extra, need.group), place)
        return left

    def _place(self, node: Node, allowed: frozenset[int], choice: Mapping[int, int] | None) -> int:
        if node.number not in allowed:
            return 0
        place = self._places[node.number]
        if choice is not None and len(self._nodes[node.name]) > 1:
            place &= choice.get(node.number, self._grid.full)
        return place

    def _allowed(self, edge: Edge) -> frozenset[int]:
        if id(edge) not in self._allowing:
            pins = self._nodes.get(edge.name, ())
            self._allowing[id(edge)] = frozenset(n.number for n in pins if n.allows(edge))
        return self._allowing[id(edge)]

    def needs(self, node: Node, extra: str) -> list[tuple[Edge, int, frozenset[str]]]:
        """Return what a pin needs and where, for one of its extras or without any."""
        key = (node.number, extra)
        if key not in self._steps:
            self._steps[key] = [*self._needed(node, extra)]
        return self._steps[key]

    def _needed(self, node: Node, extra: str) -> Iterator[tuple[Edge, int, frozenset[str]]]:
        locked = node.locked
        features = frozenset({extra} if extra else ())
        expanded = locked.expanded(features)
        brought = locked.brought_by(features)
        for edge in node.edges:
            if edge.name in self._never:
                continue
            if edge.is_optional and edge.name not in brought:
                continue
            where = self._grid.where(edge.marker, expanded)
            if where:
                yield edge, where, edge.asked | brought.get(edge.name, frozenset())


def roots_of(
    requirements: Iterable[Requirement],
    nodes: Mapping[str, Sequence[Node]],
    grid: Grid,
    *,
    has_groups: bool,
) -> Iterator[Root]:
    """Yield the manifest's requirements, each with the pins that fit it.

    A requirement that ``[tool.poetry.extras]`` lists but that is not marked optional is installed
    only with the extra from a lock of format 2.1, and always from an older lock.
    """
    for requirement in requirements:
        where = grid.where(requirement.marker)
        if requirement.in_extras and (has_groups or requirement.is_optional):
            where &= grid.with_extra(requirement.in_extras)
        elif requirement.is_optional:
            where = 0
        pins = nodes.get(str(canonicalize_name(requirement.name)), ())
        fitting = frozenset(
            node.number for node in pins if node.locked.fits(requirement.dependency)
        )
        yield Root(requirement=requirement, where=where, fitting=fitting)
