"""The stand-ins of one Poetry command, in order: what one fails to do, the next is asked for.

A command of Poetry's cannot be begun anew on another route, as ``routes`` does with our own work:
so here every single request falls over.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from poetry_lockguard.index.failures import UnusableAnswer, recognised
from poetry_lockguard.poetry_api.imports.repository_errors import PackageNotFoundError
from poetry_lockguard.poetry_api.plain_errors import plain
from poetry_lockguard.urls import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from poetry_lockguard.index.repositories import CachingRepository

Result = TypeVar("Result")
OF_ONE_REQUEST = frozenset({403, 404, 410})  #: statuses that say nothing of the next request


@dataclass(frozen=True, slots=True, eq=False)
class Mirror:
    """One stand-in: ``name`` is for people; nobody waits to hear of one that ``by_auto`` is in."""

    name: str
    source: CachingRepository
    by_auto: bool = False


class RequestFailover:
    """The members in order, and which of them failed for good.

    ``tell`` is called with a sentence when a member fails and another takes over.
    """

    def __init__(
        self, members: tuple[Mirror, ...], advice: str, tell: Callable[[Mirror, str], None]
    ) -> None:
        self.members = members
        self._advice = advice
        self._tell = tell
        self._failed: dict[Mirror, str] = {}
        self._told: set[Mirror] = set()
        self._lock = threading.Lock()

    def first(self, work: Callable[[Mirror], Result], *, of: Mirror | None = None) -> Result:
        """Return what ``work`` gives at the first member that does it, ``of`` before all others.

        Raises PackageNotFoundError when all that answered say so, and an error with every
        member's reason when one failed and none did it.
        """
        return next(self.each(work, of=of))[1]

    def each(
        self, work: Callable[[Mirror], Result], *, of: Mirror | None = None
    ) -> Iterator[tuple[Mirror, Result]]:
        """Yield what ``work`` gives at one member after the other; raises as ``first`` does."""
        reasons: list[tuple[Mirror, str]] = []
        missing: list[str] = []
        served = False
        for member in sorted(self.members, key=lambda one: one is not of):
            if member in self._failed:
                reasons.append((member, self._failed[member]))
                continue
            try:
                result = work(member)
            except PackageNotFoundError as error:
                missing.append(str(error))
                reasons.append((member, "it does not have it"))
            except Exception as error:
                reason = self._reason(member, error)
                if reason is None:
                    raise
                reasons.append((member, reason))
            else:
                served = True
                yield member, result
        if served:
            return
        if missing and len(missing) == len(reasons):
            raise PackageNotFoundError(missing[0])
        raise self._nobody(reasons)

    def _reason(self, member: Mirror, error: Exception) -> str | None:
        """Say why ``member`` failed, if that is a source's failure; never ask it again, if it is.

        What fits only this request is no reason for that. The failure itself is not kept: it
        holds on to everything that was under way.
        """
        failure = recognised(error)
        if failure is None:
            return None
        reason = str(failure)
        is_small = isinstance(failure, UnusableAnswer) or (
            failure.status in OF_ONE_REQUEST and member.source.has_answered
        )
        with self._lock:
            if not is_small:
                self._failed.setdefault(member, reason)
            is_last = {*self.members} == {*self._failed, member}
            is_news = member not in self._told and not is_last
            self._told.add(member)
        if is_news:
            self._tell(member, reason)
        return reason

    def _nobody(self, reasons: list[tuple[Mirror, str]]) -> Exception:
        lines = "".join(f"\n  {redact(f'{member.name}: {reason}')}" for member, reason in reasons)
        return plain(f"No mirror could give what this command needs:{lines}\n{self._advice}")
