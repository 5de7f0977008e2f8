"""What one fix is asked for, and the fix in progress."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from poetry_lockguard.index.network import Network

if TYPE_CHECKING:
    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.index.deadline import Deadline
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.settings import Settings


class FixRequest(NamedTuple):
    """How a lock is to be fixed.

    If ``strategies`` is empty, or ``timeout`` (seconds for the whole fix) or ``lock_format`` is
    ``None``, the settings apply. ``mirrors`` are tried before those of the settings. ``retries`` is
    how often a request is repeated after a transient network failure. Without ``explain``, which
    takes time, the outcome only has problems that remain. With ``paths``, every difference between
    a path dependency and its lock entry counts, not only one that makes an install fail.
    ``light`` excludes everything that needs Poetry itself. ``verbose`` also reports strategies that
    did not apply although the fix succeeds. ``force`` overwrites derived files that were edited.
    ``then_poetry``: Poetry's own install follows, without mirrors.
    """

    strategies: tuple[str, ...] = ()
    mirrors: tuple[str, ...] = ()
    offline: bool = False
    timeout: float | None = None
    retries: int = 4
    dry_run: bool = False
    unattended: bool = True
    explain: bool = True
    paths: bool = False
    lock_format: str | None = None
    light: bool = False
    verbose: bool = False
    force: bool = False
    then_poetry: bool = False


class FixJob(NamedTuple):
    """One fix in progress."""

    manifest: Manifest
    request: FixRequest
    settings: Settings
    deadline: Deadline
    verdict: Verdict
    is_from_scratch: bool

    @property
    def network(self) -> Network:
        """How, and with which mirrors, the fix may ask an index."""
        return Network(
            mirrors=self.request.mirrors,
            settings_mirrors=self.settings.mirrors,
            offline=self.request.offline,
            retries=self.request.retries,
            deadline=self.deadline.moment,
            unattended=self.request.unattended,
        )
