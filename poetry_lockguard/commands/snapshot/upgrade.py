"""``poetry lockguard snapshot upgrade``: upgrade some packages and keep every other pin."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from cleo.helpers import argument
from packaging.utils import canonicalize_name

from poetry_lockguard.commands.options import TEXT_OR_JSON, Option
from poetry_lockguard.commands.snapshot.snapshot_command import SnapshotBaseCommand, split_names
from poetry_lockguard.commands.snapshot.snapshot_options import CONFIG, FILE, NETWORK
from poetry_lockguard.errors import UsageError
from poetry_lockguard.nearest_names import suggestion
from poetry_lockguard.snapshots.assembly import AssembledConfiguration, assemble
from poetry_lockguard.snapshots.document import Snapshot
from poetry_lockguard.snapshots.entry_configurations import from_entry
from poetry_lockguard.snapshots.usage import used_in_any_way

if TYPE_CHECKING:
    from poetry_lockguard.snapshots.document import ConfigurationEntry
    from poetry_lockguard.snapshots.format.reader import Reading
    from poetry_lockguard.targets.configuration import Configuration


class SnapshotUpgradeCommand(SnapshotBaseCommand):
    """Resolves again without the pins of the named packages."""

    name = "lockguard snapshot upgrade"
    description = "Move packages to the newest version in range; every other pin is kept."
    accepts: ClassVar[tuple[Option, ...]] = (FILE, CONFIG, *NETWORK, TEXT_OR_JSON)

    def configure(self) -> None:
        """Declare the packages."""
        super().configure()
        self._definition.add_argument(
            argument(
                "package", "What to upgrade; default: everything.", optional=True, multiple=True
            )
        )

    def guard(self) -> int:
        """Resolve again, and write the snapshot if all configurations are resolved."""
        from poetry_lockguard.resolution.preferences import Preferences

        with self.turn():
            previous = self.read()
            names = self._names(previous)
            chosen = self._chosen(previous, names)
            preferences = Preferences(previous.snapshot, self.lock_pins(), self.project.folder)
            resolutions = self.resolve(chosen, preferences, newest=names)
            if not isinstance(resolutions, list):
                return self.tell(resolutions)
            resolved = AssembledConfiguration.of(self.project.project(), resolutions)
            made = self.sound(assemble(previous.snapshot, resolved, forgets=True))
            if not isinstance(made, Snapshot):
                return self.tell(made)
            return self.finish(made, previous)

    def _names(self, previous: Reading) -> frozenset[str]:
        configurations = previous.snapshot.configurations.values()
        known = {name for entry in configurations for name in _names(entry)}
        wanted = [str(canonicalize_name(name)) for name in self.argument("package")]
        for name in wanted:
            if name not in known:
                near = suggestion(name, known, none="it contains none")
                raise UsageError(f"{previous.where}: no configuration has {name}{near}")
        return frozenset(wanted) or frozenset(known)

    def _chosen(self, previous: Reading, names: frozenset[str]) -> list[Configuration]:
        known = previous.snapshot.configurations
        wanted = [*split_names(self.option("config"))] or sorted(known)
        return [
            from_entry(name, previous.entry(name))
            for name in wanted
            if names & _names(previous.entry(name))
        ]


def _names(entry: ConfigurationEntry) -> set[str]:
    """Return the names of all that a configuration installs or builds packages with."""
    return {name for name, _ in used_in_any_way(entry)}
