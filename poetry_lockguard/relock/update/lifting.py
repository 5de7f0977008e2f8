"""Lifts pins with a known vulnerability: all at once where that works, else those that can be.

    lifted = lift(manifest, {"urllib3": ["2.2.2", "2.5.0"]}, request, io)

The versions are the lowest ones that no advisory affects, the lowest first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cleo.io.null_io import NullIO
from poetry.core.constraints.version import Version

from poetry_lockguard.relock.fix_outcomes import NotFixed
from poetry_lockguard.relock.update.moves import Move
from poetry_lockguard.relock.update.updating import update
from poetry_lockguard.repair.ladder import Conflict, Failed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.relock.fix_progress import ErrorLines
    from poetry_lockguard.relock.fix_request import FixRequest
    from poetry_lockguard.relock.update.updating import UpdateOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldDown:
    """A vulnerable pin that could not be lifted, and why."""

    package: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifted:
    """What became of the lock, and the pins that stay vulnerable."""

    outcome: UpdateOutcome
    held: tuple[HeldDown, ...] = ()


def lift(
    manifest: Manifest, lowest: Mapping[str, Sequence[str]], request: FixRequest, io: ErrorLines
) -> Lifted:
    """Move each package to the lowest possible version; write the lock once.

    If not all can move together, they are tried one after the other, each beside those that could.
    """
    outcome = update(manifest, [_to(name, lowest[name][0]) for name in sorted(lowest)], request, io)
    if not isinstance(outcome, NotFixed) or not _is_refusal(outcome):
        return Lifted(outcome=outcome)
    chosen: list[Move] = []
    held: list[HeldDown] = []
    trial = replace(request, dry_run=True)
    for name in sorted(lowest):
        reason = ""
        for version in lowest[name]:
            tried = update(manifest, [*chosen, _to(name, version)], trial, NullIO())
            if not isinstance(tried, NotFixed):
                chosen.append(_to(name, version))
                break
            reason = reason or _reason(tried)
        else:
            held.append(HeldDown(package=name, reason=reason))
    if chosen:
        outcome = update(manifest, chosen, request, io)
    return Lifted(outcome=outcome, held=tuple(held))


def _to(name: str, version: str) -> Move:
    return Move(name=name, version=Version.parse(version))


def _is_refusal(outcome: NotFixed) -> bool:
    """Whether the update is impossible, and did not fail for a stale lock or the network."""
    last = outcome.attempts[-1].outcome if outcome.attempts else None
    return isinstance(last, Conflict) or (isinstance(last, Failed) and not last.network)


def _reason(outcome: NotFixed) -> str:
    match outcome.attempts[-1].outcome if outcome.attempts else None:
        case Conflict(headline=headline):
            return headline
        case Failed(reason=reason):
            return reason
        case _:
            return "it could not be tried"
