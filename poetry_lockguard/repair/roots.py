"""What the manifest needs, in the terms in which entries of a lock are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.repair.equal_meaning import Need, marker

if TYPE_CHECKING:
    from poetry.core.version.markers import BaseMarker

    from poetry_lockguard.manifest.requirement import Requirement
    from poetry_lockguard.manifest.requirements import Declaration


def roots(declared: Declaration) -> dict[str, tuple[Need, ...]]:
    """Return what the manifest needs of each package, by normalized name, whatever the group."""
    found: dict[str, tuple[Need, ...]] = {}
    for requirement in declared.requirements:
        need = _need(requirement)
        found[requirement.name] = (*found.get(requirement.name, ()), need)
    return found


def _need(requirement: Requirement) -> Need:
    origin = requirement.origin
    return Need(
        where=requirement.marker.intersect(_asked_for(requirement.in_extras)),
        versions=requirement.constraint,
        extras=frozenset(requirement.features),
        origin=() if origin is None else ((origin, str(requirement.dependency.source_url)),),
        source=(requirement.dependency.source_name or "").lower(),
    )


def _asked_for(extras: tuple[str, ...]) -> BaseMarker:
    return marker(" or ".join(f'extra == "{extra}"' for extra in extras))
