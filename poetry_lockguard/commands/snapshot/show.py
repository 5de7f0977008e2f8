"""``poetry lockguard snapshot show``: show a table of packages by configurations."""

from __future__ import annotations

from typing import ClassVar

from cleo.helpers import argument

from poetry_lockguard.commands.options import Option
from poetry_lockguard.commands.snapshot.snapshot_command import SnapshotBaseCommand
from poetry_lockguard.commands.snapshot.snapshot_options import FILE
from poetry_lockguard.commands.terminal.output import OUTPUT, deliver
from poetry_lockguard.errors import UsageError
from poetry_lockguard.outcomes import Exit
from poetry_lockguard.report.showing import snapshot_why
from poetry_lockguard.report.snapshot_rows import Shown
from poetry_lockguard.report.snapshot_show import FORMATS

WHY = {"text": snapshot_why.text, "json": snapshot_why.as_json}


class SnapshotShowCommand(SnapshotBaseCommand):
    """Shows what is pinned, and where the configurations differ."""

    name = "lockguard snapshot show"
    description = "Show packages by configurations; versions that differ stand out."
    accepts: ClassVar[tuple[Option, ...]] = (
        FILE,
        Option(
            name="format",
            takes="one",
            default="text",
            choices=tuple(FORMATS),
            help="How to show it: text, json, markdown or html, a web page.",
        ),
        Option(name="why", takes="one", help="Show what brings this package in."),
        OUTPUT,
    )

    def configure(self) -> None:
        """Declare the configurations."""
        super().configure()
        text = "The configurations to show; default: all."
        self._definition.add_argument(argument("config", text, optional=True, multiple=True))

    def guard(self) -> int:
        """Show the table."""
        reading = self.read()
        names = self.argument("config") or sorted(reading.snapshot.configurations)
        for name in names:
            reading.entry(name)
        shown = Shown(
            where=reading.where,
            snapshot=reading.snapshot,
            seal=reading.seal,
            names=tuple(names),
        )
        deliver(self, self._report(shown), self.path)
        return Exit.OK

    def _report(self, shown: Shown) -> str:
        """Return the table, or with ``--why`` the chains to one package."""
        package, form = self.option("why"), self.option("format")
        if not package:
            return FORMATS[form](shown)
        if form not in WHY:
            raise UsageError(f"--why and --format {form} cannot be combined; use text or json")
        return WHY[form](shown, package)
