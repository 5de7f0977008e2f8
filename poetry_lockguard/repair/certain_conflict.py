"""Finds requirements that contradict each other by what the manifest and the lock contain.

Only what no resolver can solve counts: requirements of the manifest that apply in one environment,
and what pins require everywhere that the manifest requires at exactly their version.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from poetry_lockguard.freshness.locked_package import locked_package
from poetry_lockguard.freshness.reach import by_name
from poetry_lockguard.manifest.requirements import declaration
from poetry_lockguard.repair.ladder import Conflict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from poetry.core.constraints.version import VersionConstraint
    from poetry.core.packages.dependency import Dependency

    from poetry_lockguard.freshness.locked_package import LockedPackage
    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.manifest.requirement import Requirement


@dataclass(frozen=True, slots=True, kw_only=True)
class CertainConflict:
    """Two requirements of the manifest that no choice of versions satisfies.

    ``sentence`` names the two and what they need; ``chain`` has a line for each requirement.
    """

    sentence: str
    chain: tuple[str, ...]

    @property
    def outcome(self) -> Conflict:
        """The conflict as an outcome of a fix."""
        return Conflict("\n".join(self.chain), sentence=self.sentence, is_certain=True)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _CertainDemand:
    """One certain requirement on a package, and the requirement of the manifest it comes from.

    ``needs`` are the pins between the two and what each needs, ``lines`` all of it in full.
    """

    dependency: Dependency
    root: Requirement
    lines: tuple[str, ...]
    needs: tuple[str, ...] = ()


def certain_conflict(manifest: Manifest, lock: Lock | None) -> CertainConflict | None:
    """Return the first conflict that manifest and lock show, without the network.

    Raises ManifestError if poetry-core cannot read the manifest.
    """
    declared = declaration(manifest)
    pins = by_name(locked_package(pin, manifest.folder) for pin in (lock.pins if lock else ()))
    demands: dict[str, list[_CertainDemand]] = {}
    for demand in _demands(declared.requirements, pins):
        demands.setdefault(str(demand.dependency.name), []).append(demand)
    for name in sorted(demands):
        for one, other in combinations(demands[name], 2):
            if one.root is not other.root and _exclude(one, other, declared.python):
                return CertainConflict(
                    sentence=_sentence(one, other), chain=(*one.lines, *other.lines)
                )
    return None


def _sentence(one: _CertainDemand, other: _CertainDemand) -> str:
    needs = ", ".join((*one.needs, *other.needs))
    why = f": {needs}" if needs else ""
    return f"{_shown(one.root)} and {_shown(other.root)} contradict each other{why}"


def _exclude(one: _CertainDemand, other: _CertainDemand, python: VersionConstraint) -> bool:
    """Whether no version is in both ranges, and a Python of the project needs both."""
    first, second = one.dependency, other.dependency
    if first.constraint.allows_any(second.constraint):
        return False
    both = first.python_constraint.intersect(second.python_constraint)
    return python.allows_any(both) and not first.marker.intersect(second.marker).is_empty()


def _demands(
    requirements: Iterable[Requirement], pins: Mapping[str, Sequence[LockedPackage]]
) -> Iterator[_CertainDemand]:
    """Yield what is certainly required of packages from an index."""
    waiting = [
        _CertainDemand(
            dependency=requirement.dependency,
            root=requirement,
            lines=(f"the project requires {_shown(requirement)}",),
        )
        for requirement in requirements
        if _is_certain(requirement.dependency)
        or (requirement.origin is None and not requirement.in_extras)
    ]
    seen: set[tuple[str, str]] = set()
    while waiting:
        demand = waiting.pop(0)
        yield demand
        locked = _only_choice(demand.dependency, pins)
        if locked is None or (key := (locked.name, str(demand.dependency.constraint))) in seen:
            continue
        seen.add(key)
        waiting += _below(locked, demand)


def _below(locked: LockedPackage, demand: _CertainDemand) -> Iterator[_CertainDemand]:
    try:
        needed = [each for each in locked.dependencies if _is_certain(each)]
    except ValueError:
        return
    for each in needed:
        if not each.is_optional():
            what = each.base_pep_508_name
            line = f"{locked.name} {locked.pin.version} requires {what}"
            yield _CertainDemand(
                dependency=each,
                root=demand.root,
                lines=(*demand.lines, line),
                needs=(*demand.needs, f"{locked.name} needs {what}"),
            )


def _is_certain(dependency: Dependency) -> bool:
    return dependency.source_type is None and dependency.marker.is_any()


def _only_choice(
    dependency: Dependency, pins: Mapping[str, Sequence[LockedPackage]]
) -> LockedPackage | None:
    """Return the pin of the one version that ``dependency`` allows everywhere."""
    from poetry.core.constraints.version import Version

    if not isinstance(dependency.constraint, Version) or not dependency.marker.is_any():
        return None
    fitting = [locked for locked in pins.get(str(dependency.name), ()) if locked.fits(dependency)]
    return fitting[0] if len(fitting) == 1 else None


def _shown(requirement: Requirement) -> str:
    extras = requirement.in_extras
    if extras:
        return f"{requirement.text} in extra{'s' * (len(extras) > 1)} {', '.join(extras)}"
    group = "" if requirement.group == "main" else f" in group {requirement.group}"
    return f"{requirement.text}{group}"
