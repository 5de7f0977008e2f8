"""The ladder is climbed gentlest first, and never further than it helps."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from poetry_lockguard.repair.ladder import (
    Conflict,
    Declined,
    Failed,
    Hopeless,
    Outcome,
    OutOfTime,
    Solved,
    Strategy,
    climb,
)


@dataclass(frozen=True, slots=True)
class Scripted:
    """A strategy whose outcome is known."""

    name: str
    outcome: Outcome
    online: bool = True

    def attempt(self) -> Outcome:
        return self.outcome


def rungs(*outcomes: Outcome) -> list[Strategy]:
    return [
        Scripted("offline", outcomes[0], online=False),
        *(Scripted(f"rung {n}", outcome) for n, outcome in enumerate(outcomes[1:], start=2)),
    ]


SOLVED, DECLINED, FAILED = Solved("lock"), Declined("not for me"), Failed("tripped")
CUT_OFF, CONFLICT = Failed("no network", network=True), Conflict("because a needs b")
SKIPPED, LATE = Declined("the network has just failed"), Declined("the time limit has run out")
OUT_OF_TIME, HOPELESS = OutOfTime("too slow"), Hopeless("no such folder", remedy="make it")

STORIES: dict[str, tuple[list[Outcome], list[Outcome]]] = {
    "the first that solves ends it": ([SOLVED, SOLVED], [SOLVED]),
    "one that declines gives way": ([DECLINED, SOLVED], [DECLINED, SOLVED]),
    "one that fails gives way": ([DECLINED, FAILED, SOLVED], [DECLINED, FAILED, SOLVED]),
    "a conflict ends it at once": ([DECLINED, CONFLICT, SOLVED], [DECLINED, CONFLICT]),
    "a failed network is not asked for more": (
        [DECLINED, CUT_OFF, SOLVED, SOLVED],
        [DECLINED, CUT_OFF, SKIPPED, SKIPPED],
    ),
    "after the time limit nothing asks the network": (
        [DECLINED, OUT_OF_TIME, SOLVED],
        [DECLINED, OUT_OF_TIME, LATE],
    ),
    "what no strategy can help ends it at once": ([HOPELESS, SOLVED], [HOPELESS]),
    "nothing helps": ([DECLINED, FAILED], [DECLINED, FAILED]),
}


@pytest.mark.parametrize(("given", "expected"), STORIES.values(), ids=STORIES)
def test_ladder(given: list[Outcome], expected: list[Outcome]) -> None:
    attempts = [*climb(rungs(*given))]

    assert [attempt.outcome for attempt in attempts] == expected


def test_offline_forbids_every_rung_that_asks_the_network() -> None:
    attempts = [*climb(rungs(DECLINED, SOLVED), offline=True)]

    reason = "it needs the network, and --offline forbids it"
    assert [attempt.outcome for attempt in attempts] == [
        DECLINED,
        Declined(reason, is_offline=True),
    ]


def test_each_attempt_is_timed() -> None:
    ticks = iter((0.0, 1.5, 2.0, 2.25))

    attempts = [*climb(rungs(DECLINED, SOLVED), clock=lambda: next(ticks))]

    assert [attempt.seconds for attempt in attempts] == [1.5, 0.25]
