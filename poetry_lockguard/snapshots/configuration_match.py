"""Which configuration fits an interpreter: the one that does, or why none or several do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from poetry_lockguard.errors import UsageError
from poetry_lockguard.targets.environment_match import differences
from poetry_lockguard.targets.target import Target, target

if TYPE_CHECKING:
    from poetry_lockguard.snapshots.document import Snapshot, TargetEntry

_NEAREST = 3  # how many a message lists


@dataclass(frozen=True, slots=True)
class OneFitting:
    """The one configuration that fits."""

    name: str


@dataclass(frozen=True, slots=True)
class SeveralFitting:
    """More than one fits; the user has to choose."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoneFitting:
    """None fits; the nearest, each with all the ways in which the interpreter is another."""

    nearest: tuple[tuple[str, tuple[str, ...]], ...]


def matching(snapshot: Snapshot, running: Target) -> OneFitting | SeveralFitting | NoneFitting:
    """Find the configuration for this interpreter.

    A configuration for another patch release of the same Python fits, unless there is one for
    exactly this release.
    """
    against = {
        name: misfits(entry.target, running)
        for name, entry in sorted(snapshot.configurations.items())
    }
    fitting = [name for name, reasons in against.items() if not reasons]
    exact = [
        name for name in fitting if snapshot.configurations[name].target.python == running.python
    ]
    match tuple(exact or fitting):
        case ():
            nearest = sorted(against.items(), key=lambda item: (len(item[1]), item[0]))
            return NoneFitting(tuple(nearest[:_NEAREST]))
        case (name,):
            return OneFitting(name)
        case names:
            return SeveralFitting(names)


def misfits(wanted: TargetEntry, running: Target) -> tuple[str, ...]:
    """Yield how this interpreter differs from what a configuration was resolved for."""
    try:
        described = target(wanted.python, wanted.platform, wanted.implementation)
    except UsageError as error:
        return (str(error),)
    whole = Target(
        python=wanted.python,
        implementation=wanted.implementation,
        platform=wanted.platform,
        markers={**described.markers, **wanted.markers},
    )
    return differences(whole, running)


def explained(outcome: SeveralFitting | NoneFitting, where: str) -> str:
    """Return the line that says why no configuration was chosen, and what to do."""
    match outcome:
        case SeveralFitting(names):
            return (
                f"{where}: {len(names)} configurations fit this interpreter; choose one with"
                " --config, LOCKGUARD_CONFIG, or config in [tool.lockguard]:"
                f" {', '.join(names)}"
            )
        case NoneFitting(()):
            return f"{where}: contains no configuration; make one with `snapshot create`"
        case NoneFitting(nearest):
            listed = ", ".join(f"{name} ({'; '.join(reasons)})" for name, reasons in nearest)
            return (
                f"{where}: no configuration fits this interpreter; the nearest: {listed};"
                " choose one with --config, or make one with `snapshot create`"
            )
