"""``poetry lockguard bundle``: gather every file that configurations install."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from poetry_lockguard.commands.options import TEXT_OR_JSON, Option
from poetry_lockguard.commands.snapshot.snapshot_command import SnapshotBaseCommand, split_names
from poetry_lockguard.commands.snapshot.snapshot_options import CONFIG, FILE, NETWORK
from poetry_lockguard.errors import UsageError
from poetry_lockguard.outcomes import Exit
from poetry_lockguard.report.showing.bundle_lines import (
    as_json,
    byte_progress,
    refusal_lines,
    warnings,
    written_line,
)

if TYPE_CHECKING:
    from poetry_lockguard.installing.bundling import BundleRefused, BundleWritten
    from poetry_lockguard.snapshots.format.reader import Reading

PAUSE = 0.2  # seconds between two updates of the progress


class BundleCommand(SnapshotBaseCommand):
    """Gathers files for an install without any network."""

    name = "lockguard bundle"
    description = (
        "Gather every file that configurations install, to install them without a network."
    )
    accepts: ClassVar[tuple[Option, ...]] = (
        FILE,
        CONFIG,
        Option(
            name="output",
            takes="one",
            help="A folder, or a .tar or .zip file, to make or complete.",
        ),
        *NETWORK,
        TEXT_OR_JSON,
    )
    _told = 0.0

    def guard(self) -> int:
        """Gather, or complete what is there; report what is not in the bundle."""
        from poetry_lockguard.installing.bundling import BundleWritten

        output = self._output()
        reading = self.read()
        reading.must_be_sealed("not bundled")
        names = [*split_names(self.option("config"))] or [*reading.snapshot.configurations]
        for name in names:
            reading.entry(name)
        outcome = self._gathered(reading, names, output)
        if self.is_json:
            self.say(as_json(outcome, output))
        if isinstance(outcome, BundleWritten):
            if not self.is_json:
                self.say(written_line(outcome, output))
            for warning in warnings(outcome):
                self.warn(warning)
            return Exit.OK
        for line in refusal_lines(outcome, output):
            self.line_error(line)
        return Exit.FOUND

    def _output(self) -> Path:
        if not self.option("output"):
            raise UsageError("name a folder, a .tar or a .zip with --output")
        return Path(self.option("output"))

    def _gathered(
        self, reading: Reading, names: list[str], output: Path
    ) -> BundleWritten | BundleRefused:
        from poetry_lockguard.installing.bundling import BundleRefused, BundleRequest, bundle
        from poetry_lockguard.resolution.snapshot_trust import reasons
        from poetry_lockguard.resolution.unmet_requirements import incomplete

        folder = self.path.absolute().parent
        unmet = [
            f"{name}: none of its pins satisfies {text} (needed by {parent})"
            for name, parent, text in incomplete(reading.snapshot, names, folder)
        ]
        untrusted = reasons(self.manifest, reading.snapshot, folder, self.path.name, names)
        if unmet or untrusted:
            return BundleRefused((*untrusted, *unmet))
        return bundle(
            BundleRequest(
                reading=reading,
                names=names,
                output=output,
                project=self.project,
                network=self.network(),
                tell=self._tell,
            )
        )

    def _tell(self, arrived: int, known: int) -> None:
        """Show the bytes that have arrived, on a terminal or with ``-v``."""
        now = time.monotonic()
        if now - self._told >= PAUSE or arrived == known:
            self._told = now
            self._show(byte_progress(arrived, known), is_last=arrived == known)

    def _show(self, text: str, *, is_last: bool) -> None:
        """Show progress in one line of a terminal that is rewritten, or in lines with ``-v``."""
        if not self.io.error_output.is_decorated():
            self.progress(text)
            return
        self.io.write_error(f"\r\x1b[2K{text}\n" if is_last else f"\r\x1b[2K{text}")
