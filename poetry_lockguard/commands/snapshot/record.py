"""``poetry lockguard snapshot record``: record what is really installed."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import ClassVar

from poetry_lockguard.commands.options import TEXT_OR_JSON, Option
from poetry_lockguard.commands.snapshot.snapshot_command import SnapshotBaseCommand
from poetry_lockguard.commands.snapshot.snapshot_options import FILE
from poetry_lockguard.snapshots.interpreter_match import default_configuration, the_one


class SnapshotRecordCommand(SnapshotBaseCommand):
    """Writes the ``installed`` table of one configuration."""

    name = "lockguard snapshot record"
    description = "Record what is really installed in the active environment."
    accepts: ClassVar[tuple[Option, ...]] = (
        FILE,
        Option(name="config", takes="one", help="The configuration; default: the one that fits."),
        TEXT_OR_JSON,
    )

    def guard(self) -> int:
        """Read the environment and record its packages."""
        from poetry_lockguard.resolution.installed_packages import found, running

        with self.turn():
            previous = self.read()
            env = self.project.environment()
            given, usual = self.option("config"), default_configuration(self.settings, os.environ)
            name = the_one(previous, running(env), given, self.warn, usual)
            snapshot = previous.snapshot
            entry = replace(snapshot.configurations[name], installed=found(env, self.project))
            made = replace(snapshot, configurations={**snapshot.configurations, name: entry})
            return self.finish(made, previous)
