"""Which pins a derived file has, and under which marker each, as ``lock_selection`` decides it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from poetry_lockguard.exports import marker_trees
from poetry_lockguard.exports.marker_trees import ALWAYS, NEVER
from poetry_lockguard.names import normalized

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from poetry_lockguard.exports.marker_trees import MarkerTree
    from poetry_lockguard.exports.quick.index_pins import IndexPin

MAIN = "main"


class MarkedPin(NamedTuple):
    """A pin, and the marker under which it is installed; empty if it always is."""

    pin: IndexPin
    marker: str


def chosen(
    pins: Iterable[IndexPin], groups: Collection[str], extras: Collection[str]
) -> list[MarkedPin]:
    """Return the pins of these groups and extras; raises OddMarkerError."""

    def united(markers: Mapping[str, str]) -> MarkerTree:
        return marker_trees.any_of(
            _parsed(text) for group, text in markers.items() if group in groups
        )

    def extra(name: str) -> MarkerTree:
        return ALWAYS if normalized(name) in extras else NEVER

    return _ordered(
        MarkedPin(pin, marker_trees.text(tree))
        for pin in pins
        if (tree := marker_trees.with_extras(united(pin.markers), extra)) != NEVER
    )


def for_everybody(pins: Iterable[IndexPin]) -> list[MarkedPin]:
    """Return all pins, with markers that ask for groups and extras; raises OddMarkerError."""
    return _ordered(_offered(pins))


def _offered(pins: Iterable[IndexPin]) -> Iterator[MarkedPin]:
    for pin in pins:
        trees = (_in_group(group, _parsed(text)) for group, text in pin.markers.items())
        tree = marker_trees.with_extras(marker_trees.any_of(trees), "'{}' in extras".format)
        if tree != NEVER:
            yield MarkedPin(pin, marker_trees.text(tree))


def _in_group(group: str, tree: MarkerTree) -> MarkerTree:
    if group == MAIN:
        return tree
    return marker_trees.all_of([f"'{group}' in dependency_groups", tree])


@lru_cache(maxsize=4096)
def _parsed(text: str) -> MarkerTree:
    return marker_trees.parse(text)


def _ordered(found: Iterable[MarkedPin]) -> list[MarkedPin]:
    """Return the pins by name, the latest version of each first."""
    pins = [*found]
    if len({one.pin.name for one in pins}) != len(pins):
        from packaging.version import Version

        pins.sort(key=lambda one: (Version(one.pin.version), one.pin.version), reverse=True)
    return sorted(pins, key=lambda one: one.pin.name)
