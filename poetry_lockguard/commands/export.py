"""``poetry lockguard export``: write files for other tools straight from the lock."""

from __future__ import annotations

import os
import time
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, ClassVar

from cleo.io.outputs.output import Type

from poetry_lockguard import files
from poetry_lockguard.commands.base import GuardedCommand
from poetry_lockguard.commands.options import Option
from poetry_lockguard.commands.snapshot.snapshot_command import split_names
from poetry_lockguard.commands.snapshot.snapshot_options import NETWORK
from poetry_lockguard.commands.terminal.project_path import project_manifest
from poetry_lockguard.errors import LockguardError
from poetry_lockguard.exports.derived_file import ExportSpec, derived_file
from poetry_lockguard.exports.lock_selection import UnclearError
from poetry_lockguard.exports.outcome import Places, Refused
from poetry_lockguard.outcomes import Exit
from poetry_lockguard.printable import document
from poetry_lockguard.settings import EXPORT_FORMATS
from poetry_lockguard.settings import parse as parse_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from poetry_lockguard.exports.bills.licences import Licences
    from poetry_lockguard.exports.derived_file import DerivedFile
    from poetry_lockguard.exports.outcome import Export
    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.index.network import Network
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.settings import Settings


class ExportCommand(GuardedCommand):
    """Writes one file that is derived from the lock, to stdout or to a file."""

    name = "lockguard export"
    description = "Write pylock.toml, requirements, constraints or an SBOM from poetry.lock."
    accepts: ClassVar[tuple[Option, ...]] = (
        Option(
            name="format",
            takes="one",
            default="pylock",
            choices=EXPORT_FORMATS,
            help="What to write: pylock, requirements, constraints or cyclonedx.",
        ),
        Option(name="group", takes="many", help="Groups to include; default: main."),
        Option(name="extras", short="E", takes="many", help="Extras to include."),
        Option(name="config", takes="one", help="A configuration of the settings to export."),
        Option(name="output", takes="one", help="The file to write; default: stdout."),
        *NETWORK,
    )

    def guard(self) -> int:
        """Write the file, or report every reason why it cannot be written."""
        manifest = project_manifest(self)
        settings = parse_settings(manifest.settings, str(manifest.path))
        if self.option("output"):
            files.ensure_writable(Path(self.option("output")), manifest.lock_path)
        if not self._is_in_step(manifest):
            return Exit.FOUND
        try:
            export = self._export(manifest, settings)
        except UnclearError as error:
            export = Refused((str(error),))
        if isinstance(export, Refused):
            self._warn(*export.reasons)
            return Exit.FOUND
        self._warn(*export.notes)
        return self._write(export.text)

    def _is_in_step(self, manifest: Manifest) -> bool:
        """Whether the lock is fresh and trusted; report it otherwise."""
        from poetry_lockguard.freshness.judge import judge
        from poetry_lockguard.outcomes import Status
        from poetry_lockguard.report.fix import drift

        verdict = judge(manifest, walk=True)
        if verdict.status is Status.FRESH:
            return True
        for line in drift(manifest.folder, verdict.status, verdict.problems):
            self.io.error_output.write_line(line, type=Type.RAW)
        first = _remedy(verdict)
        self._warn(f"poetry.lock is {verdict.status.value}, so nothing was exported{first}")
        return False

    def _export(self, manifest: Manifest, settings: Settings) -> Export:
        from poetry_lockguard.lockfile.lock_bytes import read
        from poetry_lockguard.lockfile.parse import parse

        spec = ExportSpec(
            format=self.option("format"),
            groups=tuple(split_names(self.option("group"))),
            extras=tuple(split_names(self.option("extras"))),
            config=self.option("config"),
        )
        file = derived_file(manifest, parse(read(manifest.lock_path)), settings, spec)
        root = self._root(manifest)
        if spec.format == "cyclonedx":
            return file.made(Places(root=root, licences=self._licences(file)))
        if not file.addresses_needed:
            return file.made(Places(root=root))
        return self._with_addresses(file, settings, root)

    def _licences(self, file: DerivedFile) -> Mapping[str, Licences]:
        """Return the licences that the file to be replaced has, and those of the environment."""
        from poetry_lockguard.exports.bills.licences import known_licences
        from poetry_lockguard.exports.file_seal import is_as_made
        from poetry_lockguard.resolution.installed_packages import licences

        known = self._old_text()
        return {**licences(file), **(known_licences(known) if is_as_made(known) else {})}

    def _old_text(self) -> str:
        output = self.option("output")
        return Path(output).read_text("utf-8") if output and Path(output).is_file() else ""

    def _with_addresses(self, file: DerivedFile, settings: Settings, root: str) -> Export:
        from poetry_lockguard.mirrors.failover import NoEndpointError
        from poetry_lockguard.resolution.export_addresses import places_of

        try:
            places = places_of(file, self._network(settings), root=root, known=self._old_text())
        except NoEndpointError as error:
            return Refused(tuple(f"{name}: {reason}" for name, reason in error.reasons))
        return file.made(places)

    def _root(self, manifest: Manifest) -> str:
        """Return the way from the folder of the file to the project's."""
        output = self.option("output")
        folder = Path(output).absolute().parent if output else Path.cwd()
        return PurePath(os.path.relpath(manifest.folder, folder)).as_posix()

    def _network(self, settings: Settings) -> Network:
        from poetry_lockguard.index.network import Network, is_unattended
        from poetry_lockguard.urls import sound

        timeout = self.number("timeout", least=0.001)
        return Network(
            mirrors=sound(self.option("mirror"), "--mirror"),
            settings_mirrors=settings.mirrors,
            offline=self.option("offline"),
            retries=int(self.number("retries", least=0) or 0),
            deadline=None if timeout is None else time.monotonic() + timeout,
            unattended=is_unattended(os.environ, interactive=self.io.is_interactive()),
        )

    def _write(self, text: str) -> int:
        if not self.option("output"):
            self.io.write(document(text), type=Type.RAW)
            return Exit.OK
        path, content = Path(self.option("output")), text.encode()
        if not files.holds(path, content):
            try:
                files.replace(path, content)
            except files.WriteError as error:
                raise LockguardError(str(error)) from error
        return Exit.OK

    def _warn(self, *messages: str) -> None:
        for message in messages:
            self.io.error_output.write_line(f"lockguard: {message}", type=Type.RAW)


def _remedy(verdict: Verdict) -> str:
    """Return what makes a lock fit for an export, if a command does."""
    from poetry_lockguard.outcomes import Severity, Status

    if verdict.status is not Status.UNTRUSTED:
        return "; run `poetry lockguard fix` first"
    errors = {one.code for one in verdict.problems if one.severity is Severity.ERROR}
    return "; run `poetry lockguard update --security` first" if errors == {"advisory"} else ""
