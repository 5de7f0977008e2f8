"""Find the configuration of an interpreter, or report why there is not exactly one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.errors import UsageError
from poetry_lockguard.snapshots.configuration_match import OneFitting, explained, matching, misfits

if TYPE_CHECKING:
    from collections.abc import Callable

    from poetry_lockguard.snapshots.format.reader import Reading
    from poetry_lockguard.targets.target import Target


class NoMatchError(UsageError):
    """No configuration, or more than one, fits the interpreter."""


def the_one(
    reading: Reading, running: Target, name: str | None, warn: Callable[[str], None]
) -> str:
    """Return the named configuration, else the one that fits; NoMatchError lists the nearest.

    A named one that differs from the interpreter is accepted, with a note on the differences.
    """
    if name is not None:
        if reasons := misfits(reading.entry(name).target, running):
            warn(
                f"WARNING: {reading.where}: {name} is not for this interpreter:"
                f" {'; '.join(reasons)}"
            )
        return name
    outcome = matching(reading.snapshot, running)
    if isinstance(outcome, OneFitting):
        return outcome.name
    raise NoMatchError(explained(outcome, reading.where))
