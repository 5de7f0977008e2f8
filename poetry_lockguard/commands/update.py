"""``poetry lockguard update``: move the named pins of the lock, and nothing else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar

from cleo.helpers import argument
from cleo.io.outputs.output import Type

from poetry_lockguard.commands.base import GuardedCommand
from poetry_lockguard.commands.options import (
    FORCE,
    LOCK_FORMAT,
    MIRROR,
    RETRIES,
    TEXT_OR_JSON,
    Option,
)
from poetry_lockguard.commands.terminal.view import terminal_view
from poetry_lockguard.manifest.document import read
from poetry_lockguard.outcomes import Exit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from poetry_lockguard.relock.fixing import FixRequest
    from poetry_lockguard.relock.update.updating import UpdateOutcome


class UpdateCommand(GuardedCommand):
    """Moves the named pins, and as few others as possible."""

    name = "lockguard update"
    description = "Move the named packages of poetry.lock, and no other."
    accepts: ClassVar[tuple[Option, ...]] = (
        MIRROR,
        Option(name="offline", help="Never ask the network; what is cached may be used."),
        Option(name="timeout", takes="one", help="Seconds for the update."),
        RETRIES,
        LOCK_FORMAT,
        Option(name="dry-run", help="Report what would change, but do not write the lock."),
        FORCE,
        TEXT_OR_JSON,
    )

    def configure(self) -> None:
        """Declare the packages."""
        super().configure()
        self._definition.add_argument(
            argument(
                "name", "What to move: NAME, NAME==VERSION or NAME==@REFERENCE.", multiple=True
            )
        )

    def guard(self) -> int:
        """Update the lock of the project, and report."""
        from poetry_lockguard.freshness.discovery import find
        from poetry_lockguard.relock.update.moves import parse_moves
        from poetry_lockguard.relock.update.updating import update

        moves = parse_moves(self.argument("name"))
        (path,) = find([], self.start_folder(), recursive=False)
        outcome = update(read(path), moves, self._request(), self.io)
        return self._tell(path.parent, outcome)

    def _tell(self, folder: Path, outcome: UpdateOutcome) -> Exit:
        from poetry_lockguard.relock.fix_outcomes import NotFixed
        from poetry_lockguard.report import update as report

        if self.is_json:
            self._say([report.document(folder, outcome)])
        else:
            view = terminal_view(self.io)
            self._say(report.lines(folder, outcome, dry_run=self.option("dry-run"), view=view))
        if isinstance(outcome, NotFixed):
            for line in report.failure(folder, outcome, is_verbose=self.io.is_verbose()):
                self.io.error_output.write_line(line, type=Type.RAW)
            return Exit.FOUND
        return Exit.OK

    def _request(self) -> FixRequest:
        from poetry_lockguard.index.network import is_unattended
        from poetry_lockguard.relock.fixing import FixRequest
        from poetry_lockguard.urls import sound

        return FixRequest(
            mirrors=sound(self.option("mirror"), "--mirror"),
            offline=self.option("offline"),
            timeout=self.number("timeout", least=0.001),
            retries=int(self.number("retries", least=0) or 0),
            dry_run=self.option("dry-run"),
            unattended=is_unattended(os.environ, interactive=self.io.is_interactive()),
            lock_format=self.option("lock-format"),
            verbose=self.io.is_verbose(),
            force=self.option("force"),
        )

    def _say(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.io.write_line(line, type=Type.RAW)
