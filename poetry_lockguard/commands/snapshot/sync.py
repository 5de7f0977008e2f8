"""``poetry lockguard snapshot sync``: take all pins from poetry.lock, offline."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from poetry_lockguard import files
from poetry_lockguard.commands.options import TEXT_OR_JSON, Option
from poetry_lockguard.commands.snapshot.configurations import declared, named
from poetry_lockguard.commands.snapshot.snapshot_command import SnapshotBaseCommand, split_names
from poetry_lockguard.commands.snapshot.snapshot_options import CONFIG, FILE
from poetry_lockguard.errors import LockguardError, one_line
from poetry_lockguard.lockfile.damage import LockDamage
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.outcomes import Severity
from poetry_lockguard.shown_paths import shown
from poetry_lockguard.snapshots.assembly import AssembledConfiguration, assemble
from poetry_lockguard.snapshots.document import Snapshot
from poetry_lockguard.snapshots.entry_configurations import of_snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from poetry_lockguard.resolution.configuration_resolver import ResolvedConfiguration
    from poetry_lockguard.resolution.preferences import Locked
    from poetry_lockguard.snapshots.format.reader import Reading
    from poetry_lockguard.targets.configuration import Configuration

_NOT_WRITTEN = (
    "nothing was written; `poetry lockguard fix` brings a stale poetry.lock in step, and --partial"
    " writes what the lock contains"
)


class SnapshotSyncCommand(SnapshotBaseCommand):
    """Takes all pins from poetry.lock and lists what the lock does not contain."""

    name = "lockguard snapshot sync"
    description = "Take the pins of poetry.lock for every configuration, without network."
    accepts: ClassVar[tuple[Option, ...]] = (
        FILE,
        CONFIG,
        Option(
            name="partial", help="Write only the configurations that the lock contains completely."
        ),
        TEXT_OR_JSON,
    )

    def guard(self) -> int:
        """Resolve each configuration from the pins of poetry.lock and write the snapshot."""
        from poetry_lockguard.report.snapshot_outcomes import SnapshotRefused, SnapshotUnsolvable
        from poetry_lockguard.resolution.lock_resolution import completed, from_lock

        with self.turn():
            previous = self.read_if_there()
            chosen = self._chosen(previous)
            locked = self._lock()
            if untrusted := self._untrusted():
                return self.tell(SnapshotRefused(notes=[*untrusted, "nothing was written"]))
            base = None if previous is None else previous.snapshot
            lock = completed(self.project, locked, base)
            plain = [one for one in chosen if not one.variant]
            resolutions, unmet = from_lock(self.project, plain, lock)
            # what a variant takes from its own sources, poetry.lock cannot hold
            variants = [one for one in chosen if one.variant]
            more, lacking = from_lock(self.project, variants, lock, base, lock_first=True)
            named = {one.name: one for one in chosen}
            resolutions = [
                self.project.with_known_builds(one, named[one.name], base)
                for one in (*resolutions, *more)
            ]
            unmet |= lacking
            resolutions, outgrown = self._without_outgrown(resolutions)
            unmet |= outgrown
            if unmet and not self.option("partial"):
                return self.tell(SnapshotUnsolvable(reasons=unmet, notes=[_NOT_WRITTEN]))
            return self._write(previous, resolutions, unmet)

    def _chosen(self, previous: Reading | None) -> list[Configuration]:
        recorded = of_snapshot(None if previous is None else previous.snapshot)
        known = {**declared(self.manifest, self.settings), **recorded}
        names = [*split_names(self.option("config"))]
        if names:
            return named(names, known, self.project)
        return [*recorded.values()] or [*known.values()] or named(["current"], known, self.project)

    def _lock(self) -> tuple[Locked, ...]:
        lock = self.manifest.lock_path
        try:
            found = self.project.locked()
        except (RuntimeError, KeyError, ValueError) as error:
            reason = one_line(error)
            raise LockguardError(
                f"{lock}: cannot be read: {reason}; run `poetry lockguard fix`"
            ) from error
        if not lock.exists():
            raise LockguardError(
                f"{shown(lock)}: no such file; make it with `poetry lockguard fix`"
            )
        return found

    def _untrusted(self) -> list[str]:
        """Return why the pins of poetry.lock are not to be sealed, if they are not."""
        from poetry_lockguard.freshness.trusting import of_lock

        try:
            lock = parse(files.read(self.manifest.lock_path))
        except LockDamage as damage:
            return [f"poetry.lock: {damage}; run `poetry lockguard fix`"]
        found = of_lock(self.manifest, lock, self.settings.policy, walk=True)
        return [
            f"poetry.lock: {problem.message}"
            for problem in found
            if problem.severity is Severity.ERROR
        ]

    def _without_outgrown(
        self, resolutions: list[ResolvedConfiguration]
    ) -> tuple[list[ResolvedConfiguration], dict[str, str]]:
        """Take out what the lock holds completely only by an older manifest of a folder."""
        from poetry_lockguard.resolution.directory_pins import outgrown

        assembled = AssembledConfiguration.of(self.project.project(), resolutions)
        found = outgrown(assembled, self.project.folder)
        return [one for one in resolutions if one.name not in found], found

    def _write(
        self,
        previous: Reading | None,
        resolutions: list[ResolvedConfiguration],
        unmet: Mapping[str, str],
    ) -> int:
        kept = None if previous is None else previous.snapshot
        resolved = AssembledConfiguration.of(self.project.project(), resolutions)
        made = self.sound(assemble(kept, resolved, is_index=False, forgets=True))
        if not isinstance(made, Snapshot):
            return self.tell(made)
        notes = [f"{name}: left as it was: {reason}" for name, reason in unmet.items()]
        notes += _unlocked(kept, resolutions)
        return self.finish(made, previous, notes=notes)


def _unlocked(before: Snapshot | None, made: list[ResolvedConfiguration]) -> list[str]:
    """Say which build requirements are not locked any more: poetry.lock knows nothing of them."""
    had = {} if before is None else before.configurations
    lost = [one for one in made if one.name in had and any(had[one.name].builds)]
    return [*dict.fromkeys(why for one in lost for why in one.unlocked)]
