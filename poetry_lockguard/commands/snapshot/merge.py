"""``poetry lockguard snapshot merge``: join snapshots, each configuration exactly as it went in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from cleo.helpers import argument

from poetry_lockguard.commands.options import TEXT_OR_JSON, Option
from poetry_lockguard.commands.snapshot.snapshot_command import SnapshotBaseCommand
from poetry_lockguard.commands.terminal.project_path import project_folder
from poetry_lockguard.errors import NotPoetrysError, UsageError
from poetry_lockguard.manifest.document import read as read_manifest
from poetry_lockguard.settings import parse as parse_settings
from poetry_lockguard.snapshots.damage import SnapshotError
from poetry_lockguard.snapshots.merge import PREFERENCES, Conflicts, merge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.settings import Settings
    from poetry_lockguard.snapshots.document import Snapshot
    from poetry_lockguard.snapshots.format.reader import Reading


class SnapshotMergeCommand(SnapshotBaseCommand):
    """Joins snapshots; if they contradict each other, lists where and writes nothing."""

    name = "lockguard snapshot merge"
    description = "Merge snapshots; no configuration changes."
    file_option = "output"
    accepts: ClassVar[tuple[Option, ...]] = (
        Option(
            name="output",
            takes="one",
            help="The file to write; default: the one in the settings (lockguard.lock).",
        ),
        Option(
            name="prefer",
            takes="one",
            help="What decides contradictions: ours (the first), theirs (the last) or newest.",
        ),
        TEXT_OR_JSON,
    )

    def configure(self) -> None:
        """Declare the snapshots."""
        super().configure()
        self._definition.add_argument(
            argument("snapshot", "The snapshots to merge.", multiple=True)
        )

    @property
    def path(self) -> Path:
        """The file to write; merging works without a project."""
        if self.option("output"):
            return Path(self.option("output"))
        folder = project_folder(self)
        project = self._around(folder)
        return folder / ("lockguard.lock" if project is None else project[1].snapshot)

    @staticmethod
    def _around(folder: Path) -> tuple[Manifest, Settings] | None:
        try:
            manifest = read_manifest(folder / "pyproject.toml")
        except NotPoetrysError:
            return None
        return manifest, parse_settings(manifest.settings, str(manifest.path))

    def guard(self) -> int:
        """Join the snapshots and write the result."""
        from poetry_lockguard.report.snapshot_outcomes import SnapshotConflict

        prefer = self.option("prefer")
        if prefer is not None and prefer not in PREFERENCES:
            raise UsageError(f"--prefer: expected one of {', '.join(PREFERENCES)}, not {prefer!r}")
        with self.turn():
            sides = [self.read(Path(name)) for name in self.argument("snapshot")]
            self._must_be_sealed(sides)
            outcome = merge([side.snapshot for side in sides], prefer)
            if isinstance(outcome, Conflicts):
                note = "contradictions; choose with --prefer, or correct one of them"
                names = [side.where for side in sides]
                return self.tell(
                    SnapshotConflict(conflicts=outcome.conflicts, sides=names, notes=[note])
                )
            previous = self._previous()
            made, notes = outcome.snapshot, [*self._lacking(outcome.snapshot)]
            return self.finish(made, previous, verified=True, keeps_time=True, notes=notes)

    def _lacking(self, made: Snapshot) -> Iterator[str]:
        """Name configurations that are declared but in no part: a shard may be missing."""
        project = None if self.option("output") else self._around(project_folder(self))
        if project is None:
            return
        from poetry_lockguard.commands.snapshot.configurations import declared

        lost = [name for name in declared(*project) if name not in made.configurations]
        if lost:
            yield f"declared, but in none of these snapshots: {', '.join(lost)}"

    def _must_be_sealed(self, sides: list[Reading]) -> None:
        """Refuse a snapshot with a bad seal: the result would have a good one."""
        for side in sides:
            side.must_be_sealed("not merged")

    def _previous(self) -> Reading | None:
        """Read the file that is overwritten; ignore it if damaged, not if newer."""
        try:
            return self.read_if_there()
        except SnapshotError:
            return None
