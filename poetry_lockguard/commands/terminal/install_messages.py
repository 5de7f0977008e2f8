"""The messages of ``install`` while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.outcomes import Status
from poetry_lockguard.report.install import explanation

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.relock.fix_outcomes import FixOutcome, NotFixed
    from poetry_lockguard.report.change_lines import View

    Printer = Callable[[list[str]], None]


class InstallMessages:
    """Prints each step of an install before the next one begins."""

    def __init__(
        self, say: Printer, warn: Printer, folder: Path, *, dry_run: bool, view: View
    ) -> None:
        self._say = say
        self._warn = warn
        self._folder = folder
        self._dry_run = dry_run
        self._view = view

    def not_fresh(self, verdict: Verdict) -> None:
        """Print why the lock is not fresh."""
        self._warn(explanation(verdict))

    def fixed(self, outcome: FixOutcome) -> None:
        """Print the outcome of a fix."""
        from poetry_lockguard.relock.fix_outcomes import NotFixed
        from poetry_lockguard.report import fix as report

        if isinstance(outcome, NotFixed):
            self._warn(report.failure(self._folder, outcome, is_verbose=self._view.verbose))
        else:
            self._say(report.lines(self._folder, outcome, dry_run=self._dry_run, view=self._view))

    def stale_anyway(self) -> None:
        """Warn that a stale lock is installed as it is."""
        self._warn(
            [
                "WARNING: installing a stale lock as it is, because of --allow-stale;",
                "WARNING: what is installed does not match pyproject.toml",
            ]
        )

    def not_fixed(self, verdict: Verdict, outcome: NotFixed | None) -> None:
        """Print that nothing is installed, and what to do next."""
        if outcome is None:
            self._warn(["Nothing was installed; run `poetry lockguard fix` first"])
            return
        advice = "; --allow-stale installs it as it is" if verdict.status is Status.STALE else ""
        self._warn([f"Nothing was installed: the lock could not be fixed{advice}"])
