"""What ``install`` says on its way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.outcomes import Status
from poetry_lockguard.report.install import explanation

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.relock.fix_outcomes import FixOutcome, NotFixed

    Said = Callable[[list[str]], None]


class InstallMessages:
    """Says each step of an install before the next one begins."""

    def __init__(
        self, say: Said, warn: Said, folder: Path, *, dry_run: bool, is_verbose: bool
    ) -> None:
        self._say = say
        self._warn = warn
        self._folder = folder
        self._dry_run = dry_run
        self._is_verbose = is_verbose

    def not_fresh(self, verdict: Verdict) -> None:
        """Say why the lock is not in step."""
        self._warn(explanation(verdict))

    def fixed(self, outcome: FixOutcome) -> None:
        """Say what a fix came to."""
        from poetry_lockguard.relock.fix_outcomes import NotFixed
        from poetry_lockguard.report import fix as wording

        if isinstance(outcome, NotFixed):
            self._warn(wording.failure(self._folder, outcome, is_verbose=self._is_verbose))
        else:
            self._say(wording.lines(self._folder, outcome, dry_run=self._dry_run))

    def stale_anyway(self) -> None:
        """Warn of a stale lock that is installed as it is."""
        self._warn(
            [
                "WARNING: installing a stale lock as it is, because of --allow-stale;",
                "WARNING: what is installed does not match pyproject.toml",
            ]
        )

    def not_fixed(self, verdict: Verdict, outcome: NotFixed | None) -> None:
        """Say that nothing is installed, and what to do."""
        if outcome is None:
            self._warn(["Nothing was installed; run `poetry lockguard fix` first"])
            return
        advice = "; --allow-stale installs it as it is" if verdict.status is Status.STALE else ""
        self._warn([f"Nothing was installed: the lock could not be fixed{advice}"])
