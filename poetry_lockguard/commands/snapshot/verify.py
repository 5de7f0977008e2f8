"""``poetry lockguard snapshot verify``: check the snapshot against project, lock and itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar

from poetry_lockguard.commands.options import TEXT_OR_JSON, Option
from poetry_lockguard.commands.snapshot.configurations import declared, named
from poetry_lockguard.commands.snapshot.snapshot_command import SnapshotBaseCommand, split_names
from poetry_lockguard.commands.snapshot.snapshot_options import CONFIG, FILE
from poetry_lockguard.outcomes import Problem, Severity
from poetry_lockguard.resolution.snapshot_problems import problems
from poetry_lockguard.snapshots.entry_configurations import of_snapshot
from poetry_lockguard.snapshots.environment_comparison import installed
from poetry_lockguard.snapshots.store import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.snapshots.format.reader import Reading
    from poetry_lockguard.targets.configuration import Configuration


class SnapshotVerifyCommand(SnapshotBaseCommand):
    """Verifies the snapshot; writes nothing and uses no network."""

    name = "lockguard snapshot verify"
    description = "Check seal, drift, completeness and agreement of the snapshot."
    accepts: ClassVar[tuple[Option, ...]] = (
        FILE,
        CONFIG,
        Option(name="installed", help="Also compare with the installed packages."),
        Option(name="offline", help="Never use the network (verify never does)."),
        TEXT_OR_JSON,
    )

    def guard(self) -> int:
        """Verify the snapshot and report the problems."""
        from poetry_lockguard.report.snapshot_outcomes import SnapshotFaulty, SnapshotVerified

        reading = read(self.path)
        chosen = self._chosen(reading)
        found = tuple(self._problems(reading, chosen))
        checked = [configuration.name for configuration in chosen]
        wrong = any(problem.severity is Severity.ERROR for problem in found)
        outcome = SnapshotFaulty if wrong else SnapshotVerified
        return self.tell(outcome(problems=found, checked=checked))

    def _chosen(self, reading: Reading) -> list[Configuration]:
        recorded = of_snapshot(reading.snapshot)
        names = [*split_names(self.option("config"))]
        if not names:
            return [*recorded.values()]
        return named(names, {**declared(self.manifest, self.settings), **recorded}, self.project)

    def _problems(self, reading: Reading, chosen: list[Configuration]) -> Iterator[Problem]:
        yield from problems(reading, self.project, chosen, self.lock_pins(), self.path.name)
        if not self.option("config"):
            yield from self._not_there(reading)
        if self.option("installed"):
            yield from self._installed(reading, chosen)

    def _not_there(self, reading: Reading) -> Iterator[Problem]:
        """Yield a warning for each declared configuration that is not in the snapshot."""
        for name in declared(self.manifest, self.settings):
            if name not in reading.snapshot.configurations:
                yield Problem(
                    code="configuration-missing",
                    message=f"is declared, but not in the snapshot;"
                    f" `poetry lockguard snapshot create --config {name}` adds it",
                    severity=Severity.WARNING,
                    file=self.path.name,
                ).in_configuration(name)

    def _installed(self, reading: Reading, chosen: list[Configuration]) -> Iterator[Problem]:
        from poetry_lockguard.resolution import installed_packages as environment
        from poetry_lockguard.snapshots.interpreter_match import default_configuration, the_one

        env = self.project.environment()
        names = [one.name for one in chosen] if self.option("config") else []
        one = names[0] if len(names) == 1 else None
        usual = default_configuration(self.settings, os.environ)
        name = the_one(reading, environment.running(env), one, self.warn, usual)
        found = environment.found(env, self.project)
        entry = reading.snapshot.configurations[name]
        yield from installed(entry, found, name, self.path.name)
