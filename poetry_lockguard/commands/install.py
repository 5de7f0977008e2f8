"""``poetry lockguard install``: check, fix if needed, then install with Poetry's own installer."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from cleo.formatters.formatter import Formatter

from poetry_lockguard.commands.base import GuardedCommand
from poetry_lockguard.commands.options import LOCK_FORMAT, MIRROR, RETRIES, TEXT_OR_JSON, Option
from poetry_lockguard.commands.terminal.install_messages import InstallMessages
from poetry_lockguard.commands.terminal.project_path import project_manifest
from poetry_lockguard.commands.terminal.view import terminal_view
from poetry_lockguard.errors import ManifestError, UsageError
from poetry_lockguard.freshness.discovery import locate
from poetry_lockguard.manifest.document import read as read_manifest
from poetry_lockguard.outcomes import Exit
from poetry_lockguard.report import install as report

if TYPE_CHECKING:
    from poetry_lockguard.installing.bundle_installation import OpenedBundle
    from poetry_lockguard.installing.checked_install import Console, InstallWishes
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.relock.fixing import FixRequest

FLAGS = {
    "no-root": "Do not install the project itself.",
    "only-root": "Install the project itself and no dependencies.",
    "no-directory": "Do not install path dependencies that are folders.",
    "all-extras": "Install all extras.",
    "all-groups": "Install all groups.",
    "compile": "Compile Python files to bytecode.",
    "dry-run": "Show what would be done; write nothing, install nothing.",
}
LISTS = {
    "with": "Optional groups to install as well.",
    "without": "Groups to leave out.",
    "only": "The only groups to install.",
    "extras": "Extras to install.",
}
GROUPS = ("with", "without", "only")
NOT_WITH_SNAPSHOT = (
    "extras",
    "all-extras",
    "all-groups",
    "only-root",
    "no-fix",
    "allow-stale",
)
CONFLICTS = (
    ("extras", ("all-extras",)),
    ("only-root", ("with", "without", "only", "all-groups", "no-root")),
    ("all-groups", ("with", "without", "only")),
)


class InstallCommand(GuardedCommand):
    """Checks the lock, fixes it if needed, and installs from it."""

    name = "lockguard install"
    description = "Check the lock, fix it if needed, and install from it."
    accepts: ClassVar[tuple[Option, ...]] = (
        Option(name="no-fix", help="Do not fix a stale lock: explain it and exit with 1."),
        Option(
            name="allow-stale",
            help="Install a stale lock as it is, with a warning, when it cannot be fixed.",
        ),
        Option(
            name="sync",
            help="Also remove packages that the lock does not contain, as poetry sync does.",
        ),
        *(
            Option(name=name, help=text, takes="many", short="E" if name == "extras" else None)
            for name, text in LISTS.items()
        ),
        *(Option(name=name, help=text) for name, text in FLAGS.items()),
        Option(
            name="snapshot",
            takes="maybe",
            default="",
            help="Install from a snapshot alone; default: the one in the settings.",
        ),
        Option(
            name="frozen",
            help="Install from the snapshot in the settings alone, in place of the lock.",
        ),
        Option(name="config", takes="one", help="The snapshot's configuration to install."),
        Option(
            name="bundle",
            takes="one",
            help="Install from a bundle (a folder, .tar or .zip) alone, without any network.",
        ),
        Option(name="partial", help="Install what the snapshot does not pin from the index."),
        MIRROR,
        Option(name="offline", help="Never use the network; caches may be used."),
        Option(name="timeout", takes="one", help="Seconds for fixing the lock."),
        RETRIES,
        LOCK_FORMAT,
        TEXT_OR_JSON,
    )

    def guard(self) -> int:
        """Check, fix if needed, install; report each step."""
        from poetry_lockguard.installing.checked_install import check_and_install
        from poetry_lockguard.installing.install_outcomes import InstallSucceeded

        self._refuse_conflicts()
        request = self._fix_request()
        if self._is_from_snapshot:
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
        self._warn([f"lockguard: {failure}" for failure in report.failures(outcome)])
        self._close(report.closing(outcome, manifest.folder, dry_run=self.option("dry-run")))
        if self.is_json:
            self.line(Formatter.escape(report.as_json(outcome)))
        return Exit.OK if isinstance(outcome, InstallSucceeded) else Exit.FOUND

    @property
    def _is_from_snapshot(self) -> bool:
        """Whether the snapshot is to be installed, by an option or by the settings."""
        asked = self.option("frozen") or self.option("bundle") or self.option("snapshot") != ""
        return bool(asked) or self._is_set_so()

    def _is_set_so(self) -> bool:
        """Whether the settings say that the snapshot is installed in place of the lock."""
        from poetry_lockguard.settings import FROM_SNAPSHOT, parse

        try:
            manifest = read_manifest(locate(self.start_folder().absolute()))
        except ManifestError:
            return False  # whoever needs the manifest reports it
        return parse(manifest.settings, str(manifest.path)).install == FROM_SNAPSHOT

    def _refuse_conflicts(self) -> None:
        for name in ("config", "partial"):
            if self.option(name) and not self._is_from_snapshot:
                raise UsageError(f"--{name} needs --snapshot; add it, or remove --{name}")
        for name, others in CONFLICTS:
            for other in others:
                if self.option(name) and self.option(other):
                    raise UsageError(f"--{name} and --{other} cannot be combined; remove one")

    def _wishes(self, request: FixRequest) -> InstallWishes:
        from poetry_lockguard.installing.checked_install import InstallWishes

        groups = [group for name in GROUPS for group in sorted(self._groups(name))]
        return InstallWishes(
            fix=request,
            tokens=self._tokens(),
            groups=tuple(groups),
            extras=tuple(extra for value in self.option("extras") for extra in value.split()),
            sync=self.option("sync"),
            no_fix=self.option("no-fix"),
            allow_stale=self.option("allow-stale"),
            disable_plugins=self.option("no-plugins"),
            disable_cache=self.option("no-cache"),
        )

    def _groups(self, name: str) -> frozenset[str]:
        return frozenset(group.strip() for value in self.option(name) for group in value.split(","))

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

        self._refuse_with_snapshot()
        if not self.option("bundle"):
            return self._reproduce_from(fix_request, None)
        with opened(Path(self.option("bundle"))) as bundle:
            return self._reproduce_from(replace(fix_request, offline=True), bundle)

    def _reproduce_from(self, fix_request: FixRequest, bundle: OpenedBundle | None) -> int:
        from poetry_lockguard.commands.snapshot.configurations import declared
        from poetry_lockguard.installing.checked_install import network
        from poetry_lockguard.installing.snapshot_choice import GroupChoice
        from poetry_lockguard.installing.snapshot_installation import ReproductionRequest, reproduce
        from poetry_lockguard.settings import parse

        manifest, has_manifest = self._manifest_or_stand_in(bundle)
        request = ReproductionRequest(
            manifest=manifest,
            file=self.option("snapshot"),
            config=self.option("config"),
            partial=self.option("partial"),
            sync=self.option("sync"),
            dry_run=self.option("dry-run"),
            tokens=self._tokens(groups=False),
            network=network(manifest, fix_request),
            has_manifest=has_manifest,
            groups=GroupChoice(
                included=self._groups("with"),
                excluded=self._groups("without"),
                only=self._groups("only"),
            ),
            declared=declared(manifest, parse(manifest.settings, str(manifest.path))),
            bundle=bundle,
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

    def _refuse_with_snapshot(self) -> None:
        """Reject options about the lock or the manifest: the snapshot alone decides."""
        for name in ("frozen", "snapshot", "partial"):
            if self.option("bundle") and self.option(name) not in {"", False}:
                raise UsageError(f"--bundle and --{name} cannot be combined; remove one")
        for name in NOT_WITH_SNAPSHOT:
            if self.option(name):
                raise UsageError(
                    f"{self._why_snapshot()} and --{name} cannot be combined; the snapshot decides"
                )

    def _why_snapshot(self) -> str:
        """Return what makes this an installation from the snapshot."""
        if self.option("bundle"):
            return "--bundle"
        if self.option("snapshot") != "":
            return "--snapshot"
        return "--frozen" if self.option("frozen") else 'install = "snapshot" in the settings'

    def _tokens(self, *, groups: bool = True) -> tuple[str, ...]:
        """Return the options of Poetry's own command as the user wrote them."""
        named = [name for name in LISTS if groups or name not in GROUPS]
        flags = [name for name in (*FLAGS, "no-plugins", "no-cache") if self.option(name)]
        lists = [(name, value) for name in named for value in self.option(name)]
        return (
            *(f"--{name}" for name in flags),
            *(f"--{name}={value}" for name, value in lists),
        )

    def _fix_request(self) -> FixRequest:
        from poetry_lockguard.index.network import is_unattended
        from poetry_lockguard.relock.fixing import FixRequest
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
            self.line_error(f"<warning>{Formatter.escape(chr(10).join(lines))}</warning>")
