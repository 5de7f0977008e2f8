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
from poetry_lockguard.commands.terminal.view import fitting, terminal_view
from poetry_lockguard.errors import LockguardError, UsageError
from poetry_lockguard.manifest.document import read
from poetry_lockguard.outcomes import Exit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.relock.fix_request import FixRequest
    from poetry_lockguard.relock.update.updating import UpdateOutcome
    from poetry_lockguard.relock.update.vulnerable import HeldDown


class UpdateCommand(GuardedCommand):
    """Moves the named pins, and as few others as possible."""

    name = "lockguard update"
    description = "Move the named packages of poetry.lock, and no others."
    accepts: ClassVar[tuple[Option, ...]] = (
        Option(name="security", help="Move every pin that has an advisory of the policy."),
        MIRROR,
        Option(name="offline", help="Never use the network; caches may be used."),
        Option(
            name="timeout",
            takes="one",
            help="Seconds for the update; default: the settings', or 600.",
        ),
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
                "name",
                "What to move: NAME, NAME==VERSION or NAME==@REFERENCE.",
                optional=True,
                multiple=True,
            )
        )

    def guard(self) -> int:
        """Update the lock of the project, and report."""
        from poetry_lockguard.freshness.discovery import find
        from poetry_lockguard.relock.update.moves import parse_moves
        from poetry_lockguard.relock.update.updating import update

        moves = parse_moves(self.argument("name"))
        if bool(moves) == self.option("security"):
            raise UsageError("name the packages to move, or use --security")
        (path,) = find([], self.start_folder(), recursive=False)
        manifest = read(path)
        if self.option("security"):
            return self._lift(manifest)
        return self._tell(path.parent, update(manifest, moves, self._request(), self.io))

    def _lift(self, manifest: Manifest) -> int:
        """Move the pins that have an advisory."""
        from poetry_lockguard.lockfile.lock_bytes import read as read_lock
        from poetry_lockguard.lockfile.parse import parse
        from poetry_lockguard.relock.update.lifting import lift
        from poetry_lockguard.relock.update.vulnerable import vulnerable
        from poetry_lockguard.report import update as report
        from poetry_lockguard.settings import parse as parse_settings

        settings = parse_settings(manifest.settings, str(manifest.path))
        try:
            lock = parse(read_lock(manifest.lock_path))
        except FileNotFoundError as error:
            raise LockguardError(
                f"{manifest.lock_path}: missing; run `poetry lockguard fix` first"
            ) from error
        found = vulnerable(manifest, lock, settings)
        if not found.lowest:
            self._say(report.nothing_to_lift(manifest.folder, found.held, as_json=self.is_json))
            return Exit.FOUND if found.held else Exit.OK
        lifted = lift(manifest, found, self._request(), self.io)
        held = [*lifted.held, *found.held]
        code = self._tell(manifest.folder, lifted.outcome, held)
        return Exit.FOUND if held else code

    def _tell(self, folder: Path, outcome: UpdateOutcome, held: Sequence[HeldDown] = ()) -> Exit:
        from poetry_lockguard.relock.fix_outcomes import NotFixed
        from poetry_lockguard.report import update as report

        if self.is_json:
            self._say([report.document(folder, outcome, held)])
        else:
            view = terminal_view(self.io)
            self._say(report.lines(folder, outcome, dry_run=self.option("dry-run"), view=view))
            self._say(report.held_lines(held))
        if isinstance(outcome, NotFixed):
            for line in fitting(report.failure(folder, outcome, is_verbose=self.io.is_verbose())):
                self.io.error_output.write_line(line, type=Type.RAW)
            return Exit.FOUND
        return Exit.OK

    def _request(self) -> FixRequest:
        from poetry_lockguard.index.network import is_unattended
        from poetry_lockguard.relock.fix_request import FixRequest
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
