"""Determines the environments of each pin, and the requirements that lead to it.

Poetry reads a package's dependencies for the environments known when it decides on the package. If
several requirements lead to it, under different markers, an early decision drops dependencies that
a later requirement would have needed (two locks of Poetry's own can differ in this). Such a pin's
entry does not prove what Poetry would find today.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from poetry.core.constraints.version import Version, parse_constraint
from poetry.core.packages.utils.utils import get_python_constraint_from_marker
from poetry.core.version.markers import AnyMarker, MarkerUnion, parse_marker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from poetry.core.constraints.version import VersionConstraint
    from poetry.core.version.markers import BaseMarker

    Pin = tuple[str, str]

ANY = AnyMarker()


class Contexts:
    """The environments of a lock's pins, extras not considered."""

    def __init__(self, lock: dict[str, Any], python: VersionConstraint) -> None:
        self._python = python
        entries = lock["package"]
        self._total = {_pin(entry): total for entry in entries if (total := _total(entry))}
        self._leaves = {_pin(entry) for entry in entries if not entry.get("dependencies")}
        self._ways = _ways(entries)

    def of(self, lock: dict[str, Any]) -> Contexts:
        """Return the environments of another lock's pins, for the same Pythons."""
        return Contexts(lock, self._python)

    @property
    def pins(self) -> Iterable[Pin]:
        """The pins of which the lock records the environments."""
        return self._total

    def total(self, pin: Pin) -> BaseMarker | None:
        """Return the environments the pin is for; ``None`` before format 2.1."""
        return self._total.get(pin)

    def is_settled(self, pin: Pin) -> bool:
        """Return whether the pin's entry does not depend on the order of its requirements."""
        total = self._total[pin]
        return pin in self._leaves or all(
            not self.exceeds(total, self._total.get(parent, ANY).intersect(marker))
            for parent, marker in self._among(pin)
        )

    def exceeds(self, context: BaseMarker, limit: BaseMarker) -> bool:
        """Return whether ``context`` has environments of this project outside ``limit``."""
        if limit.is_any() or context == limit:
            return False
        beyond = context.intersect(limit.invert())
        return not beyond.is_empty() and self._python.allows_any(
            get_python_constraint_from_marker(beyond)
        )

    def _among(self, pin: Pin) -> Iterator[tuple[Pin, BaseMarker]]:
        name, version = pin
        for constraint, parent, marker in self._ways.get(name, ()):
            if _parsed_constraint(constraint).allows(Version.parse(version)):
                yield parent, marker


def _pin(entry: dict[str, Any]) -> Pin:
    return canonicalize_name(entry["name"]), entry["version"]


def _total(entry: dict[str, Any]) -> BaseMarker | None:
    """Unite the markers of all groups."""
    if "groups" not in entry:
        return None
    written = entry.get("markers", "")
    texts = (
        {written.get(group, "") for group in entry["groups"]}
        if isinstance(written, dict)
        else {written}
    )
    return ANY if "" in texts else MarkerUnion.of(*(_parsed(text) for text in sorted(texts)))


def _ways(entries: list[dict[str, Any]]) -> dict[str, list[tuple[str, Pin, BaseMarker]]]:
    ways: dict[str, list[tuple[str, Pin, BaseMarker]]] = defaultdict(list)
    for entry in entries:
        parent = _pin(entry)
        for name, constraints in entry.get("dependencies", {}).items():
            for one in constraints if isinstance(constraints, list) else [constraints]:
                table = one if isinstance(one, dict) else {"version": one}
                marker = _parsed(table.get("markers", ""))
                ways[canonicalize_name(name)].append((table.get("version", "*"), parent, marker))
    return ways


@functools.cache
def _parsed(text: str) -> BaseMarker:
    return parse_marker(text).without_extras() if text else ANY


@functools.cache
def _parsed_constraint(text: str) -> VersionConstraint:
    return parse_constraint(text)
