"""Shared by the snapshot commands: the project, the file, reading, writing and reporting."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from cleo.formatters.formatter import Formatter
from cleo.io.outputs.output import Type

from poetry_lockguard.commands.base import GuardedCommand
from poetry_lockguard.commands.terminal.project_path import project_manifest
from poetry_lockguard.errors import one_line
from poetry_lockguard.manifest.requirements import silent_about_missing_paths
from poetry_lockguard.outcomes import Exit
from poetry_lockguard.plurals import counted
from poetry_lockguard.report.error_lines import error_document, error_line
from poetry_lockguard.settings import parse as parse_settings
from poetry_lockguard.shown_paths import shown
from poetry_lockguard.snapshots.assembly import Tampered
from poetry_lockguard.snapshots.damage import SealError
from poetry_lockguard.snapshots.format.file_facts import known_files
from poetry_lockguard.snapshots.store import SnapshotStore
from poetry_lockguard.snapshots.usage import pins

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from contextlib import AbstractContextManager

    from poetry_lockguard.index.network import Network
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.mirrors.failover import NoEndpointError
    from poetry_lockguard.policy.admission import Admission
    from poetry_lockguard.report.snapshot_outcomes import (
        SnapshotConflict,
        SnapshotOutcome,
        SnapshotRefused,
        SnapshotUnsolvable,
        SnapshotWritten,
    )
    from poetry_lockguard.resolution.configuration_resolver import ResolvedConfiguration
    from poetry_lockguard.resolution.preferences import Locked, Preferences
    from poetry_lockguard.resolution.project_configurations import SnapshotProject
    from poetry_lockguard.settings import Settings
    from poetry_lockguard.snapshots.document import Snapshot
    from poetry_lockguard.snapshots.format.reader import Reading
    from poetry_lockguard.snapshots.usage import Key
    from poetry_lockguard.targets.configuration import Configuration


class SnapshotBaseCommand(GuardedCommand):
    """A command that reads or writes the snapshot of a project."""

    file_option: ClassVar[str] = "file"  # the option that names the snapshot
    _manifest: Manifest | None = None
    _project: SnapshotProject | None = None

    @property
    def manifest(self) -> Manifest:
        """The project's manifest."""
        if self._manifest is None:
            self._manifest = project_manifest(self)
        return self._manifest

    @property
    def settings(self) -> Settings:
        """The settings in the manifest."""
        return parse_settings(self.manifest.settings, str(self.manifest.path))

    @property
    def path(self) -> Path:
        """The snapshot's file."""
        named = self.option(self.file_option)
        return Path(named) if named else self.manifest.folder / self.settings.snapshot

    @property
    def project(self) -> SnapshotProject:
        """The project as Poetry reads it."""
        if self._project is None:
            from poetry_lockguard.resolution.project_configurations import SnapshotProject

            self._project = SnapshotProject(self.manifest, self.path.absolute().parent)
        return self._project

    def store(self, path: Path | None = None) -> SnapshotStore:
        """Return the store of this snapshot, or of another one."""
        return SnapshotStore(path or self.path, self.warn)

    def read(self, path: Path | None = None) -> Reading:
        """Read the snapshot, with a warning for a bad seal; LockguardError if there is none."""
        return self.store(path).read()

    def read_if_there(self, path: Path | None = None) -> Reading | None:
        """Read the snapshot, or return ``None`` if there is none yet."""
        return self.store(path).read_if_there()

    def turn(self, path: Path | None = None) -> AbstractContextManager[None]:
        """Lock the snapshot for writing; refuse the path of a manifest or a poetry.lock."""
        return self.store(path).exclusive_lock()

    def resolve(
        self,
        chosen: Sequence[Configuration],
        preferences: Preferences,
        *,
        first: Collection[Key] = (),
        newest: Collection[str] = (),
    ) -> list[ResolvedConfiguration] | SnapshotUnsolvable | SnapshotRefused:
        """Resolve all of these configurations, or return why not all can be."""
        from poetry_lockguard.mirrors.failover import NoEndpointError
        from poetry_lockguard.report.snapshot_outcomes import SnapshotRefused, SnapshotUnsolvable
        from poetry_lockguard.resolution.configuration_resolver import Unsolvable

        try:
            with self.project.indexes(self.network()) as indexes:
                outcomes = indexes.resolve(
                    chosen,
                    preferences,
                    first=first,
                    newest=newest,
                    progress=lambda name: self.progress(f"Resolving {name}"),
                )
        except NoEndpointError as error:
            return SnapshotRefused(notes=endpoint_reasons(error))
        failed = {one.name: one.reason for one in outcomes if isinstance(one, Unsolvable)}
        if failed:
            return SnapshotUnsolvable(reasons=failed)
        resolved = [one for one in outcomes if not isinstance(one, Unsolvable)]
        for reason in dict.fromkeys(reason for one in resolved for reason in one.unlocked):
            self.warn(f"WARNING: {reason}")
        return resolved

    def lock_pins(self) -> tuple[Locked, ...]:
        """Return the pins of poetry.lock to prefer; warn if the lock cannot be read."""
        try:
            return self.project.preferred()
        except (RuntimeError, KeyError, ValueError) as error:
            reason = one_line(error)
            lock = self.manifest.lock_path
            self.warn(f"{lock}: cannot be read, so its pins are not preferred: {reason}")
            return ()

    def sound(self, assembled: Snapshot | Tampered) -> Snapshot | SnapshotConflict:
        """Return the new snapshot, or the files that changed without changing their names."""
        if isinstance(assembled, Tampered):
            from poetry_lockguard.report.snapshot_outcomes import SnapshotConflict

            note = (
                "files have other hashes than when they were pinned; nothing was written. If they"
                " should, first remove their pins with `poetry lockguard snapshot remove`"
            )
            return SnapshotConflict(conflicts=assembled.conflicts, notes=[note])
        return assembled

    def finish(
        self,
        made: Snapshot,
        previous: Reading | None,
        *,
        verified: bool = False,
        keeps_time: bool = False,
        notes: Sequence[str] = (),
    ) -> int:
        """Write the snapshot if it is new, and report the differences.

        ``generated`` is set to the present time, unless the snapshot ``keeps_time``.
        """
        outcome = self._written(made, previous, verified=verified, keeps_time=keeps_time)
        if previous is not None and not outcome.diff.found:
            notes = [*notes, *_learned(previous.snapshot, made)]
        return self.tell(replace(outcome, notes=notes))

    def _written(
        self, made: Snapshot, previous: Reading | None, *, verified: bool, keeps_time: bool
    ) -> SnapshotWritten:
        from poetry_lockguard.report.snapshot import diff_of
        from poetry_lockguard.report.snapshot_outcomes import (
            SnapshotChanged,
            SnapshotCreated,
            SnapshotUnchanged,
        )

        if not keeps_time:
            made = replace(made, generated=None)
        wrote = self.store().put(made, previous, verified=verified)
        old = None if previous is None else previous.snapshot
        diff = diff_of(old, made, ("before", shown(self.path)))
        diff = replace(diff, verbose=self.io.is_verbose())
        if not wrote:
            return SnapshotUnchanged(diff=diff)
        return SnapshotCreated(diff=diff) if previous is None else SnapshotChanged(diff=diff)

    def tell(self, outcome: SnapshotOutcome) -> Exit:
        """Report to stdout, or, if nothing was written and the format is text, to stderr."""
        from poetry_lockguard.report import snapshot
        from poetry_lockguard.report.snapshot_outcomes import SnapshotReport, exit_code, is_failure

        command = (self.name or "").removeprefix("lockguard ")
        report = SnapshotReport(command=command, file=shown(self.path), outcome=outcome)
        if self.is_json:
            self.say(snapshot.as_json(report))
        elif is_failure(outcome):
            self.line_error(Formatter.escape(snapshot.text(report)))
        else:
            self.say(snapshot.text(report))
        return exit_code(outcome)

    def handle(self) -> int:
        """Run the command; a bad seal that stops it is a finding (exit code 1), not a usage error.

        Poetry warns about a missing path each time it reads a requirement, once for each
        configuration; the commands report it themselves, once.
        """
        try:
            with silent_about_missing_paths():
                return super().handle()
        except SealError as error:
            if self.is_json:
                self.say(error_document((self.name or "").removeprefix("lockguard "), str(error)))
            self.line_error(f"<error>{Formatter.escape(error_line(str(error)))}</error>")
            return Exit.FOUND

    def network(self) -> Network:
        """Return how the network may be used: mirrors, offline, retries and the deadline."""
        import time

        from poetry_lockguard.index.network import Network, is_unattended
        from poetry_lockguard.urls import sound

        timeout = self.number("timeout", least=0.001)
        return Network(
            mirrors=sound(self.option("mirror"), "--mirror"),
            settings_mirrors=self.settings.mirrors,
            offline=self.option("offline"),
            retries=int(self.number("retries", least=0) or 0),
            deadline=None if timeout is None else time.monotonic() + timeout,
            unattended=is_unattended(os.environ, interactive=self.io.is_interactive()),
            admission=self._admission(),
        )

    def _admission(self) -> Admission | None:
        """Return what the policy lets into a snapshot: the age of the lock's pins is no matter."""
        policy = self.settings.policy
        if policy is None:
            return None
        from poetry_lockguard.freshness.policed import admission

        kept = self.project.preferred_or_none()
        pairs = ((str(one.package.name), one.package.version.text) for one in kept)
        return admission(self.manifest, policy, pairs)

    def say(self, text: str) -> None:
        """Print the result to stdout."""
        if text:
            self.io.write_line(text, type=Type.RAW)

    def warn(self, text: str) -> None:
        """Print to stderr."""
        self.line_error(f"<warning>{Formatter.escape(text)}</warning>")

    def progress(self, text: str) -> None:
        """Show progress, on a terminal or with ``-v``."""
        if self.io.error_output.is_decorated() or self.io.is_verbose():
            self.line_error(Formatter.escape(text))


def _learned(old: Snapshot, new: Snapshot) -> Iterator[str]:
    """Say if a snapshot that pins the same knows more of its files than before."""
    before = pins(old)
    count = sum(
        len(known_files(entry.facts) - known_files(before[key].facts))
        for key, entry in pins(new).items()
        if key in before
    )
    if count:
        yield f"sizes and upload times of {counted(count, 'file')} added"


def endpoint_reasons(error: NoEndpointError) -> list[str]:
    """Return a line for each endpoint, with the reason why it could not be used."""
    return [f"{name}: {reason}" for name, reason in error.reasons]


def split_names(values: list[str]) -> Iterator[str]:
    """Split values that contain several names, separated by commas or spaces."""
    for value in values:
        yield from value.replace(",", " ").split()
