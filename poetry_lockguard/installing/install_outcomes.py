"""What became of an install from the lock: one value each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.relock.fix_outcomes import FixOutcome, NotFixed


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallSucceeded:
    """Poetry installed everything; ``fix`` is ``None`` if the lock was fresh."""

    verdict: Verdict
    fix: FixOutcome | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallRefused:
    """The lock is not fresh, and the user does not want it fixed; nothing was installed."""

    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class LockNotFixed:
    """The lock could not be fixed; nothing was installed."""

    verdict: Verdict
    fix: NotFixed


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallFailed:
    """Poetry's installer failed; ``failures`` say at what."""

    verdict: Verdict
    fix: FixOutcome | None
    failures: tuple[str, ...]


InstallReport: TypeAlias = InstallSucceeded | InstallRefused | LockNotFixed | InstallFailed
