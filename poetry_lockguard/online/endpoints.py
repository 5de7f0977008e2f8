"""How one source of pins is asked: by its ways in order, each given up once it proves useless."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from poetry_lockguard.freshness.releases.answers import Absent, PageAnswer, Unreached
from poetry_lockguard.index.failures import SourceFailure
from poetry_lockguard.online import page_reader

if TYPE_CHECKING:
    from collections.abc import Iterable

    from poetry_lockguard.index.repositories import CachingRepository
    from poetry_lockguard.online.page_reader import Wanted

STRIKES = 3  #: failures of single pages after which a way that never answered is given up


class SourceEndpoint:
    """One address that may answer for a source.

    Until it has answered once, it is asked one thing at a time: a host that is down, or is no
    index, costs a few requests and not one for each pin. ``where`` is what it is called as the
    one that said something of a pin.
    """

    def __init__(self, name: str, where: str, repository: CachingRepository) -> None:
        self.name = name
        self._where = where
        self._repository = repository
        self._gate = threading.Lock()
        self._answers = False
        self._strikes = 0
        self.useless: SourceFailure | None = None

    def ask(self, wanted: Wanted) -> PageAnswer | Absent:
        """Ask about one package; raises SourceFailure."""
        if self._answers:
            return self._asked(wanted)
        with self._gate:
            if not self._answers:
                return self._tried(wanted)
        return self._asked(wanted)

    def _tried(self, wanted: Wanted) -> PageAnswer | Absent:
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

    def _asked(self, wanted: Wanted) -> PageAnswer | Absent:
        where = self._where
        page = self._repository.ask(
            wanted.name,  # type: ignore[arg-type]  # names of locks are normalized
            lambda response: page_reader.read(response, wanted, where),
        )
        return Absent(where=where) if page is None else page


@dataclass(frozen=True, slots=True)
class EndpointFailed:
    """No way led to an answer; ``met`` is what each that was tried said."""

    met: tuple[tuple[SourceEndpoint, SourceFailure], ...]


class SourceEndpoints:
    """Where pins come from: what messages call it, its ways, and why others were none.

    ``is_sure`` says that a way to it has been asked for what every such index has.
    """

    def __init__(
        self,
        name: str,
        ways: tuple[SourceEndpoint, ...] = (),
        reasons: tuple[tuple[str, str], ...] = (),
        *,
        is_sure: bool = False,
    ) -> None:
        self._name = name
        self._ways = ways
        self._is_sure = is_sure
        self._reasons = reasons
        self._absent: set[str] = set()
        self._has_any = False

    def ask(self, wanted: Wanted) -> PageAnswer | Absent | EndpointFailed:
        """Ask each way until one answers."""
        met = []
        for way in self._ways:
            try:
                answer = way.ask(wanted)
            except SourceFailure as failure:  # noqa: PERF203 - a way is no hot loop
                met.append((way, failure))
            else:
                if isinstance(answer, Absent):
                    self._absent.add(wanted.name)
                else:
                    self._has_any = True
                return answer
        return EndpointFailed(tuple(met))

    def understood(
        self, answer: PageAnswer | Absent | EndpointFailed
    ) -> PageAnswer | Absent | Unreached:
        """Say, once all is asked, what an answer means.

        A way that never answered is told of in the same words for every pin. An index that has
        none of several packages is most likely none.
        """
        if isinstance(answer, EndpointFailed):
            said = [(way.name, str(way.useless or failure)) for way, failure in answer.met]
            return Unreached(where=self._name, reason=_joined([*self._reasons, *said]))
        is_known = self._is_sure or self._has_any
        if isinstance(answer, Absent) and not is_known and len(self._absent) > 1:
            reason = f"it has none of {len(self._absent)} packages; check its address"
            return Unreached(where=self._name, reason=reason)
        return answer


def _joined(reasons: Iterable[tuple[str, str]]) -> str:
    """Put reasons into one sentence; those that speak of the same host's answer only once."""
    by_reason: dict[str, str] = {}
    for name, reason in reasons:
        by_reason.setdefault(reason, name)
    if len(by_reason) == 1:
        return next(iter(by_reason))
    return "; ".join(f"{name}: {reason}" for reason, name in by_reason.items())
