"""``check --deep``: what Poetry's own check is blind to, without network and without writing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.freshness.deep import folders, graph, oldest_reader, pin_files, pin_sources
from poetry_lockguard.freshness.project_state import project_state

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
    here = project_state(manifest, lock)
    return (
        *graph.problems(here),
        *pin_files.problems(here),
        *folders.problems(here),
        *pin_sources.problems(here),
        *oldest_reader.problems(here, settings),
    )
