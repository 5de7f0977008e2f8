"""``poetry lockguard install``: check, fix if needed, then install with Poetry's own installer."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from cleo.formatters.formatter import Formatter

from poetry_lockguard.commands.base import GuardedCommand
from poetry_lockguard.commands.terminal import install_options
from poetry_lockguard.commands.terminal.install_messages import InstallMessages
from poetry_lockguard.commands.terminal.project_path import project_manifest
from poetry_lockguard.commands.terminal.view import fitting, terminal_view
from poetry_lockguard.errors import ManifestError
from poetry_lockguard.freshness.discovery import locate
from poetry_lockguard.manifest.document import read as read_manifest
from poetry_lockguard.outcomes import Exit
from poetry_lockguard.report import install as report

if TYPE_CHECKING:
    from poetry_lockguard.commands.options import Option
    from poetry_lockguard.installing.bundle_installation import OpenedBundle
    from poetry_lockguard.installing.checked_install import Console, InstallWishes
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.relock.fix_request import FixRequest


class InstallCommand(GuardedCommand):
    """Checks the lock, fixes it if needed, and installs from it."""

    name = "lockguard install"
    description = "Check the lock, fix it if needed, and install from it."
    accepts: ClassVar[tuple[Option, ...]] = install_options.ACCEPTS

    def guard(self) -> int:
        """Check, fix if needed, install; report each step."""
        from poetry_lockguard.installing.checked_install import check_and_install
        from poetry_lockguard.installing.install_outcomes import InstallSucceeded

        is_from_snapshot = install_options.asks_for_snapshot(self.option) or self._is_set_so()
        install_options.refuse_conflicts(self.option, from_snapshot=is_from_snapshot)
        request = self._fix_request()
        if is_from_snapshot:
            return self._reproduce(request)
        manifest = project_manifest(self)
        messages = InstallMessages(
            self._say,
            self._warn,
            manifest.folder,
            dry_run=self.option("dry-run"),
            view=terminal_view(self.io),
        )
        outcome = check_and_install(manifest, self._wishes(request), self._console(), messages)
        self._warn(report.failure_lines(report.failures(outcome)))
        self._close(report.closing(outcome, manifest.folder, dry_run=self.option("dry-run")))
        if self.is_json:
            self.line(Formatter.escape(report.as_json(outcome)))
        return Exit.OK if isinstance(outcome, InstallSucceeded) else Exit.FOUND

    def _is_set_so(self) -> bool:
        """Whether the settings say that the snapshot is installed in place of the lock."""
        from poetry_lockguard.settings import FROM_SNAPSHOT, parse

        try:
            manifest = read_manifest(locate(self.start_folder().absolute()))
        except ManifestError:
            return False  # whoever needs the manifest reports it
        return parse(manifest.settings, str(manifest.path)).install == FROM_SNAPSHOT

    def _wishes(self, request: FixRequest) -> InstallWishes:
        from poetry_lockguard.installing.checked_install import InstallWishes

        groups = [
            group
            for name in install_options.GROUPS
            for group in sorted(install_options.groups(self.option, name))
        ]
        return InstallWishes(
            fix=request,
            tokens=install_options.tokens(self.option),
            groups=tuple(groups),
            extras=tuple(extra for value in self.option("extras") for extra in value.split()),
            sync=self.option("sync"),
            no_fix=self.option("no-fix"),
            allow_stale=self.option("allow-stale"),
            disable_plugins=self.option("no-plugins"),
            disable_cache=self.option("no-cache"),
        )

    def _console(self) -> Console:
        """Return where Poetry runs and prints; with JSON, only the document goes to stdout."""
        from poetry_lockguard.installing.checked_install import Console
        from poetry_lockguard.poetry_api.project import to_stderr

        installing = to_stderr(self.io) if self.is_json else self.io
        return Console(self.get_application(), self.io, installing)

    def _manifest_or_stand_in(self, bundle: OpenedBundle | None) -> tuple[Manifest, bool]:
        """Return the manifest, or, where there is none, one with what the snapshot says."""
        from poetry_lockguard.installing.snapshot_manifest import stand_in
        from poetry_lockguard.snapshots.store import read

        try:
            path = locate(self.start_folder().absolute())
        except ManifestError:
            named = self.option("snapshot") or (bundle and bundle.snapshot)
            file = Path(named) if named else self.start_folder() / "lockguard.lock"
            if not file.exists():
                raise
            return stand_in(read(file).snapshot, self.start_folder().absolute()), False
        return read_manifest(path), True

    def _reproduce(self, fix_request: FixRequest) -> int:
        """Install from the snapshot alone, or from a bundle, which has one."""
        from poetry_lockguard.installing.bundle_installation import opened

        install_options.refuse_with_snapshot(self.option)
        if not self.option("bundle"):
            return self._reproduce_from(fix_request, None)
        with opened(Path(self.option("bundle"))) as bundle:
            return self._reproduce_from(fix_request._replace(offline=True), bundle)

    def _reproduce_from(self, fix_request: FixRequest, bundle: OpenedBundle | None) -> int:
        from poetry_lockguard.commands.snapshot.configurations import declared
        from poetry_lockguard.installing.checked_install import network
        from poetry_lockguard.installing.snapshot_choice import GroupChoice
        from poetry_lockguard.installing.snapshot_installation import ReproductionRequest, reproduce
        from poetry_lockguard.settings import parse
        from poetry_lockguard.snapshots.interpreter_match import default_configuration

        manifest, has_manifest = self._manifest_or_stand_in(bundle)
        settings = parse(manifest.settings, str(manifest.path))
        request = ReproductionRequest(
            manifest=manifest,
            file=self.option("snapshot"),
            config=self.option("config"),
            partial=self.option("partial"),
            sync=self.option("sync"),
            dry_run=self.option("dry-run"),
            tokens=install_options.tokens(self.option, with_groups=False),
            network=network(manifest, fix_request),
            has_manifest=has_manifest,
            groups=GroupChoice(
                included=install_options.groups(self.option, "with"),
                excluded=install_options.groups(self.option, "without"),
                only=install_options.groups(self.option, "only"),
            ),
            declared=declared(manifest, settings),
            bundle=bundle,
            default=default_configuration(settings, os.environ),
        )
        console = self._console()
        outcome = reproduce(
            request, console.application, console.installing, lambda line: self._warn([line])
        )
        self._warn([*report.snapshot_lines(outcome)])
        self._close(report.snapshot_closing(outcome, dry_run=self.option("dry-run")))
        if self.is_json:
            self.line(Formatter.escape(report.snapshot_json(outcome)))
        return outcome.code

    def _fix_request(self) -> FixRequest:
        from poetry_lockguard.index.network import is_unattended
        from poetry_lockguard.relock.fix_request import FixRequest
        from poetry_lockguard.urls import sound

        return FixRequest(
            mirrors=sound(self.option("mirror"), "--mirror"),
            offline=self.option("offline"),
            timeout=self.number("timeout", least=0.001),
            retries=int(self.number("retries", least=0) or 0),
            dry_run=self.option("dry-run"),
            unattended=is_unattended(os.environ, interactive=self.io.is_interactive()),
            verbose=self.io.is_verbose(),
        )

    def _say(self, lines: list[str]) -> None:
        if not self.is_json:
            self.line(Formatter.escape("\n".join(lines)))

    def _close(self, lines: list[str]) -> None:
        if lines:
            self._say(["", *lines])

    def _warn(self, lines: list[str]) -> None:
        if lines:
            self.line_error(f"<warning>{Formatter.escape(chr(10).join(fitting(lines)))}</warning>")
