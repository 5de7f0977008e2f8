"""Finds the configuration of an interpreter, or says why there is not exactly one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.errors import UsageError
from poetry_lockguard.snapshots.matching import Fitting, explained, matching
from poetry_lockguard.snapshots.select import named

if TYPE_CHECKING:
    from poetry_lockguard.snapshots.read import Reading
    from poetry_lockguard.targets.target import Target


class NoMatchError(UsageError):
    """None, or more than one, fits the interpreter."""


def the_one(reading: Reading, running: Target, name: str | None = None) -> str:
    """Give the named configuration, else the one that fits; NoMatchError lists the nearest."""
    if name is not None:
        named(reading.snapshot, name)
        return name
    outcome = matching(reading.snapshot, running)
    if isinstance(outcome, Fitting):
        return outcome.name
    raise NoMatchError(explained(outcome, reading.where))
