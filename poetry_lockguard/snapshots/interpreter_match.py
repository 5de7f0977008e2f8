"""Find the configuration of an interpreter, or report why there is not exactly one."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from poetry_lockguard.errors import UsageError
from poetry_lockguard.snapshots.configuration_match import (
    NoneFitting,
    OneFitting,
    SeveralFitting,
    explained,
    matching,
    misfits,
)

if sys.version_info >= (3, 11):
    from typing import assert_never
else:
    from typing_extensions import assert_never

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from poetry_lockguard.settings import Settings
    from poetry_lockguard.snapshots.format.reader import Reading
    from poetry_lockguard.targets.target import Target

VARIABLE = "LOCKGUARD_CONFIG"


class NoMatchError(UsageError):
    """No configuration, or more than one, fits the interpreter."""


class NothingFitsError(NoMatchError):
    """No configuration fits the interpreter."""


@dataclass(frozen=True, slots=True)
class DefaultConfiguration:
    """What to take if several configurations fit: a configuration, or a variant of the matrix.

    ``place`` is where that is set.
    """

    name: str
    place: str

    def among(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return those that it means: the one of this name, else all of this variant."""
        variants = tuple(name for name in names if name.endswith(f"-{self.name}"))
        return (self.name,) if self.name in names else variants


def default_configuration(
    settings: Settings, environ: Mapping[str, str]
) -> DefaultConfiguration | None:
    """Return the default of the environment, else that of the settings."""
    if name := environ.get(VARIABLE):
        return DefaultConfiguration(name, VARIABLE)
    if settings.config:
        return DefaultConfiguration(settings.config, "config in [tool.lockguard]")
    return None


def the_one(
    reading: Reading,
    running: Target,
    name: str | None,
    warn: Callable[[str], None],
    default: DefaultConfiguration | None = None,
) -> str:
    """Return the named configuration, else the one that fits; NoMatchError lists the nearest.

    A named one that differs from the interpreter is accepted, with a note on the differences.
    ``default`` decides if several fit.
    """
    if name is not None:
        if reasons := misfits(reading.entry(name).target, running):
            warn(
                f"WARNING: {reading.where}: {name} is not for this interpreter:"
                f" {'; '.join(reasons)}"
            )
        return name
    match matching(reading.snapshot, running):
        case OneFitting(one):
            return one
        case SeveralFitting() as several:
            return _by_default(several, reading.where, default)
        case NoneFitting() as nothing:
            raise NothingFitsError(explained(nothing, reading.where))
        case unknown:
            assert_never(unknown)


def _by_default(several: SeveralFitting, where: str, default: DefaultConfiguration | None) -> str:
    message = explained(several, where)
    if default is None:
        raise NoMatchError(message)
    match default.among(several.names):
        case (name,):
            return name
        case meant:
            reason = "several of them" if meant else "none of them"
            raise NoMatchError(f"{message} ({default.place} names {default.name}, {reason})")
