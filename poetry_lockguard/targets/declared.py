"""The configurations that a project's settings declare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.manifest.requirements import declaration
from poetry_lockguard.targets import matrix
from poetry_lockguard.targets.values import Bounds
from poetry_lockguard.targets.variant import VariantSource

if TYPE_CHECKING:
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.settings import Settings
    from poetry_lockguard.targets.configuration import Configuration


def bounds(manifest: Manifest) -> Bounds:
    """Return the Pythons, groups and extras that the project allows."""
    declared = declaration(manifest)
    return Bounds(
        python=declared.python_versions,
        groups=frozenset(declared.groups) | {"main"},
        extras=frozenset(declared.extras),
        sources=sources(manifest),
    )


def sources(manifest: Manifest) -> dict[str, VariantSource]:
    """Return the indexes that the manifest declares, by name in lower case."""
    tables = manifest.poetry.get("source", [])
    named = [
        VariantSource(str(table["name"]), str(table.get("url") or ""))
        for table in (tables if isinstance(tables, list) else ())
        if isinstance(table, dict) and table.get("name")
    ]
    return {one.name.lower(): one for one in named}


def own_sources(manifest: Manifest, settings: Settings) -> tuple[tuple[str, VariantSource], ...]:
    """Return what the variants of a project take from which source, each pair once, sorted."""
    made = declared_configurations(manifest, settings).values()
    return tuple(sorted({pair for one in made for pair in one.variant.sources}))


def declared_configurations(manifest: Manifest, settings: Settings) -> dict[str, Configuration]:
    """Return the configurations of the settings, by name."""
    if not settings.matrix and not settings.configurations:
        return {}
    made = matrix.configurations(
        settings.matrix, settings.configurations, bounds(manifest), str(manifest.path)
    )
    return {one.name: one for one in made}
