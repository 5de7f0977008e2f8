"""Writes to stderr what a fix does while it runs: its attempts, and what it waits for."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from poetry_lockguard.file_sets import settle
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.repair.ladder import Conflict, Declined, Failed, Solved

if sys.version_info >= (3, 11):
    from typing import assert_never
else:
    from typing_extensions import assert_never

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.relock.context import RelockContext
    from poetry_lockguard.relock.fix_request import FixRequest
    from poetry_lockguard.repair.ladder import Attempt, Outcome
    from poetry_lockguard.settings import Settings


class ErrorLines(Protocol):
    """What progress and warnings are written to: Poetry's IO, or a substitute without Poetry."""

    def write_error_line(self, messages: str) -> None:
        """Write a line to stderr."""


@dataclass(slots=True)
class Progress:
    """Writes what each attempt gave.

    Without -v that is what failed; the report explains a conflict. What declined is only written
    if nothing failed and yet there is no new lock.
    """

    io: ErrorLines
    is_verbose: bool
    declined: list[Attempt] = field(default_factory=list)
    has_failed: bool = False

    def add(self, attempt: Attempt) -> None:
        """Write an attempt, or keep it until it matters."""
        match attempt.outcome:
            case Declined() if not self.is_verbose:
                self.declined.append(attempt)
            case Conflict() if not self.is_verbose:
                self.has_failed = True
            case Failed():
                self.has_failed = True
                _write(attempt, self.io)
            case _:
                _write(attempt, self.io)

    def write_declined(self) -> None:
        """Write why the attempts declined, unless one failed or ``--offline`` ruled them out."""
        for attempt in () if self.has_failed else self.declined:
            if not (isinstance(attempt.outcome, Declined) and attempt.outcome.is_offline):
                _write(attempt, self.io)


def _write(attempt: Attempt, io: ErrorLines) -> None:
    """Write to stderr what an attempt gave; the report explains a conflict."""
    match attempt.outcome:
        case Solved(reason=reason):
            result = f"solved ({reason})" if reason else "solved"
        case Declined(reason=reason):
            result = f"declined: {reason}"
        case Failed(reason=reason):
            result = f"failed: {reason}"
        case Conflict():
            result = "failed"
        case _:
            assert_never(attempt.outcome)
    line = f"{attempt.strategy}: {result} ({attempt.seconds:.1f} s)"
    io.write_error_line(escaped(line))


def say_waiting(lock: Path, io: ErrorLines) -> None:
    """Say that another process works on the lock."""
    io.write_error_line(f"{lock}: another fix is running; waiting for it to finish")


def say_settled(
    manifest: Manifest, settings: Settings, request: FixRequest, io: ErrorLines
) -> None:
    """Complete what a killed run began to write, and say so."""
    if settings.exports and not request.dry_run and settle(manifest.lock_path, settings.exports):
        io.write_error_line(f"{manifest.lock_path}: completed what an interrupted run began")


def write_mirror(contexts: Sequence[RelockContext], io: ErrorLines) -> None:
    """Write how Poetry's own commands can use the mirror through which a lock was made."""
    for mirror in [context.mirror for context in contexts if context.mirror is not None][:1]:
        line = (
            f"PyPI's API cannot be used here; the lock was made through {mirror}. For"
            ' `poetry install` to use it, too, set mirrors = ["auto"] in [tool.lockguard], or'
            " LOCKGUARD_MIRRORS=auto; `poetry lockguard install` uses it anyway"
        )
        io.write_error_line(escaped(line))


def write_refused(contexts: Sequence[RelockContext], last: Outcome, io: ErrorLines) -> None:
    """Write which releases the policy kept out of the new lock, if any."""
    lock = parse(last.lock_text.encode("utf-8")) if isinstance(last, Solved) else None
    chosen = [(pin.name, pin.version) for pin in lock.pins] if lock else []
    for context in contexts:
        if context.admission is not None and context.admission.refused:
            from poetry_lockguard.policy.admission import refusals

            if line := refusals(context.admission, chosen):
                io.write_error_line(escaped(line))


def escaped(line: str) -> str:
    """Return a line in which nothing is taken for markup by the console."""
    if "<" not in line and "\\" not in line:
        return line
    from cleo.formatters.formatter import Formatter

    return Formatter.escape(line)
