"""``poetry lockguard install``: check, fix if needed, then install with Poetry's own installer."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from cleo.formatters.formatter import Formatter

from poetry_lockguard.commands.base import GuardedCommand
from poetry_lockguard.commands.options import MIRROR, RETRIES, TEXT_OR_JSON, Option
from poetry_lockguard.commands.project_path import project_manifest
from poetry_lockguard.errors import UsageError
from poetry_lockguard.outcomes import Exit, Status
from poetry_lockguard.report import install as report
from poetry_lockguard.report.install import InstallReport

if TYPE_CHECKING:
    from cleo.io.io import IO

    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.index.network import Network
    from poetry_lockguard.installing.poetry_installer import InstallOutcome
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.relock.fixing import FixOutcome

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
CONFLICTS = (
    ("extras", ("all-extras",)),
    ("only-root", ("with", "without", "only", "all-groups", "no-root")),
    ("all-groups", ("with", "without", "only")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How the network may be asked, for fixing and for installing."""

    mirrors: tuple[str, ...]
    offline: bool
    timeout: float | None
    retries: int
    unattended: bool


class InstallCommand(GuardedCommand):
    """Checks, fixes if needed, installs."""

    name = "lockguard install"
    description = "Check the lock, fix it if needed, and install from it."
    accepts: ClassVar[tuple[Option, ...]] = (
        Option(name="no-fix", help="Do not fix a stale lock: explain it and exit with 1."),
        Option(
            name="allow-stale",
            help="Install a stale lock as it is, with a warning, when it cannot be fixed.",
        ),
        Option(name="sync", help="Also remove what the lock does not hold, as poetry sync does."),
        *(
            Option(name=name, help=text, takes="many", short="E" if name == "extras" else None)
            for name, text in LISTS.items()
        ),
        *(Option(name=name, help=text) for name, text in FLAGS.items()),
        Option(
            name="snapshot",
            takes="maybe",
            default="",
            help="Install from a snapshot alone; default: the one of the settings.",
        ),
        Option(name="config", takes="one", help="The snapshot's configuration to install."),
        Option(name="partial", help="Complete from the index what the snapshot does not pin."),
        MIRROR,
        Option(name="offline", help="Never ask the network; what is cached may be used."),
        Option(name="timeout", takes="one", help="Seconds for fixing the lock."),
        RETRIES,
        TEXT_OR_JSON,
    )

    def guard(self) -> int:
        """Check, fix if needed, install; say what came of each."""
        from poetry_lockguard.relock.fixing import diagnose

        self._refuse_conflicts()
        terms = self._terms()
        manifest = project_manifest(self)
        if self.option("snapshot") != "":
            return self._reproduce(manifest, terms)
        verdict = diagnose(manifest)
        self._refuse_unknown_names(manifest)
        if verdict.status is Status.FRESH:
            return self._install(manifest, terms, verdict, None)
        self._warn(report.explanation(verdict))
        if self.option("no-fix"):
            self._warn(["Nothing was installed; run `poetry lockguard fix` first"])
            return self._end(InstallReport(status="refused", verdict=verdict), Exit.FOUND)
        outcome = self._fix(manifest, terms)
        if outcome.status != "failed":
            return self._install(manifest, terms, verdict, outcome)
        if self.option("allow-stale") and verdict.status is Status.STALE:
            self._warn(
                [
                    "WARNING: installing a stale lock as it is, because of --allow-stale;",
                    "WARNING: what is installed does not match pyproject.toml",
                ]
            )
            return self._install(manifest, terms, verdict, outcome)
        advice = "; --allow-stale installs it as it is" if verdict.status is Status.STALE else ""
        self._warn([f"Nothing was installed: the lock could not be fixed{advice}"])
        return self._end(InstallReport(status="failed", verdict=verdict, fix=outcome), Exit.FOUND)

    def _refuse_conflicts(self) -> None:
        for name in ("config", "partial"):
            if self.option(name) and self.option("snapshot") == "":
                raise UsageError(f"--{name} goes with --snapshot only; add it, or drop --{name}")
        for name, others in CONFLICTS:
            for other in others:
                if self.option(name) and self.option(other):
                    raise UsageError(f"--{name} and --{other} do not go together; drop one")

    def _refuse_unknown_names(self, manifest: Manifest) -> None:
        """Refuse before anything is fixed or made what Poetry would refuse after."""
        groups = [
            group.strip()
            for name in ("with", "without", "only")
            for value in self.option(name)
            for group in value.split(",")
        ]
        extras = [extra for value in self.option("extras") for extra in value.split()]
        if groups or extras:
            from poetry_lockguard.installing.poetry_installer import refuse_unknown
            from poetry_lockguard.poetry_api.project import load

            poetry = load(manifest, disable_plugins=True)
            refuse_unknown(poetry, groups=groups, extras=extras)

    def _fix(self, manifest: Manifest, terms: Terms) -> FixOutcome:
        from poetry_lockguard.relock.fixing import FixRequest, fix
        from poetry_lockguard.report import fix as wording

        request = FixRequest(
            mirrors=terms.mirrors,
            offline=terms.offline,
            timeout=terms.timeout,
            retries=terms.retries,
            dry_run=self.option("dry-run"),
            unattended=terms.unattended,
        )
        outcome = fix(manifest, request, self.io)
        if outcome.status == "failed":
            self._warn(wording.failure(manifest.folder, outcome))
        else:
            self._say(wording.lines(manifest.folder, outcome, dry_run=self.option("dry-run")))
        return outcome

    def _install(
        self, manifest: Manifest, terms: Terms, verdict: Verdict, outcome: FixOutcome | None
    ) -> int:
        result = self._run_poetry(manifest, terms, outcome)
        self._warn([f"lockguard: {failure}" for failure in result.failures])
        done = result.code == 0
        final = InstallReport(
            status="installed" if done else "failed",
            verdict=verdict,
            fix=outcome,
            failures=result.failures,
        )
        return self._end(final, Exit.OK if done else Exit.FOUND)

    def _run_poetry(
        self, manifest: Manifest, terms: Terms, outcome: FixOutcome | None
    ) -> InstallOutcome:
        from poetry_lockguard.installing.poetry_installer import InstallRequest, install
        from poetry_lockguard.poetry_api.project import load, to_stderr

        request = InstallRequest(
            tokens=self._tokens(),
            sync=self.option("sync"),
            as_is=outcome is not None and outcome.status == "failed",
            lock_text=outcome.lock_text if outcome and self.option("dry-run") else None,
            network=self._network(manifest, terms),
        )
        io: IO = to_stderr(self.io) if self.is_json else self.io
        poetry = load(
            manifest,
            io,
            disable_plugins=self.option("no-plugins"),
            disable_cache=self.option("no-cache"),
        )
        return install(self.get_application(), poetry, request, io)

    @staticmethod
    def _network(manifest: Manifest, terms: Terms) -> Network:
        from poetry_lockguard.index.network import Network
        from poetry_lockguard.settings import parse

        settings = parse(manifest.settings, str(manifest.path))
        return Network(
            mirrors=terms.mirrors,
            settings_mirrors=settings.mirrors,
            offline=terms.offline,
            retries=terms.retries,
            unattended=terms.unattended,
        )

    def _reproduce(self, manifest: Manifest, terms: Terms) -> int:
        """Install from the snapshot alone."""
        from poetry_lockguard.commands.install_snapshot import (
            ReproductionRequest,
            refuse_others,
            reproduce,
        )
        from poetry_lockguard.poetry_api.project import to_stderr

        refuse_others(self.option)
        request = ReproductionRequest(
            manifest=manifest,
            file=self.option("snapshot"),
            config=self.option("config"),
            partial=self.option("partial"),
            sync=self.option("sync"),
            dry_run=self.option("dry-run"),
            tokens=self._tokens(),
            network=self._network(manifest, terms),
        )
        io: IO = to_stderr(self.io) if self.is_json else self.io
        outcome = reproduce(request, self.get_application(), io, lambda line: self._warn([line]))
        self._warn([*outcome.lines()])
        if self.is_json:
            self.line(Formatter.escape(outcome.as_json()))
        return outcome.code

    def _tokens(self) -> tuple[str, ...]:
        """Return the options of Poetry's own command as the user wrote them."""
        flags = [name for name in (*FLAGS, "no-plugins", "no-cache") if self.option(name)]
        lists = [(name, value) for name in LISTS for value in self.option(name)]
        return (
            *(f"--{name}" for name in flags),
            *(f"--{name}={value}" for name, value in lists),
        )

    def _terms(self) -> Terms:
        from poetry_lockguard.index.network import is_unattended
        from poetry_lockguard.urls import sound

        return Terms(
            mirrors=sound(self.option("mirror"), "--mirror"),
            offline=self.option("offline"),
            timeout=self.number("timeout", least=0.001),
            retries=int(self.number("retries", least=0) or 0),
            unattended=is_unattended(os.environ, interactive=self.io.is_interactive()),
        )

    def _end(self, final: InstallReport, code: Exit) -> int:
        if self.is_json:
            self.line(Formatter.escape(report.as_json(final)))
        return code

    def _say(self, lines: list[str]) -> None:
        if not self.is_json:
            self.line(Formatter.escape("\n".join(lines)))

    def _warn(self, lines: list[str]) -> None:
        if lines:
            self.line_error(f"<warning>{Formatter.escape(chr(10).join(lines))}</warning>")
