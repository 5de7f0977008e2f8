"""The fewest pins that have to move, from the sets of pins that cannot all stay.

A solver that may not move some pins fails for a reason, and the pins in that reason are a core: at
least one of them has to move. The pins that move in any solution hit every core, so the smallest
set that hits all of them is a lower bound; if moving that set is enough, it is the optimum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Core = frozenset[str]
EXACT = 8  #: a larger set is found greedily: so many forced moves nobody counts


def fewest(cores: Sequence[Core]) -> frozenset[str]:
    """Return a smallest set that has a member in common with each core, by name among equals."""
    for size in range(EXACT + 1):
        found = [*_within(cores, size)]
        if found:
            return min(found, key=sorted)
    return _greedy(cores)


def _within(cores: Sequence[Core], size: int) -> Iterator[frozenset[str]]:
    """Yield the sets of at most ``size`` names that hit every core."""
    if not cores:
        yield frozenset()
        return
    if size == 0:
        return
    for name in min(map(sorted, cores), key=len):
        rest = [core for core in cores if name not in core]
        for more in _within(rest, size - 1):
            yield more | {name}


def _greedy(cores: Sequence[Core]) -> frozenset[str]:
    """Take the name in the most cores, until all are hit."""
    chosen: set[str] = set()
    left = [*cores]
    while left:
        names = sorted({name for core in left for name in core})
        best = max(names, key=lambda name: sum(name in core for core in left))
        chosen.add(best)
        left = [core for core in left if best not in core]
    return frozenset(chosen)
