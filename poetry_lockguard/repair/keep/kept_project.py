"""The input of the proof: the manifest's requirements and the lock's pins on one grid."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from poetry_lockguard.freshness.project_state import project_state
from poetry_lockguard.lockfile import notation
from poetry_lockguard.repair import equal_meaning
from poetry_lockguard.repair.keep.grid import Grid, normalized
from poetry_lockguard.repair.keep.pin_graph import Node
from poetry_lockguard.repair.keep.reachable import REQUIRED, Reach, Root, Walk, roots_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry.core.constraints.version import VersionConstraint
    from poetry.core.version.markers import BaseMarker

    from poetry_lockguard.freshness.project_state import ProjectState
    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.manifest.requirement import Requirement

    Masks = dict[str, int]


@dataclass(frozen=True, kw_only=True, eq=False)  # no slots: results are cached
class KeptProject:
    """One project and its lock. ``before`` is the manifest that the lock was made for, if known."""

    state: ProjectState
    before: ProjectState | None

    @cached_property
    def nodes(self) -> dict[str, list[Node]]:
        """The pins by name, the highest version first."""
        found: dict[str, list[Node]] = {}
        for number, pin in enumerate(self.state.lock.pins):
            locked = next(package for package in self.state.pins[pin.name] if package.pin is pin)
            node = Node(number=number, locked=locked, entry=pin.raw)
            found.setdefault(pin.name, []).append(node)
        for pins in found.values():
            pins.sort(key=lambda node: (node.version is not None, node.version), reverse=True)
        return found

    @cached_property
    def all_nodes(self) -> tuple[Node, ...]:
        """The pins in the lock's order."""
        found = [node for pins in self.nodes.values() for node in pins]
        return tuple(sorted(found, key=lambda node: node.number))

    @cached_property
    def by_number(self) -> dict[int, Node]:
        """The pins by their position in the lock."""
        return {node.number: node for node in self.all_nodes}

    @cached_property
    def has_groups(self) -> bool:
        """Whether the lock records the groups and markers of each pin (format 2.1)."""
        return self.state.lock.lock_version not in {"1.0", "1.1", "2.0"}

    @cached_property
    def grid(self) -> Grid:
        """The environments of the project."""
        ranges = [node.python for node in self.all_nodes]
        if self.state.locked_python is not None:
            ranges.append(self.state.locked_python)
        return Grid(self._markers(), ranges, self.state.declared.python, sorted(self._extras))

    @property
    def _extras(self) -> set[str]:
        known = {*self.state.declared.extras, *map(canonicalize_name, self.state.lock.extras)}
        return known | {*(self.before.declared.extras if self.before else ())}

    def _markers(self) -> Iterator[BaseMarker]:
        for side in (self.state, self.before):
            if side is not None:
                yield from (requirement.marker for requirement in side.requirements)
        for node in self.all_nodes:
            yield from (edge.marker for edge in node.edges)
            if self.has_groups:
                yield from self.old_markers(node).values()

    def old_markers(self, node: Node) -> dict[str, BaseMarker]:
        """Return the markers of a pin of format 2.1, by group."""
        return {
            str(name): marker
            for name, marker in equal_meaning.markers_by_group(node.entry, node.old_groups).items()
        }

    @cached_property
    def old_masks(self) -> dict[int, Masks]:
        """The environments of each pin according to the lock, by group (format 2.1)."""
        return {
            node.number: {
                group: self.grid.where(marker) for group, marker in self.old_markers(node).items()
            }
            for node in self.all_nodes
        }

    @cached_property
    def old_totals(self) -> dict[int, int] | None:
        """The environments of each pin according to the lock; None before format 2.1."""
        if not self.has_groups:
            return None
        totals = {}
        for number, masks in self.old_masks.items():
            totals[number] = 0
            for mask in masks.values():
                totals[number] |= mask
        return totals

    @cached_property
    def walk(self) -> Walk:
        """The walk over the pins."""
        return Walk(self.grid, self.nodes, self.state.never_locked)

    def roots(self, side: ProjectState) -> tuple[Root, ...]:
        """Return the requirements of this manifest, or of the one before."""
        found = roots_of(side.requirements, self.nodes, self.grid, has_groups=self.has_groups)
        return tuple(found)

    @cached_property
    def reach(self) -> Reach | None:
        """Where each pin is installed for the present manifest."""
        return self.walk.reach(self.roots(self.state), self.old_totals)

    @cached_property
    def reach_before(self) -> Reach | None:
        """Where each pin was installed for the manifest that the lock was made for, if known."""
        if self.before is None:
            return None
        return self.walk.reach(self.roots(self.before), self.old_totals)

    @cached_property
    def is_lock_of_before(self) -> bool:
        """Whether the lock has the extras, Pythons and groups of the manifest before.

        It has not if its hash was edited by hand, or was kept by a merge from one side. Then the
        manifest of that hash says nothing about the pins.
        """
        if self.before is None:
            return False
        declared, locked = self.before.declared, self.state.lock.extras
        is_same_range = self.locked_python is None or notation.same_constraints(
            str(self.locked_python), str(declared.python)
        )
        return (
            is_same_range
            and {extra: normalized(names) for extra, names in declared.extras.items()}
            == {str(canonicalize_name(extra)): normalized(names) for extra, names in locked.items()}
            and self._installs_before
        )

    @property
    def _installs_before(self) -> bool:
        """Whether the lock installs, in each group, what the manifest before needs in it."""
        reach = self.reach_before
        if reach is None or not self.has_groups:
            return reach is not None
        return not any(
            mask & ~self.old_masks[node.number].get(group, 0)
            for node in self.all_nodes
            for group, mask in reach.of(node).items()
            if group != REQUIRED
        )

    @property
    def extras(self) -> dict[str, list[str]]:
        """The table ``[extras]`` as Poetry writes it."""
        declared = self.state.declared
        pretty = {one.name: one.dependency.pretty_name for one in declared.requirements}
        return {
            name: sorted(pretty.get(one, one) for one in names)
            for name, names in sorted(declared.extras.items())
        }

    @cached_property
    def locked_python(self) -> VersionConstraint | None:
        """The Pythons that the lock was made for."""
        return self.state.locked_python


def project(manifest: Manifest, lock: Lock, before: Manifest | None) -> KeptProject:
    """Read manifest and lock. Raises ManifestError if poetry-core cannot read the manifest."""
    earlier = None if before is None else project_state(before, lock)
    return KeptProject(state=project_state(manifest, lock), before=earlier)


def in_main_first(group: str) -> tuple[bool, str]:
    """Return a key that sorts groups as Poetry does."""
    return group != "main", group


def all_requirements(side: ProjectState) -> tuple[Requirement, ...]:
    """Return the requirements that a lock must satisfy."""
    return side.requirements
