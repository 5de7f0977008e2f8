"""Lifts pins with a known vulnerability: all at once where that works, else those that can be.

lifted = lift(manifest, vulnerable(manifest, lock, settings), request, io)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cleo.io.null_io import NullIO
from poetry.core.constraints.version import Version

from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.relock.fix_outcomes import NotFixed
from poetry_lockguard.relock.update.moves import Move
from poetry_lockguard.relock.update.updating import update
from poetry_lockguard.relock.update.vulnerable import HeldDown
from poetry_lockguard.repair.ladder import Conflict, Failed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.relock.fix_progress import ErrorLines
    from poetry_lockguard.relock.fix_request import FixRequest
    from poetry_lockguard.relock.update.updating import UpdateOutcome
    from poetry_lockguard.relock.update.vulnerable import Vulnerable


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifted:
    """What became of the lock, and the pins that stay vulnerable."""

    outcome: UpdateOutcome
    held: tuple[HeldDown, ...] = ()


def lift(manifest: Manifest, found: Vulnerable, request: FixRequest, io: ErrorLines) -> Lifted:
    """Move each package to the lowest possible version; write the lock once.

    Versions that no advisory names are found by taking the newest. If not all can move together to
    the lowest, all take the newest; if that fails, too, they are tried one after the other, each
    beside those that could.
    """
    names = sorted(found.lowest)
    outcome = update(manifest, [_candidates(found, name)[0] for name in names], request, io)
    if not isinstance(outcome, NotFixed) or not _is_refusal(outcome):
        return Lifted(outcome=outcome, held=_still_held(outcome, found))
    trial = request._replace(dry_run=True)
    newest = [Move(name=name) for name in names]
    if not _unsafe(update(manifest, newest, trial, NullIO()), found, names):
        return Lifted(outcome=update(manifest, newest, request, io))
    chosen: list[Move] = []
    held: list[HeldDown] = []
    for name in names:
        reason = ""
        for move in _candidates(found, name):
            tried = update(manifest, [*chosen, move], trial, NullIO())
            if not _unsafe(tried, found, [name]):
                chosen.append(move)
                break
            reason = reason or _reason(tried, found.reasons[name])
        else:
            held.append(HeldDown(package=name, reason=reason))
    if chosen:
        outcome = update(manifest, chosen, request, io)
    return Lifted(outcome=outcome, held=tuple(held))


def _candidates(found: Vulnerable, name: str) -> list[Move]:
    """Return what may lift a package, the smallest step first and the newest version last."""
    return [*(_to(name, version) for version in found.lowest[name]), Move(name=name)]


def _unsafe(outcome: UpdateOutcome, found: Vulnerable, names: Sequence[str]) -> list[str]:
    """Return which of the packages an update would leave with an advisory."""
    if isinstance(outcome, NotFixed):
        return [*names]
    lock = parse(outcome.made.lock_text.encode("utf-8"))
    pins = [(pin.name, pin.version) for pin in lock.pins if pin.name in names]
    return sorted({name for name, version in pins if not found.is_safe(name, version)})


def _still_held(outcome: UpdateOutcome, found: Vulnerable) -> tuple[HeldDown, ...]:
    """Return what an update that took place left with an advisory."""
    if isinstance(outcome, NotFixed):
        return ()
    return tuple(
        HeldDown(package=name, reason=_unknown(found.reasons[name]))
        for name in _unsafe(outcome, found, sorted(found.lowest))
    )


def _unknown(ids: str) -> str:
    return f"no version without {ids} is known"


def _to(name: str, version: str) -> Move:
    return Move(name=name, version=Version.parse(version))


def _is_refusal(outcome: NotFixed) -> bool:
    """Whether the update is impossible, and did not fail for a stale lock or the network."""
    last = outcome.attempts[-1].outcome if outcome.attempts else None
    return isinstance(last, Conflict) or (isinstance(last, Failed) and not last.network)


def _reason(outcome: UpdateOutcome, ids: str) -> str:
    if not isinstance(outcome, NotFixed):
        return _unknown(ids)
    match outcome.attempts[-1].outcome if outcome.attempts else None:
        case Conflict(headline=headline):
            return headline
        case Failed(reason=reason):
            return reason
        case _:
            return "it could not be tried"
