"""Checks the lock, fixes it if needed, and installs from it with Poetry's own installer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from poetry_lockguard.index.network import Network
from poetry_lockguard.installing.install_outcomes import (
    InstallFailed,
    InstallRefused,
    InstallSucceeded,
    LockNotFixed,
)
from poetry_lockguard.installing.poetry_installer import InstallRequest, install, refuse_unknown
from poetry_lockguard.outcomes import Status
from poetry_lockguard.poetry_api.project import load
from poetry_lockguard.relock.fix_outcomes import Fixed, NotFixed
from poetry_lockguard.relock.fixing import diagnose, fix
from poetry_lockguard.settings import parse as parse_settings

if TYPE_CHECKING:
    from cleo.io.io import IO

    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.installing.install_outcomes import InstallReport
    from poetry_lockguard.installing.poetry_installer import InstallOutcome
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.poetry_api.imports.application import Application
    from poetry_lockguard.relock.fix_outcomes import FixOutcome
    from poetry_lockguard.relock.fix_request import FixRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallWishes:
    """What the user wants from an install.

    ``fix`` says how the lock may be fixed and how the network may be used. ``tokens`` are the
    options for Poetry's own command; ``groups`` and ``extras`` are those that they name.
    """

    fix: FixRequest
    tokens: tuple[str, ...]
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    sync: bool = False
    no_fix: bool = False
    allow_stale: bool = False
    disable_plugins: bool = False
    disable_cache: bool = False


@dataclass(frozen=True, slots=True)
class Console:
    """Where Poetry's command runs, and where a fix and an install print."""

    application: Application
    fixing: IO
    installing: IO


class Listener(Protocol):
    """Reports each step of an install before the next one begins."""

    def not_fresh(self, verdict: Verdict) -> None:
        """Report why the lock is not fresh."""

    def fixed(self, outcome: FixOutcome) -> None:
        """Report the outcome of a fix."""

    def stale_anyway(self) -> None:
        """Report that a stale lock is installed as it is."""

    def not_fixed(self, verdict: Verdict, outcome: NotFixed | None) -> None:
        """Report that nothing is installed; ``outcome`` is None if no fix was tried."""


def check_and_install(
    manifest: Manifest, wishes: InstallWishes, console: Console, listener: Listener
) -> InstallReport:
    """Install from a lock that is fresh, was fixed, or is accepted as it is."""
    verdict = diagnose(manifest)
    _refuse_unknown_names(manifest, wishes)
    if verdict.status is Status.FRESH:
        return _install(manifest, wishes, console, verdict, None)
    listener.not_fresh(verdict)
    if wishes.no_fix:
        listener.not_fixed(verdict, None)
        return InstallRefused(verdict=verdict)
    outcome = fix(manifest, wishes.fix, console.fixing)
    listener.fixed(outcome)
    if isinstance(outcome, NotFixed):
        if not (wishes.allow_stale and verdict.status is Status.STALE):
            listener.not_fixed(verdict, outcome)
            return LockNotFixed(verdict=verdict, fix=outcome)
        listener.stale_anyway()
    return _install(manifest, wishes, console, verdict, outcome)


def _refuse_unknown_names(manifest: Manifest, wishes: InstallWishes) -> None:
    """Reject unknown groups and extras before the fix; Poetry would reject them only after it."""
    if wishes.groups or wishes.extras:
        poetry = load(manifest, disable_plugins=True)
        refuse_unknown(poetry, groups=wishes.groups, extras=wishes.extras)


def _install(
    manifest: Manifest,
    wishes: InstallWishes,
    console: Console,
    verdict: Verdict,
    outcome: FixOutcome | None,
) -> InstallReport:
    result = _run_poetry(manifest, wishes, console, outcome)
    if result.code == 0:
        return InstallSucceeded(verdict=verdict, fix=outcome)
    return InstallFailed(verdict=verdict, fix=outcome, failures=result.failures)


def _run_poetry(
    manifest: Manifest, wishes: InstallWishes, console: Console, outcome: FixOutcome | None
) -> InstallOutcome:
    request = InstallRequest(
        tokens=wishes.tokens,
        sync=wishes.sync,
        as_is=isinstance(outcome, NotFixed),
        lock_text=outcome.lock_text if isinstance(outcome, Fixed) and wishes.fix.dry_run else None,
        network=network(manifest, wishes.fix),
    )
    poetry = load(
        manifest,
        console.installing,
        disable_plugins=wishes.disable_plugins,
        disable_cache=wishes.disable_cache,
    )
    return install(console.application, poetry, request, console.installing)


def network(manifest: Manifest, terms: FixRequest) -> Network:
    """Return how an install may use the network."""
    settings = parse_settings(manifest.settings, str(manifest.path))
    return Network(
        mirrors=terms.mirrors,
        settings_mirrors=settings.mirrors,
        offline=terms.offline,
        retries=terms.retries,
        unattended=terms.unattended,
    )
