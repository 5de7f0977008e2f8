"""``poetry lockguard fix``: fix stale and damaged locks, gentlest strategy first."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from cleo.io.outputs.output import Type

from poetry_lockguard.commands.base import GuardedCommand
from poetry_lockguard.commands.fix_options import OPTIONS, PATHS
from poetry_lockguard.commands.terminal.view import fitting, terminal_view
from poetry_lockguard.errors import LockguardError, ManifestError
from poetry_lockguard.manifest.document import read
from poetry_lockguard.outcomes import Exit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from poetry_lockguard.commands.options import Option
    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.relock.fix_outcomes import FixOutcome
    from poetry_lockguard.relock.fix_request import FixRequest
    from poetry_lockguard.report.fix import Told


class FixCommand(GuardedCommand):
    """Makes a lock with the gentlest strategy that works, and replaces the old one with it."""

    name = "lockguard fix"
    description = "Bring poetry.lock back in step with pyproject.toml, and report what changed."
    accepts: ClassVar[tuple[Option, ...]] = OPTIONS
    paths: ClassVar[str | None] = PATHS

    def guard(self) -> int:
        """Fix one project after the other; one that cannot be read does not stop the rest."""
        request = self._request()
        single = not self.option("recursive") and len(self.argument("path")) <= 1
        results: list[Told] = []
        worst = Exit.OK
        for folder, outcome in self._outcomes(request, single=single):
            results.append((folder, outcome))
            worst = max(worst, self._report(folder, outcome, request))
        if not results and not self._has_projects():
            places = ", ".join(self.argument("path")) or str(self.start_folder())
            raise ManifestError(
                f"{places}: no Poetry project in this folder or below; name another folder"
            )
        self._end(results, single=single)
        return worst

    def _outcomes(self, request: FixRequest, *, single: bool) -> Iterator[Told]:
        from poetry_lockguard.relock.fixing import fix

        def fix_one(manifest: Manifest) -> FixOutcome:
            return fix(manifest, request, self.io, self._explain)

        if self.option("recursive"):
            from poetry_lockguard.commands.fix_many import fix_in_order

            yield from fix_in_order(self._manifests(), fix_one, self.io)
            return
        for path in self._manifests():
            try:
                yield path.parent, fix_one(read(path))
            except LockguardError as error:  # noqa: PERF203 - a fix takes much longer
                if single:
                    raise
                yield path.parent, str(error)

    def _manifests(self) -> Iterator[Path]:
        from poetry_lockguard.freshness.discovery import find

        start = self.start_folder()
        return find(
            [Path(path) for path in self.argument("path")],
            start,
            recursive=self.option("recursive"),
        )

    def _has_projects(self) -> bool:
        """Whether there are Poetry projects, all of which may be without a lock."""
        from poetry_lockguard.commands.fix_many import is_poetrys

        return self.option("recursive") and any(map(is_poetrys, self._manifests()))

    def _end(self, results: list[Told], *, single: bool) -> None:
        from poetry_lockguard.report import fix as report

        if self.is_json:
            self._say([report.document(results, single=single)])
        elif self.option("recursive"):
            self._say([report.summary(results, dry_run=self.option("dry-run"))])

    def _explain(self, verdict: Verdict) -> None:
        if not self.is_json:
            from poetry_lockguard.report.fix import drift

            self._warn(drift(verdict.path, verdict.status, verdict.problems))

    def _report(self, folder: Path, outcome: FixOutcome | str, request: FixRequest) -> Exit:
        from poetry_lockguard.relock.fix_outcomes import NotFixed
        from poetry_lockguard.report import fix as report

        if isinstance(outcome, str):
            self._warn([f"lockguard: {outcome}"])
            return Exit.CANNOT_LOOK
        if not self.is_json:
            view = terminal_view(self.io)
            self._say(report.lines(folder, outcome, dry_run=self.option("dry-run"), view=view))
        if isinstance(outcome, NotFixed):
            if not request.explain:
                self._warn(report.drift(folder, outcome.was, outcome.problems))
            self._warn(report.failure(folder, outcome, is_verbose=self.io.is_verbose()))
            return Exit.FOUND
        return Exit.OK

    def _request(self) -> FixRequest:
        from poetry_lockguard.index.network import is_unattended
        from poetry_lockguard.relock.fix_request import FixRequest
        from poetry_lockguard.urls import sound

        unattended = is_unattended(os.environ, interactive=self.io.is_interactive())
        is_watched = sys.stderr.isatty() and not unattended
        return FixRequest(
            strategies=tuple(dict.fromkeys(self.option("strategy"))),
            mirrors=sound(self.option("mirror"), "--mirror"),
            offline=self.option("offline"),
            timeout=self.number("timeout", least=0.001),
            retries=int(self.number("retries", least=0) or 0),
            dry_run=self.option("dry-run"),
            unattended=unattended,
            explain=self.is_json or self.io.is_verbose() or is_watched,
            paths=self.option("recursive"),
            lock_format=self.option("lock-format"),
            verbose=self.io.is_verbose(),
            force=self.option("force"),
        )

    def _say(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.io.write_line(line, type=Type.RAW)

    def _warn(self, lines: Iterable[str]) -> None:
        for line in fitting(lines):
            self.io.error_output.write_line(line, type=Type.RAW)
