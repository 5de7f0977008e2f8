"""``poetry lockguard snapshot create``: resolve configurations and write or extend the snapshot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from poetry_lockguard.commands.options import TEXT_OR_JSON, Option
from poetry_lockguard.commands.snapshot.configurations import asked_for
from poetry_lockguard.commands.snapshot.snapshot_command import SnapshotBaseCommand
from poetry_lockguard.commands.snapshot.snapshot_options import CONFIG, NETWORK, TARGET
from poetry_lockguard.errors import UsageError
from poetry_lockguard.snapshots import selection
from poetry_lockguard.snapshots.assembly import AssembledConfiguration, assemble
from poetry_lockguard.snapshots.document import Snapshot
from poetry_lockguard.snapshots.format.canonical import Seal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from poetry_lockguard.report.snapshot_outcomes import SnapshotRefused, SnapshotUnsolvable
    from poetry_lockguard.resolution.configuration_resolver import ResolvedConfiguration
    from poetry_lockguard.snapshots.format.reader import Reading
    from poetry_lockguard.targets.configuration import Configuration


class SnapshotCreateCommand(SnapshotBaseCommand):
    """Resolves configurations and writes all of them or nothing."""

    name = "lockguard snapshot create"
    description = "Resolve configurations and write them into the snapshot."
    file_option = "output"
    accepts: ClassVar[tuple[Option, ...]] = (
        CONFIG,
        *TARGET,
        Option(
            name="from",
            takes="one",
            help="A snapshot whose pins are preferred; default: the one that is written, or the"
            " project's if that does not exist yet.",
        ),
        Option(name="fresh", help="Prefer no pins: take the newest of everything."),
        Option(name="clean", help="Also drop the pins that no configuration uses."),
        Option(
            name="output",
            takes="one",
            help="The file to write or extend; default: the one in the settings.",
        ),
        *NETWORK,
        TEXT_OR_JSON,
    )

    def guard(self) -> int:
        """Resolve, and write the snapshot if all configurations are resolved."""
        if self.option("from") and self.option("fresh"):
            raise UsageError("--from and --fresh cannot be combined; remove one")
        with self.turn():
            previous = self.read_if_there()
            base = self._base(previous)
            known = previous or base
            chosen = asked_for(self, None if known is None else known.snapshot)
            return self._create(chosen, previous, base)

    def _base(self, previous: Reading | None) -> Reading | None:
        """Return the snapshot whose pins are preferred."""
        if self.option("fresh"):
            return None
        if self.option("from"):
            return self.read(Path(self.option("from")))
        return previous or self.read_if_there(self._own)

    @property
    def _own(self) -> Path:
        """The project's snapshot, which can differ from the one that is written."""
        return self.manifest.folder / self.settings.snapshot

    def _create(
        self, chosen: list[Configuration], previous: Reading | None, base: Reading | None
    ) -> int:
        from poetry_lockguard.resolution.preferences import Preferences

        project = self.project
        lock = () if self.option("fresh") else self.lock_pins()
        preferences = Preferences(None if base is None else base.snapshot, lock, project.folder)
        given, unmet = self._from_lock(chosen, base)
        asked = [one for one in chosen if one.name not in given]
        resolutions = self.resolve(asked, preferences) if asked else []
        if not isinstance(resolutions, list):
            return self.tell(_explained(resolutions, unmet))
        resolutions += given.values()
        kept = self._kept(previous, chosen) if previous else self._part(base, chosen)
        resolved = AssembledConfiguration.of(project.project(), resolutions)
        assembled = assemble(kept, resolved, is_index=not given)
        made = self.sound(assembled)
        if not isinstance(made, Snapshot):
            return self.tell(made)
        if self.option("clean"):
            made = selection.clean(made)
        made = _as_old_as(base, made)
        return self.finish(made, previous, verified=kept is None, keeps_time=True)

    def _from_lock(
        self, chosen: list[Configuration], base: Reading | None
    ) -> tuple[dict[str, ResolvedConfiguration], dict[str, str]]:
        """Resolve offline what the lock and the snapshot suffice for; say what they lack."""
        from poetry_lockguard.resolution.lock_resolution import from_lock

        if not self.option("offline") or self.option("fresh"):
            return {}, {}
        try:
            lock = self.project.locked()
        except (RuntimeError, KeyError, ValueError):  # ``lock_pins`` has warned
            lock = ()
        snapshot = None if base is None else base.snapshot
        given, unmet = from_lock(self.project, chosen, lock, snapshot)
        named = {one.name: one for one in chosen}
        completed = self.project.with_known_builds
        return {one.name: completed(one, named[one.name], snapshot) for one in given}, unmet

    def _part(self, base: Reading | None, chosen: list[Configuration]) -> Snapshot | None:
        """Return the part of the project's snapshot that a new shard of it starts from.

        Without it, files and the ``installed`` records would be lost. Paths are relative to the
        snapshot's folder, so a shard in another folder starts empty.
        """
        if base is None or base.seal is not Seal.OK or not self._is_part():
            return None
        names = {one.name for one in chosen} & {*base.snapshot.configurations}
        return selection.select(base.snapshot, names)

    def _is_part(self) -> bool:
        base = Path(self.option("from") or self._own)
        return base.resolve() == self._own.resolve() and (
            self.path.absolute().parent.resolve() == self._own.absolute().parent.resolve()
        )

    def _kept(self, previous: Reading, chosen: list[Configuration]) -> Snapshot | None:
        """Return the snapshot to extend; ``None`` if its seal is bad and all of it is replaced."""
        names = {one.name for one in chosen}
        if previous.seal is not Seal.OK and names >= {*previous.snapshot.configurations}:
            return None
        return previous.snapshot


def _explained(
    outcome: SnapshotUnsolvable | SnapshotRefused, unmet: Mapping[str, str]
) -> SnapshotUnsolvable | SnapshotRefused:
    """Add what the lock lacks to the reasons why no index could be used offline."""
    lacking = dict.fromkeys(line for reason in unmet.values() for line in reason.splitlines())
    return replace(outcome, notes=[*lacking, *outcome.notes])


def _as_old_as(base: Reading | None, made: Snapshot) -> Snapshot:
    """Keep the time of the base if the snapshot is only a part of it."""
    if base is None or not {*made.configurations} <= {*base.snapshot.configurations}:
        return made
    part = selection.clean(selection.select(base.snapshot, made.configurations))
    if selection.clean(made) != part:
        return made
    return replace(made, generated=base.snapshot.generated, generator=base.snapshot.generator)
