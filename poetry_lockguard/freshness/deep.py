"""``check --deep``: what Poetry's own check is blind to, without network and without writing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.freshness import (
    deep_files,
    deep_graph,
    deep_paths,
    deep_readers,
    deep_sources,
)
from poetry_lockguard.freshness.situation import situation

if TYPE_CHECKING:
    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.outcomes import Problem
    from poetry_lockguard.settings import Settings


def deepen(manifest: Manifest, lock: Lock, settings: Settings) -> tuple[Problem, ...]:
    """Look behind the content-hash, in the order of the design's codes.

    What would break an install, or publishes a secret, is an error; what only wastes, dates or
    loosens it is a warning. Raises ManifestError when poetry-core cannot make sense of the
    manifest.
    """
    here = situation(manifest, lock)
    return (
        *deep_graph.problems(here),
        *deep_files.problems(here),
        *deep_paths.problems(here),
        *deep_sources.problems(here),
        *deep_readers.problems(here, settings),
    )
