"""``check --deep``: what Poetry's own check is blind to, without network and without writing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.freshness.situation import situation

if TYPE_CHECKING:
    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.outcomes import Problem
    from poetry_lockguard.settings import Settings


def deepen(manifest: Manifest, lock: Lock, settings: Settings) -> tuple[Problem, ...]:
    """Look behind the content-hash.

    Raises ManifestError when poetry-core cannot make sense of the manifest.
    """
    from poetry_lockguard.freshness import deep_files, deep_graph

    here = situation(manifest, lock)
    del settings
    return (*deep_graph.problems(here), *deep_files.problems(here))
