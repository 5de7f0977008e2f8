"""The mirrors of one Poetry command, in order, with failover for each request.

A command of Poetry cannot be restarted on another endpoint, as ``failover`` does with the plugin's
own work. So every single request fails over to the next mirror.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from poetry_lockguard.index.failures import UnusableAnswer, recognised
from poetry_lockguard.mirrors.in_turn import in_turn
from poetry_lockguard.poetry_api.imports.repository_errors import PackageNotFoundError
from poetry_lockguard.poetry_api.plain_errors import plain
from poetry_lockguard.urls import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from poetry_lockguard.index.repositories import CachingRepository

Result = TypeVar("Result")
OF_ONE_REQUEST = frozenset({403, 404, 410})  #: statuses that say nothing about the next request


@dataclass(frozen=True, slots=True, eq=False)
class Mirror:
    """One mirror; ``name`` appears in messages, and failures ``by_auto`` are only shown with -v."""

    name: str
    source: CachingRepository
    by_auto: bool = False


class RequestFailover:
    """The mirrors in order, and which of them failed for good.

    ``tell`` is called with a sentence when a mirror fails and another takes over.
    """

    def __init__(
        self, mirrors: tuple[Mirror, ...], advice: str, tell: Callable[[Mirror, str], None]
    ) -> None:
        self.mirrors = mirrors
        self._advice = advice
        self._tell = tell
        self._failed: dict[Mirror, str] = {}
        self._told: set[Mirror] = set()
        self._lock = threading.Lock()

    def first(self, work: Callable[[Mirror], Result], *, of: Mirror | None = None) -> Result:
        """Return the result of ``work`` for the first mirror that succeeds; ``of`` is tried first.

        Raises PackageNotFoundError if all mirrors that answered say so, and an error with every
        mirror's reason if at least one failed and none succeeded.
        """
        return next(self.each(work, of=of))[1]

    def each(
        self, work: Callable[[Mirror], Result], *, of: Mirror | None = None
    ) -> Iterator[tuple[Mirror, Result]]:
        """Yield the result of ``work`` for each mirror in turn; raises as ``first`` does."""
        reasons: list[tuple[Mirror, str]] = []
        missing: list[str] = []

        def note(mirror: Mirror, error: Exception) -> bool:
            if isinstance(error, PackageNotFoundError):
                missing.append(str(error))
                reasons.append((mirror, "it does not have it"))
            elif (reason := self._reason(mirror, error)) is not None:
                reasons.append((mirror, reason))
            else:
                return False
            return True

        served = False
        for mirror, result in in_turn(self._usable(of, reasons), work, note):
            served = True
            yield mirror, result
        if served:
            return
        if missing and len(missing) == len(reasons):
            raise PackageNotFoundError(missing[0])
        raise self._nobody(reasons)

    def _usable(self, first: Mirror | None, reasons: list[tuple[Mirror, str]]) -> Iterator[Mirror]:
        """Yield the mirrors that have not failed for good; add the others to ``reasons``."""
        for mirror in sorted(self.mirrors, key=lambda one: one is not first):
            if mirror in self._failed:
                reasons.append((mirror, self._failed[mirror]))
            else:
                yield mirror

    def _reason(self, mirror: Mirror, error: Exception) -> str | None:
        """Return why ``mirror`` failed, or None if another error occurred; exclude a failed mirror.

        A failure of this request alone does not exclude the mirror. The exception itself is not
        kept, because it would keep all of its traceback's frames alive.
        """
        failure = recognised(error)
        if failure is None:
            return None
        reason = str(failure)
        is_small = isinstance(failure, UnusableAnswer) or (
            failure.status in OF_ONE_REQUEST and mirror.source.has_answered
        )
        with self._lock:
            if not is_small:
                self._failed.setdefault(mirror, reason)
            is_last = {*self.mirrors} == {*self._failed, mirror}
            is_news = mirror not in self._told and not is_last
            self._told.add(mirror)
        if is_news:
            self._tell(mirror, reason)
        return reason

    def _nobody(self, reasons: list[tuple[Mirror, str]]) -> Exception:
        lines = "".join(f"\n  {redact(f'{mirror.name}: {reason}')}" for mirror, reason in reasons)
        return plain(f"No mirror could provide what this command needs:{lines}\n{self._advice}")
