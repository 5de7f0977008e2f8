"""The worklist of every walk over dependencies.

Where a walk tells environments apart, a set of them is an integer: bit ``n`` stands for
environment ``n``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Node = TypeVar("Node")


class Frontier(Generic[Node]):
    """The nodes that a walk still has to visit, each with the environments that are new to it.

    Iterate over it and call ``reach`` meanwhile for what the visited node leads to. A node is
    visited again only if it was reached in environments in which it had not been reached before.
    ``reached`` are the environments of each node, in the order in which the nodes were first seen.
    """

    def __init__(self) -> None:
        self.reached: dict[Node, int] = {}
        self._waiting: dict[Node, int] = {}

    def reach(self, node: Node, where: int = 1) -> None:
        """Note that ``node`` is reached in these environments."""
        known = self.reached.get(node, 0)
        if new := where & ~known:
            self.reached[node] = known | new
            self._waiting[node] = self._waiting.get(node, 0) | new

    def __iter__(self) -> Iterator[tuple[Node, int]]:
        """Yield each waiting node with the environments in which it was not yet visited."""
        while self._waiting:
            yield self._waiting.popitem()


def reachable(starts: Iterable[Node], below: Callable[[Node], Iterable[Node]]) -> tuple[Node, ...]:
    """Return all nodes from ``starts`` down, each once; ``below`` gives those next to a node."""
    frontier: Frontier[Node] = Frontier()
    for start in starts:
        frontier.reach(start)
    for node, _ in frontier:
        for following in below(node):
            frontier.reach(following)
    return tuple(frontier.reached)
