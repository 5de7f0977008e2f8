"""``poetry lockguard snapshot verify``: whether the snapshot still says the truth, all of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from poetry_lockguard.commands.configurations import declared, named, of_snapshot
from poetry_lockguard.commands.options import Option
from poetry_lockguard.commands.snapshot_base import SnapshotBaseCommand, read, split_names
from poetry_lockguard.commands.snapshot_options import CONFIG, FILE, TEXT_OR_JSON
from poetry_lockguard.outcomes import Exit, Problem, Severity
from poetry_lockguard.snapshots.canonical import Seal
from poetry_lockguard.snapshots.drift import drift
from poetry_lockguard.snapshots.installable import installable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.snapshots.read import Reading
    from poetry_lockguard.targets.configuration import Configuration


class SnapshotVerifyCommand(SnapshotBaseCommand):
    """Judges; writes nothing, and asks no network."""

    name = "lockguard snapshot verify"
    description = "Check seal, drift, completeness and agreement of the snapshot."
    accepts: ClassVar[tuple[Option, ...]] = (
        FILE,
        CONFIG,
        Option(name="installed", help="Also compare with what the environment holds."),
        Option(name="offline", help="Ask no network; verifying never does."),
        TEXT_OR_JSON,
    )

    def guard(self) -> int:
        """Judge."""
        reading = read(self.path)
        chosen = self._chosen(reading)
        problems = tuple(self._problems(reading, chosen))
        wrong = any(problem.severity is Severity.ERROR for problem in problems)
        report = replace(self.report("failed" if wrong else "ok"), problems=problems)
        from poetry_lockguard.report import snapshot as wording

        self.say(wording.as_json(report) if self.is_json else wording.text(report))
        return Exit.FOUND if wrong else Exit.OK

    def _chosen(self, reading: Reading) -> list[Configuration]:
        held = of_snapshot(reading.snapshot)
        names = [*split_names(self.option("config"))]
        if not names:
            return [*held.values()]
        return named(names, {**declared(self.manifest, self.settings), **held}, self.project)

    def _problems(self, reading: Reading, chosen: list[Configuration]) -> Iterator[Problem]:
        from poetry_lockguard.bridge import verifying

        file, snapshot, project = self.path.name, reading.snapshot, self.project
        if reading.seal is not Seal.OK:
            yield Problem(
                code="seal",
                message=f"the seal is {reading.seal.value}: it is not as it was written; restore"
                " it from git, or resolve it again with `poetry lockguard snapshot create`",
                file=file,
            )
        yield from drift(snapshot.project, project.project(), file)
        yield from verifying.closed(project, snapshot, chosen, file)
        yield from verifying.agreement(project, snapshot, chosen, self.lock_pins(), file)
        yield from self._files(reading, chosen)
        yield from verifying.unused(snapshot, project, file)
        if self.option("installed"):
            yield from self._installed(reading, chosen)

    def _files(self, reading: Reading, chosen: list[Configuration]) -> Iterator[Problem]:
        from poetry_lockguard.bridge import verifying

        for one in chosen:
            if one.name in reading.snapshot.configurations:
                held = verifying.of(reading.snapshot, one.name)
                yield from installable(one.name, held, one.target.tags, self.path.name)

    def _installed(self, reading: Reading, chosen: list[Configuration]) -> Iterator[Problem]:
        from poetry_lockguard.bridge import verifying
        from poetry_lockguard.bridge.environment_packages import found, running
        from poetry_lockguard.commands.matching import the_one

        env = self.project.environment()
        names = [one.name for one in chosen] if self.option("config") else []
        name = the_one(reading, running(env), names[0] if len(names) == 1 else None)
        here = {package: one.version for package, one in found(env, self.project).items()}
        entry = reading.snapshot.configurations[name]
        yield from verifying.installed(entry, here, name, self.path.name)
