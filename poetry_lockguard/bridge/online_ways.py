"""How one source of pins is asked: by its ways in order, each given up once it proves useless."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from poetry_lockguard.bridge import online_pages
from poetry_lockguard.bridge.failures import SourceFailure
from poetry_lockguard.freshness.online import Absent, Page, Unreached

if TYPE_CHECKING:
    from collections.abc import Iterable

    from poetry_lockguard.bridge.online_pages import Wanted
    from poetry_lockguard.bridge.sources import Quick

STRIKES = 3  #: failures of single pages after which a way that never answered is given up


class Way:
    """One address that may answer for a source.

    Until it has answered once, it is asked one thing at a time: a host that is down, or is no
    index, costs a few requests and not one for each pin. ``where`` is what it is called as the
    one that said something of a pin.
    """

    def __init__(self, name: str, where: str, repository: Quick) -> None:
        self.name = name
        self._where = where
        self._repository = repository
        self._gate = threading.Lock()
        self._answers = False
        self._strikes = 0
        self.useless: SourceFailure | None = None

    def ask(self, wanted: Wanted) -> Page | Absent:
        """Ask about one package; raises SourceFailure."""
        if self._answers:
            return self._asked(wanted)
        with self._gate:
            if not self._answers:
                return self._tried(wanted)
        return self._asked(wanted)

    def _tried(self, wanted: Wanted) -> Page | Absent:
        if self.useless is not None:
            raise self.useless
        try:
            answer = self._asked(wanted)
        except SourceFailure as failure:
            self._strikes += 1
            if failure.status is None or self._strikes >= STRIKES:
                self.useless = failure
            raise
        self._answers = True
        return answer

    def _asked(self, wanted: Wanted) -> Page | Absent:
        where = self._where
        page = self._repository.ask(
            wanted.name,  # type: ignore[arg-type]  # names of locks are normalized
            lambda response: online_pages.read(response, wanted, where),
        )
        return Absent(where=where) if page is None else page


@dataclass(frozen=True, slots=True)
class Failed:
    """No way led to an answer; ``met`` is what each that was tried said."""

    met: tuple[tuple[Way, SourceFailure], ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Source:
    """Where pins come from: what messages call it, its ways, and why others were none."""

    name: str
    ways: tuple[Way, ...] = ()
    reasons: tuple[tuple[str, str], ...] = field(default=())

    def ask(self, wanted: Wanted) -> Page | Absent | Failed:
        """Ask each way until one answers."""
        met = []
        for way in self.ways:
            try:
                return way.ask(wanted)
            except SourceFailure as failure:  # noqa: PERF203 - a way is no hot loop
                met.append((way, failure))
        return Failed(tuple(met))

    def unreached(self, failed: Failed) -> Unreached:
        """Say why there is no answer; of a way that never answered, in the same words always."""
        said = [(way.name, str(way.useless or failure)) for way, failure in failed.met]
        return Unreached(where=self.name, reason=_joined([*self.reasons, *said]))


def _joined(reasons: Iterable[tuple[str, str]]) -> str:
    """Put reasons into one sentence; those that speak of the same host's answer only once."""
    by_reason: dict[str, str] = {}
    for name, reason in reasons:
        by_reason.setdefault(reason, name)
    if len(by_reason) == 1:
        return next(iter(by_reason))
    return "; ".join(f"{name}: {reason}" for reason, name in by_reason.items())
