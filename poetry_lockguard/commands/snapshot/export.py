"""``poetry lockguard snapshot export``: write files for other installers."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, ClassVar

from cleo.io.outputs.output import Type

from poetry_lockguard import files
from poetry_lockguard.commands.options import Option
from poetry_lockguard.commands.snapshot.snapshot_command import SnapshotBaseCommand
from poetry_lockguard.commands.snapshot.snapshot_options import FILE, NETWORK
from poetry_lockguard.errors import UsageError
from poetry_lockguard.exports.constraints_txt import build_constraints, constraints
from poetry_lockguard.exports.outcome import Places, Refused
from poetry_lockguard.exports.pylock import pylock
from poetry_lockguard.exports.requirements_txt import requirements
from poetry_lockguard.outcomes import Exit
from poetry_lockguard.printable import document
from poetry_lockguard.snapshots.entry_configurations import of_snapshot
from poetry_lockguard.snapshots.origins import Index, PyPI
from poetry_lockguard.snapshots.selection import select
from poetry_lockguard.snapshots.usage import pins, users

if TYPE_CHECKING:
    from poetry_lockguard.exports.outcome import Export
    from poetry_lockguard.snapshots.document import Snapshot
    from poetry_lockguard.snapshots.format.reader import Reading

FORMATS = ("pylock", "requirements", "constraints", "build-constraints", "cyclonedx")


class SnapshotExportCommand(SnapshotBaseCommand):
    """Writes a file for other installers, to stdout or to a file."""

    name = "lockguard snapshot export"
    description = "Write pylock.toml, requirements, constraints or an SBOM for a configuration."
    accepts: ClassVar[tuple[Option, ...]] = (
        FILE,
        Option(name="config", takes="one", help="The configuration to export."),
        Option(name="all", help="One pylock.toml for all configurations."),
        Option(
            name="format",
            takes="one",
            default="pylock",
            choices=FORMATS,
            help=f"What to write: {', '.join(FORMATS[:-1])} or {FORMATS[-1]}.",
        ),
        Option(name="output", takes="one", help="The file to write; default: stdout."),
        *NETWORK,
    )

    def guard(self) -> int:
        """Write the export, or report every reason why it cannot be written."""
        if self.option("output"):
            files.ensure_writable(Path(self.option("output")), self.path)
        reading = self.read()
        reading.must_be_sealed("not exported")
        names = self._names(reading)
        export = (
            self._untrusted(reading.snapshot, names)
            or self._incomplete(reading.snapshot, names)
            or self._reached(reading, names)
        )
        if isinstance(export, Refused):
            for reason in export.reasons:
                self.line_error(f"lockguard: {reason}")
            return Exit.FOUND
        for note in export.notes:
            self.warn(note)
        if not self.option("output"):
            self.io.write(document(export.text), type=Type.RAW)
            return Exit.OK
        path = Path(self.option("output"))
        with self.turn(path):
            content = export.text.encode()
            if not files.holds(path, content):
                files.replace(path, content)
        return Exit.OK

    def _names(self, reading: Reading) -> list[str]:
        name = self.option("config")
        if bool(name) == self.option("all"):
            raise UsageError("name one configuration with --config, or all with --all")
        if self.option("all"):
            if self.option("format") != "pylock":
                raise UsageError("--all works only with --format pylock")
            if not reading.snapshot.configurations:
                raise UsageError(
                    f"{self.path}: contains no configuration;"
                    " run `poetry lockguard snapshot create`"
                )
            return sorted(reading.snapshot.configurations)
        reading.entry(name)
        return [name]

    def _untrusted(self, snapshot: Snapshot, names: list[str]) -> Refused | None:
        """Refuse pins that nobody asked for, or that the policy forbids."""
        from poetry_lockguard.resolution.snapshot_trust import reasons

        folder = self.path.absolute().parent
        found = reasons(self.manifest, snapshot, folder, self.path.name, names)
        return Refused((*found, "nothing was written")) if found else None

    def _incomplete(self, snapshot: Snapshot, names: list[str]) -> Refused | None:
        """Refuse incomplete configurations: an installer would not notice the missing pins."""
        from poetry_lockguard.resolution.unmet_requirements import incomplete

        folder = self.path.absolute().parent
        reasons = [
            f"{name}: none of its pins satisfies {text} (needed by {parent})"
            for name, parent, text in incomplete(snapshot, names, folder)
        ]
        advice = "nothing was written; `poetry lockguard snapshot create` completes it"
        return Refused((*reasons, advice)) if reasons else None

    def _reached(self, reading: Reading, names: list[str]) -> Export:
        """Return the export; refuse it if no index can be reached for the file addresses."""
        from poetry_lockguard.mirrors.failover import NoEndpointError

        try:
            return self._export(reading.snapshot, names)
        except NoEndpointError as error:
            reasons = [f"{name}: {reason}" for name, reason in error.reasons]
            return Refused((*reasons, f"{reading.where}: not exported"))

    def _export(self, snapshot: Snapshot, names: list[str]) -> Export:
        match self.option("format"):
            case "constraints":
                return constraints(snapshot, names[0])
            case "build-constraints":
                return build_constraints(snapshot, names[0])
            case "cyclonedx":
                from poetry_lockguard.exports.bills.snapshot_cyclonedx import cyclonedx_of_snapshot

                project = snapshot.project.name or self.manifest.folder.absolute().name
                return cyclonedx_of_snapshot(project, snapshot, names[0])
            case "requirements":
                return requirements(snapshot, names[0], self._places())
            case _:
                chosen = select(snapshot, names)
                return pylock(snapshot, names, self._with_files(chosen, self._places()))

    def _places(self) -> Places:
        from poetry_lockguard.resolution.project_configurations import pypi_pages

        out = Path(self.option("output") or ".").absolute()
        folder = out.parent if self.option("output") else out
        root = PurePath(os.path.relpath(self.project.folder, folder)).as_posix()
        return Places(pypi=pypi_pages(), root=root)

    def _with_files(self, snapshot: Snapshot, places: Places) -> Places:
        """Add the addresses of the files, and what the index says of them."""
        entries = pins(snapshot)
        wanted = {
            key: entries[key] for key in users(snapshot) if isinstance(key[1][1], (PyPI, Index))
        }
        self.project.declare_sources(of_snapshot(snapshot).values())
        with self.project.indexes(self.network()) as indexes:
            found = indexes.places(wanted)
        return replace(places, urls=found.urls, facts=found.facts)
