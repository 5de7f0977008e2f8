"""The manifest's requirements as values that can be compared with a lock's entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.lockfile.notation import marker
from poetry_lockguard.repair.equal_meaning import Need

if TYPE_CHECKING:
    from poetry.core.version.markers import BaseMarker

    from poetry_lockguard.manifest.requirement import Requirement
    from poetry_lockguard.manifest.requirements import Declaration


def roots(declared: Declaration) -> dict[str, tuple[Need, ...]]:
    """Return the manifest's requirements of all groups, by normalized name."""
    found: dict[str, tuple[Need, ...]] = {}
    for requirement in declared.requirements:
        need = _need(requirement)
        found[requirement.name] = (*found.get(requirement.name, ()), need)
    return found


def _need(requirement: Requirement) -> Need:
    origin = requirement.origin
    return Need(
        where=requirement.marker.intersect(_any_extra(requirement.in_extras)),
        versions=requirement.constraint,
        extras=frozenset(requirement.features),
        origin=() if origin is None else ((origin, str(requirement.dependency.source_url)),),
        source=(requirement.dependency.source_name or "").lower(),
    )


def _any_extra(extras: tuple[str, ...]) -> BaseMarker:
    return marker(" or ".join(f'extra == "{extra}"' for extra in extras))
