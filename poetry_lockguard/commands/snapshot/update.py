"""``poetry lockguard snapshot update``: replace all pins of a name by one release."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from poetry_lockguard.commands.snapshot.add import SnapshotAddCommand
from poetry_lockguard.commands.snapshot.snapshot_command import split_names
from poetry_lockguard.commands.snapshot.snapshot_options import CONFIG
from poetry_lockguard.report.deduplication import by_reason, listed
from poetry_lockguard.snapshots import pin_changes
from poetry_lockguard.snapshots.assembly import AssembledConfiguration, assemble
from poetry_lockguard.snapshots.document import Snapshot
from poetry_lockguard.snapshots.entry_configurations import from_entry
from poetry_lockguard.snapshots.usage import packages, used_in_any_way
from poetry_lockguard.snapshots.usage import pins as held_pins

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from poetry_lockguard.commands.options import Option
    from poetry_lockguard.snapshots.format.reader import Reading
    from poetry_lockguard.snapshots.pin_changes import Changed, Named


@dataclass(frozen=True, slots=True, kw_only=True)
class UntouchedPins:
    """A package whose new pin fits no requirement in a configuration, which is left unchanged."""

    name: str
    package: str


class SnapshotUpdateCommand(SnapshotAddCommand):
    """Replaces pins and resolves the configurations that used them, preferring the new pins."""

    name = "lockguard snapshot update"
    description = "Replace all pins of a name by one release (name==version)."
    accepts: ClassVar[tuple[Option, ...]] = (*SnapshotAddCommand.accepts, CONFIG)

    def guard(self) -> int:
        """Look the releases up, replace the pins and resolve the configurations that used them."""
        self._chosen(self.read())
        found = self.releases()
        if not isinstance(found, list):
            return self.tell(found)
        with self.turn():
            previous = self.read()
            changed = pin_changes.update(previous.snapshot, found, self._chosen(previous))
            return self._update(previous, found, changed)

    def _chosen(self, previous: Reading) -> list[str] | None:
        """Return the named configurations; None for all. UsageError for an unknown name."""
        names = [*split_names(self.option("config"))]
        for name in names:
            previous.entry(name)
        return names or None

    def _update(self, previous: Reading, found: Sequence[Named], changed: Changed) -> int:
        from poetry_lockguard.resolution.preferences import Preferences

        before = previous.snapshot
        affected = [from_entry(name, before.configurations[name]) for name in changed.affected]
        if not affected:
            return self.finish(changed.snapshot, previous)
        preferences = Preferences(changed.snapshot, self.lock_pins(), self.project.folder)
        first = {(name, entry.pin) for name, entry in found}
        resolutions = self.resolve(affected, preferences, first=first)
        if not isinstance(resolutions, list):
            return self.tell(resolutions)
        resolved = AssembledConfiguration.of(self.project.project(), resolutions)
        made = self.sound(assemble(changed.snapshot, resolved))
        if not isinstance(made, Snapshot):
            return self.tell(made)
        kept = _unused(before, made, found, changed.affected)
        made = _restored(before, made, kept)
        return self.finish(made, previous, notes=[*_said(kept)])


def _said(kept: Sequence[UntouchedPins]) -> Iterator[str]:
    for package, names in by_reason((one.name, one.package) for one in kept).items():
        yield f"{package} stays as it is in {listed(names)}: the new pin fits no requirement there"


def _unused(
    before: Snapshot, made: Snapshot, found: Sequence[Named], affected: Sequence[str]
) -> list[UntouchedPins]:
    new = {(name, entry.pin) for name, entry in found}
    names = {name for name, _ in found}
    return [
        UntouchedPins(name=configuration, package=package)
        for configuration in affected
        for package in sorted(names & {*before.configurations[configuration].packages})
        if package in made.configurations[configuration].packages
        and not used_in_any_way(made.configurations[configuration])
        & {key for key in new if key[0] == package}
    ]


def _restored(before: Snapshot, made: Snapshot, kept: Sequence[UntouchedPins]) -> Snapshot:
    """Restore the configurations that are left unchanged, with their pins."""
    if not kept:
        return made
    old = {one.name: before.configurations[one.name] for one in kept}
    configurations = {**made.configurations, **old}
    wanted = frozenset[object]().union(*map(used_in_any_way, configurations.values()))
    unused_pins = {key for key in held_pins(made) if key in held_pins(before) or key in wanted}
    every = {**held_pins(made), **held_pins(before)}
    new = {key: entry for key, entry in every.items() if key in wanted or key in unused_pins}
    return replace(made, configurations=configurations, packages=packages(new))
