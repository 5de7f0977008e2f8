"""Tries strategies, gentlest first, until one returns a lock. Writes nothing itself."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, NamedTuple, Protocol

if sys.version_info >= (3, 11):
    from typing import assert_never
else:
    from typing_extensions import assert_never

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class Solved(NamedTuple):
    """The text of a new lock, and a remark on how it was made.

    ``moved_up`` are the formats of the old and the new lock if the old format could not be kept.
    ``is_smallest``: it is the old lock with only the necessary changes.
    """

    lock_text: str
    reason: str = ""
    moved_up: tuple[str, str] | None = None
    is_smallest: bool = False


class Declined(NamedTuple):
    """The strategy does not apply to this case; the next one may.

    ``is_offline``: only because it needs the network and ``--offline`` forbids it.
    """

    reason: str
    is_offline: bool = False


class Failed(NamedTuple):
    """The strategy failed. After a ``network`` failure no strategy that needs it is tried.

    ``remedy`` says what a person can do about it; empty if another strategy may still succeed.
    """

    reason: str
    network: bool = False
    remedy: str = ""


class Hopeless(Failed):
    """The strategy failed for a reason that no strategy can fix."""

    __slots__ = ()


class OutOfTime(Failed):
    """The time limit ran out during the strategy."""

    __slots__ = ()


class UnknownPackage(NamedTuple):
    """A required package that no index has.

    ``by`` is the package that needs it, empty for the manifest; ``source`` the source that this
    package is bound to. ``is_of_build`` if only an isolated build needs it.
    """

    name: str
    by: str = ""
    source: str = ""
    is_of_build: bool = False

    @property
    def who(self) -> str:
        """Who needs it, for a sentence; empty for the manifest."""
        if self.is_of_build:
            return ", which is needed to build a dependency"
        return f", which {self.by} needs" if self.by else ""


class Conflict(NamedTuple):
    """The requirements cannot be satisfied together: no strategy can help.

    ``explanation`` is Poetry's, or for a conflict that ``is_certain`` without asking the network,
    one requirement a line. ``missing`` are required packages that no index has; without any,
    the requirements contradict one another. ``sentence`` says which, if that is known, and begins
    with one of them.
    """

    explanation: str
    missing: tuple[UnknownPackage, ...] = ()
    sentence: str = ""
    is_certain: bool = False

    @property
    def headline(self) -> str:
        """The conflict in one clause."""
        if self.missing:
            names = " or ".join(one.name for one in self.missing)
            return f"no index has a package called {names}{self.missing[0].who}"
        return self.sentence or "the requirements contradict one another"


_OFFLINE = Declined("it needs the network, and --offline forbids it", is_offline=True)
_LATE = Declined("the time limit has run out")
_UNREACHABLE = Declined("the network has just failed")

Outcome = Solved | Declined | Failed | Conflict


class Strategy(Protocol):
    """One way to make a new lock."""

    @property
    def name(self) -> str:
        """The strategy's name on the command line."""

    @property
    def online(self) -> bool:
        """Whether it needs the network."""

    def attempt(self) -> Outcome:
        """Try it, and return a failure as an outcome."""


class Attempt(NamedTuple):
    """The outcome of one strategy, and how long it took."""

    strategy: str
    outcome: Outcome
    seconds: float


def climb(
    strategies: Iterable[Strategy],
    *,
    offline: bool = False,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Attempt]:
    """Try each in turn, up to the first that solves the lock or finds a conflict.

    With ``offline``, or after the network has failed or the time limit has run out, no strategy
    that needs the network is tried: regenerating a lock because of a bad connection would move
    every pin for no reason.
    """
    barrier = _OFFLINE if offline else None
    for strategy in strategies:
        start = clock()
        outcome = barrier if barrier and strategy.online else strategy.attempt()
        yield Attempt(strategy=strategy.name, outcome=outcome, seconds=clock() - start)
        match outcome:
            case Solved() | Conflict() | Hopeless():
                return
            case OutOfTime():
                barrier = barrier or _LATE
            case Failed(network=network):
                barrier = barrier or (_UNREACHABLE if network else None)
            case Declined():
                pass
            case _:
                assert_never(outcome)
