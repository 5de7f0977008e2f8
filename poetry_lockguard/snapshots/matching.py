"""Which configuration fits an interpreter: the one that does, or why none or several do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from poetry_lockguard.snapshots.document import Snapshot, TargetEntry

DECISIVE = ("os_name", "sys_platform", "platform_system", "platform_machine")
_NEAREST = 3  # how many a message lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """An interpreter: its whole version, its markers, the platform tags of wheels it takes."""

    python: str
    implementation: str
    markers: Mapping[str, str]
    platforms: Collection[str]


@dataclass(frozen=True, slots=True)
class Fitting:
    """The one configuration that fits."""

    name: str


@dataclass(frozen=True, slots=True)
class Several:
    """More than one fits; somebody has to choose."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unfit:
    """None fits; the nearest, each with all the reasons it does not."""

    nearest: tuple[tuple[str, tuple[str, ...]], ...]


def matching(snapshot: Snapshot, running: Running) -> Fitting | Several | Unfit:
    """Find the configuration for this interpreter.

    A configuration for another patch release of the same Python fits, unless there is one for
    exactly this release.
    """
    reasons = {
        name: tuple(misfits(entry.target, running))
        for name, entry in sorted(snapshot.configurations.items())
    }
    fitting = [name for name, against in reasons.items() if not against]
    exact = [
        name for name in fitting if snapshot.configurations[name].target.python == running.python
    ]
    match tuple(exact or fitting):
        case ():
            nearest = sorted(reasons.items(), key=lambda item: (len(item[1]), item[0]))
            return Unfit(tuple(nearest[:_NEAREST]))
        case (name,):
            return Fitting(name)
        case names:
            return Several(names)


def misfits(target: TargetEntry, running: Running) -> Iterator[str]:
    """Say everything in which a target is another than this interpreter."""
    wanted, found = _minor(target.python), _minor(running.python)
    if wanted != found:
        yield f"for Python {wanted}, not {found}"
    if target.implementation != running.implementation:
        yield f"for {target.implementation}, not {running.implementation}"
    markers = [
        f"for {marker} {target.markers[marker]}, not {running.markers[marker]}"
        for marker in DECISIVE
        if marker in target.markers
        and target.markers[marker] != running.markers.get(marker, target.markers[marker])
    ]
    yield from markers
    if not markers and target.platform not in {"any", *running.platforms}:
        yield f"for {target.platform}, whose wheels do not run here"


def _minor(python: str) -> str:
    return ".".join(python.split(".")[:2])
