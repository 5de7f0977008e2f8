"""Builds the markers of a pin whose environments changed, as Poetry builds them.

A pin is installed where something that needs it is installed and the marker of that need is true;
its marker is the union over all that needs it. The marker of a pin for which nothing changed is
taken from the lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.lockfile.notation import when_extras
from poetry_lockguard.repair.keep.reachable import REQUIRED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry.core.version.markers import BaseMarker

    from poetry_lockguard.repair.keep.kept_project import KeptProject
    from poetry_lockguard.repair.keep.pin_graph import Node
    from poetry_lockguard.repair.keep.reachable import Reach

    State = tuple[int, str]
    Key = tuple[int, str, str]


class Markers:
    """The markers of one lock's pins, by group."""

    def __init__(self, project: KeptProject, reach: Reach) -> None:
        self._project = project
        self._reach = reach
        self._roots = project.roots(project.state)
        self._known: dict[Key, BaseMarker] = {}
        self._parents = self._all_parents()

    def of(self, node: Node, group: str) -> BaseMarker | None:
        """Return the exact marker for a group, or None if none is found."""
        wanted = self._reach.of(node)[group]
        if wanted == self._project.grid.full:
            from poetry.core.version.markers import AnyMarker

            return AnyMarker()
        found = self._marker((node.number, "", group))
        for candidate in (self._reduced(found), found):
            if self._where(candidate) == wanted:
                return candidate
        return self._within_old(found, node, wanted)

    def _within_old(self, found: BaseMarker, node: Node, wanted: int) -> BaseMarker | None:
        """Restrict the marker to the environments that the lock has for this version.

        The project's extras may have changed since; what tells versions apart are the others.
        """
        before = self._before(node)
        for part in (before.without_extras().intersect(found), found.intersect(before)):
            for candidate in (self._reduced(part), part):
                if self._where(candidate) == wanted:
                    return candidate
        return None

    def _reduced(self, marker: BaseMarker) -> BaseMarker:
        """Leave out what is true for all Pythons of the project, as Poetry does."""
        return marker.reduce_by_python_constraint(self._project.grid.python)

    def _where(self, marker: BaseMarker) -> int:
        try:
            return self._project.grid.where(marker)
        except KeyError:
            return -1

    def _marker(self, key: Key) -> BaseMarker:
        """Return a pin's marker, once those of all that need it are known.

        Where packages require each other, markers grow until they say nothing new: to follow
        every way through a circle would take as long as there are ways.
        """
        from poetry.core.version.markers import EmptyMarker

        order = self._unknown(key)
        for one in order:
            self._known[one] = EmptyMarker()
        place = {one: number for number, one in enumerate(order)}
        late = {  # markers that are asked for before they are built: of circles
            above
            for one in order
            for above, _ in self._needed_by(one)
            if place.get(above, -1) > place[one]
        }
        growing = True
        while growing:
            growing = False
            for one in order:
                found = self._united(one)
                if self._where(found) != self._where(self._known[one]):
                    self._known[one] = found
                    growing = growing or one in late
        return self._known[key]

    def _unknown(self, key: Key) -> list[Key]:
        """Return it and all that needs it, as far as not known yet, what is needed last."""
        order: dict[Key, None] = {}
        entered: set[Key] = set()
        ahead = [key]
        while ahead:
            one = ahead[-1]
            if one in entered:
                order.setdefault(ahead.pop())
                continue
            entered.add(one)
            ahead += [
                above
                for above, _ in self._needed_by(one)
                if above not in entered and above not in self._known
            ]
        return [*order]

    def _united(self, key: Key) -> BaseMarker:
        from poetry.core.version.markers import EmptyMarker

        number, extra, group = key
        node = self._project.by_number[number]
        if not extra and self._is_unchanged(node, group):
            return self._project.old_markers(node)[group]
        found: BaseMarker = EmptyMarker()
        for part in self._parts(node, extra, group):
            found = found.union(part)
        return self._without_others(found, key)

    def _without_others(self, found: BaseMarker, key: Key) -> BaseMarker:
        """Restrict a marker to where a requirement that several pins fit takes this one."""
        number, extra, group = key
        node, where = self._project.by_number[number], self._where(found)
        wanted = self._reach.masks.get((number, extra), {}).get(group, 0)
        if len(self._project.nodes[node.name]) == 1 or where == -1 or not where & ~wanted:
            return found
        before = self._before(node)
        part = before.without_extras().intersect(found)
        return found if where & wanted & ~self._where(part) else part

    def _before(self, node: Node) -> BaseMarker:
        """Return where the lock has a pin, for whatever group."""
        from poetry.core.version.markers import MarkerUnion

        old = self._project.old_markers(node)
        return MarkerUnion.of(*(old[name] for name in sorted(old)))

    def _needed_by(self, key: Key) -> Iterator[tuple[Key, BaseMarker]]:
        """Yield what needs it in a group, with the marker of the need."""
        number, extra, group = key
        if not extra and self._is_unchanged(self._project.by_number[number], group):
            return
        for (parent, feature), marker in self._parents.get((number, extra), ()):
            if self._reach.masks.get((parent, feature), {}).get(group) and (
                (parent, feature) != (number, extra)
            ):
                yield (parent, feature, group), marker

    def _is_unchanged(self, node: Node, group: str) -> bool:
        old = self._project.old_masks[node.number].get(group, 0)
        return bool(old) and old == self._reach.of(node).get(group, 0)

    def _parts(self, node: Node, extra: str, group: str) -> Iterator[BaseMarker]:
        from poetry.core.version.markers import parse_marker

        for root in self._roots:
            needed = root.requirement
            if (
                needed.group != group
                or node.number not in root.fitting
                or not root.where
                or (extra and extra not in needed.features)
            ):
                continue
            marker = needed.marker
            if needed.in_extras:
                chosen = " or ".join(f'extra == "{name}"' for name in needed.in_extras)
                marker = marker.intersect(parse_marker(chosen))
            yield marker
        for above, marker in self._needed_by((node.number, extra, group)):
            yield self._known[above].intersect(marker)

    def _all_parents(self) -> dict[State, list[tuple[State, BaseMarker]]]:
        found: dict[State, list[tuple[State, BaseMarker]]] = {}
        walk = self._project.walk
        for (number, feature), masks in self._reach.masks.items():
            if not any(mask for group, mask in masks.items() if group != REQUIRED):
                continue
            node = self._project.by_number[number]
            for edge, _, asked in walk.needs(node, feature):
                for other in self._project.nodes.get(edge.name, ()):
                    if not other.allows(edge):
                        continue
                    marker = self._plain(edge.marker, feature, node)
                    for extra in ("", *asked):
                        found.setdefault((other.number, extra), []).append(
                            ((number, feature), marker)
                        )
        return found

    @staticmethod
    def _plain(marker: BaseMarker, feature: str, node: Node) -> BaseMarker:
        """Return an edge's marker without the pin's own extras, which are known here."""
        if "extra" not in str(marker):
            return marker
        return when_extras(marker, node.locked.expanded({feature} if feature else ()))
