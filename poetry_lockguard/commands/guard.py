"""The guard: checks the lock, or fixes it, before ``poetry install`` and ``poetry sync``."""

from __future__ import annotations

import os
from shlex import quote
from typing import TYPE_CHECKING

from cleo.exceptions import CleoError
from cleo.io.outputs.output import Type

from poetry_lockguard.errors import SettingsError
from poetry_lockguard.freshness.judge import judge
from poetry_lockguard.freshness.path_dependencies import with_paths
from poetry_lockguard.outcomes import Exit, Severity, Status
from poetry_lockguard.settings import GUARDS
from poetry_lockguard.shown_paths import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cleo.io.io import IO

    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.poetry_api.imports.console import Command
    from poetry_lockguard.settings import Settings

GUARDED = ("install", "sync")
PLACES = {"-C": "directory", "-P": "project"}  #: Poetry's options that say where the project is
VARIABLE = "LOCKGUARD_GUARD"


def wish(settings: Settings, environ: Mapping[str, str]) -> str:
    """Return what the guard does; a set environment variable overrides the settings.

    Raises SettingsError for an invalid value of the variable.
    """
    value = environ.get(VARIABLE, "")
    if not value:
        return settings.guard
    if value not in GUARDS:
        raise SettingsError(
            f"{VARIABLE}: expected one of {', '.join(GUARDS)}, not {value!r}; set one, or unset it"
        )
    return value


def guard(manifest: Manifest, how: str, command: Command, io: IO) -> Exit:
    """Check the lock before ``command`` runs; the command runs only after ``OK``.

    ``how`` is "check" (explain and stop) or "fix" (fix the lock and continue with the new one).
    Raises LockguardError if the lock cannot be checked.
    """
    if not _is_understood(command, io):
        return Exit.OK
    verdict = with_paths(judge(manifest, walk=True), manifest)
    if verdict.status is Status.FRESH:
        return Exit.OK
    if how == "check":
        from poetry_lockguard.report.drift_lines import lines

        _warn(io, lines(verdict.path, verdict.status, verdict.problems))
        _warn(io, [f"poetry {command.name} was stopped{_next_step(verdict, io)}"])
        return Exit.FOUND
    return _fix(manifest, verdict, command, io)


def _next_step(verdict: Verdict, io: IO) -> str:
    """Return the command that fixes the lock, as it must be typed in the same folder.

    An outdated entry of a path dependency is only found with ``-r``.
    """
    if verdict.status in {Status.UNSUPPORTED, Status.UNTRUSTED}:
        return ""
    given = {flag: io.input.option(name) for flag, name in PLACES.items()}
    words = [word for flag, value in given.items() if value for word in (flag, quote(value))]
    place = shown(verdict.path)
    more = [] if words or place == "." else [quote(place)]
    recursive = ["-r", *more] if _has_outdated_path(verdict) else []
    return f"; run `{' '.join(['poetry', *words, 'lockguard', 'fix', *recursive])}` first"


def _has_outdated_path(verdict: Verdict) -> bool:
    return any(
        problem.code == "path-dependency" and problem.severity is Severity.ERROR
        for problem in verdict.problems
    )


def _is_understood(command: Command, io: IO) -> bool:
    """Whether the command will run at all; Poetry itself reports invalid options."""
    try:
        io.input.bind(command.definition)
        io.input.validate()
    except CleoError:
        return False
    return True


def _fix(manifest: Manifest, verdict: Verdict, command: Command, io: IO) -> Exit:
    from poetry_lockguard.index.network import is_unattended
    from poetry_lockguard.installing.reload_lock import reload_lock
    from poetry_lockguard.poetry_api.manifest_warnings import warnings_once
    from poetry_lockguard.relock.fix_outcomes import Fixed, NotFixed
    from poetry_lockguard.relock.fix_request import FixRequest
    from poetry_lockguard.relock.fixing import fix
    from poetry_lockguard.report import fix as report

    dry_run = bool(io.input.option("dry-run"))
    request = FixRequest(
        dry_run=dry_run,
        unattended=is_unattended(os.environ, interactive=io.is_interactive()),
        explain=False,
        paths=True,
        then_poetry=not (os.environ.get("LOCKGUARD_MIRRORS") or manifest.settings.get("mirrors")),
        verbose=io.is_verbose(),
    )
    _warn(io, report.drift(verdict.path, verdict.status, verdict.problems))
    with warnings_once(io):
        outcome = fix(manifest, request, io)
    if isinstance(outcome, NotFixed):
        _warn(io, report.failure(verdict.path, outcome))
        _warn(io, [f"poetry {command.name} was stopped"])
        return Exit.FOUND
    _warn(io, report.lines(verdict.path, outcome, dry_run=dry_run))
    unwritten = outcome.lock_text if dry_run and isinstance(outcome, Fixed) else None
    reload_lock(command.poetry, unwritten)
    return Exit.OK


def _warn(io: IO, lines: Iterable[str]) -> None:
    from poetry_lockguard.commands.terminal.view import fitting

    for line in fitting(lines):
        io.error_output.write_line(line, type=Type.RAW)
