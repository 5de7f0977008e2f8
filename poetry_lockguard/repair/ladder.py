"""Climbs strategies, gentlest first, up to the one that gives a lock. Touches nothing itself."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if sys.version_info >= (3, 11):
    from typing import assert_never
else:
    from typing_extensions import assert_never

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


@dataclass(frozen=True, slots=True)
class Solved:
    """A new lock's whole text, and what is worth saying about how it came about.

    ``moved_up`` are the formats of the old lock and of the new one where the old one's could not
    be kept. ``is_smallest``: it is the old lock, changed no more than it has to be.
    """

    lock_text: str
    reason: str = ""
    moved_up: tuple[str, str] | None = None
    is_smallest: bool = False


@dataclass(frozen=True, slots=True)
class Declined:
    """This strategy does not suit the case; the next one may.

    ``is_offline``: only because it needs the network and ``--offline`` forbids it.
    """

    reason: str
    is_offline: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """It was tried and came to nothing. After ``network``, nothing that asks it is tried."""

    reason: str
    network: bool = False


@dataclass(frozen=True, slots=True)
class Hopeless(Failed):
    """It failed for a reason that no strategy can do anything about; ``remedy`` is what can."""

    remedy: str = ""


@dataclass(frozen=True, slots=True)
class OutOfTime(Failed):
    """The time was over before it came to an end."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """The requirements cannot all be met: no strategy can help. Poetry's explanation.

    ``missing`` are required packages that no index has; without any, it is the requirements that
    contradict one another. ``sentence`` says which, if that is known, and begins with one of them.
    """

    explanation: str
    missing: tuple[str, ...] = ()
    sentence: str = ""

    @property
    def headline(self) -> str:
        """Say in one clause what is wrong."""
        if self.missing:
            return f"no index has a package called {' or '.join(self.missing)}"
        return self.sentence or "the requirements contradict one another"


_OFFLINE = Declined("it needs the network, and --offline forbids it", is_offline=True)
_LATE = Declined("the time is over")
_UNREACHABLE = Declined("the network has just failed")

Outcome = Solved | Declined | Failed | Conflict


class Strategy(Protocol):
    """One way to make a new lock."""

    @property
    def name(self) -> str:
        """The word for it on the command line."""

    @property
    def online(self) -> bool:
        """Whether it asks the network."""

    def attempt(self) -> Outcome:
        """Try it; what goes wrong is an outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One rung: what it gave, and how long it took."""

    strategy: str
    outcome: Outcome
    seconds: float


def climb(
    strategies: Iterable[Strategy],
    *,
    offline: bool = False,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Attempt]:
    """Try each in turn, up to the first that solves or meets a conflict.

    Nothing that asks the network is tried when ``offline``, nor once the network has failed or
    the time is over: a lock regenerated because of a bad connection would move every pin for no
    reason.
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
