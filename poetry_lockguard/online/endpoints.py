"""Asks one source of pins through its endpoints in order; useless endpoints are dropped."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from poetry_lockguard.freshness.releases.answers import Absent, PageAnswer, Unreached
from poetry_lockguard.index.failures import SourceFailure, UnusableAnswer
from poetry_lockguard.mirrors.in_turn import in_turn
from poetry_lockguard.online import page_reader

if TYPE_CHECKING:
    from collections.abc import Iterable

    from poetry_lockguard.index.repositories import CachingRepository
    from poetry_lockguard.online.page_reader import Wanted

STRIKES = 3  #: failures of single pages after which an endpoint that never answered is dropped


class SourceEndpoint:
    """One URL that may answer for a source.

    Until it has answered once, it gets one request at a time: a host that is down, or is not an
    index, costs a few requests and not one for each pin. Messages about a pin call it ``where``.
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
            is_one_page = failure.status is not None or isinstance(failure, UnusableAnswer)
            if not is_one_page or self._strikes >= STRIKES:
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
    """No endpoint answered; ``met`` pairs each endpoint that was tried with its failure."""

    met: tuple[tuple[SourceEndpoint, SourceFailure], ...]


class SourceEndpoints:
    """The endpoints of one source, its name in messages, and why other endpoints are unusable.

    ``is_sure`` if an endpoint was already asked for a package that every such index has.
    """

    def __init__(
        self,
        name: str,
        endpoints: tuple[SourceEndpoint, ...] = (),
        reasons: tuple[tuple[str, str], ...] = (),
        *,
        is_sure: bool = False,
    ) -> None:
        self._name = name
        self._endpoints = endpoints
        self._is_sure = is_sure
        self._reasons = reasons
        self._absent: set[str] = set()
        self._has_any = False

    def ask(self, wanted: Wanted) -> PageAnswer | Absent | EndpointFailed:
        """Ask each endpoint until one answers."""
        met: list[tuple[SourceEndpoint, SourceFailure]] = []

        def note(endpoint: SourceEndpoint, error: Exception) -> bool:
            if isinstance(error, SourceFailure):
                met.append((endpoint, error))
            return isinstance(error, SourceFailure)

        for _, answer in in_turn(self._endpoints, lambda endpoint: endpoint.ask(wanted), note):
            if isinstance(answer, Absent):
                self._absent.add(wanted.name)
            else:
                self._has_any = True
            return answer
        return EndpointFailed(tuple(met))

    def understood(
        self, answer: PageAnswer | Absent | EndpointFailed
    ) -> PageAnswer | Absent | Unreached:
        """Return what an answer means once all answers are known.

        Every pin of an endpoint that never answered gets the same reason. An index that has none of
        several packages is probably not an index.
        """
        if isinstance(answer, EndpointFailed):
            reasons = [
                (endpoint.name, str(endpoint.useless or failure))
                for endpoint, failure in answer.met
            ]
            return Unreached(where=self._name, reason=_joined([*self._reasons, *reasons]))
        is_known = self._is_sure or self._has_any
        if isinstance(answer, Absent) and not is_known and len(self._absent) > 1:
            reason = f"it has none of the {len(self._absent)} packages; check its URL"
            return Unreached(where=self._name, reason=reason)
        return answer


def _joined(reasons: Iterable[tuple[str, str]]) -> str:
    """Join reasons into one sentence; each distinct reason is given only once."""
    by_reason: dict[str, str] = {}
    for name, reason in reasons:
        by_reason.setdefault(reason, name)
    if len(by_reason) == 1:
        return next(iter(by_reason))
    return "; ".join(f"{name}: {reason}" for reason, name in by_reason.items())
