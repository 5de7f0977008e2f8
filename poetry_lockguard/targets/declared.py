"""The configurations that a project's settings declare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.manifest.requirements import declaration
from poetry_lockguard.targets import matrix
from poetry_lockguard.targets.values import Bounds

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
    )


def declared_configurations(manifest: Manifest, settings: Settings) -> dict[str, Configuration]:
    """Return the configurations of the settings, by name."""
    if not settings.matrix and not settings.configurations:
        return {}
    made = matrix.configurations(
        settings.matrix, settings.configurations, bounds(manifest), str(manifest.path)
    )
    return {one.name: one for one in made}
