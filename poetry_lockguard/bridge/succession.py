"""The stand-ins of one Poetry command, in order: what one fails to do, the next is asked for.

A command of Poetry's cannot be begun anew on another route, as ``routes`` does with our own work:
so here every single request falls over.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from poetry.repositories.exceptions import PackageNotFoundError

from poetry_lockguard.bridge.addresses import redact
from poetry_lockguard.bridge.failures import Unfit, recognised
from poetry_lockguard.bridge.plain import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from poetry_lockguard.bridge.sources import Quick

Result = TypeVar("Result")
OF_ONE_REQUEST = frozenset({403, 404, 410})  #: statuses that say nothing of the next request


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """One stand-in: ``name`` is for people; nobody waits to hear of one that ``by_auto`` is in."""

    name: str
    source: Quick
    by_auto: bool = False


class Succession:
    """The members in order, and which of them failed for good.

    ``tell`` is called with a sentence when a member fails and another takes over.
    """

    def __init__(
        self, members: tuple[Member, ...], advice: str, tell: Callable[[Member, str], None]
    ) -> None:
        self.members = members
        self._advice = advice
        self._tell = tell
        self._failed: dict[Member, str] = {}
        self._told: set[Member] = set()
        self._lock = threading.Lock()

    def first(self, work: Callable[[Member], Result], *, of: Member | None = None) -> Result:
        """Give what ``work`` gives at the first member that does it, ``of`` before all others.

        Raises PackageNotFoundError when all that answered say so, and an error with every
        member's reason when one failed and none did it.
        """
        return next(self.each(work, of=of))[1]

    def each(
        self, work: Callable[[Member], Result], *, of: Member | None = None
    ) -> Iterator[tuple[Member, Result]]:
        """Give what ``work`` gives at one member after the other; raises as ``first`` does."""
        reasons: list[tuple[Member, str]] = []
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

    def _reason(self, member: Member, error: Exception) -> str | None:
        """Say why ``member`` failed, if that is a source's failure; never ask it again, if it is.

        What fits only this request is no reason for that. The failure itself is not kept: it
        holds on to everything that was under way.
        """
        failure = recognised(error)
        if failure is None:
            return None
        reason = str(failure)
        is_small = isinstance(failure, Unfit) or (
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

    def _nobody(self, reasons: list[tuple[Member, str]]) -> Exception:
        lines = "".join(f"\n  {redact(f'{member.name}: {reason}')}" for member, reason in reasons)
        return plain(f"No mirror could give what this command needs:{lines}\n{self._advice}")
