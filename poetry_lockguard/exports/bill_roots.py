"""Which parts of a bill of materials the project itself is said to need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.reachability import reachable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def roots(needed: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the fewest parts from which all others are reached: of a circle, its first part."""
    inner = {other for others in needed.values() for other in others}
    found = [ref for ref in needed if ref not in inner]
    reached = {*reachable(found, needed.__getitem__)}
    for ref in needed:
        if ref not in reached:
            found.append(ref)
            reached.update(reachable([ref], needed.__getitem__))
    return found
