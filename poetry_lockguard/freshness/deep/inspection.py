"""``check --deep``: the problems that Poetry's own check misses; offline and read-only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.freshness.deep import folders, graph, oldest_reader, pin_files, pin_sources
from poetry_lockguard.freshness.explain import repeated_facts
from poetry_lockguard.freshness.project_state import project_state
from poetry_lockguard.lockfile.damage import NEXT_STEP

if TYPE_CHECKING:
    from poetry_lockguard.freshness.project_state import ProjectState
    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.outcomes import Problem
    from poetry_lockguard.settings import Settings


def deepen(manifest: Manifest, lock: Lock, settings: Settings) -> tuple[Problem, ...]:
    """Return the problems that the content-hash does not cover.

    A problem that breaks an install, or publishes a secret, is an error; one that leaves it merely
    wasteful, outdated or imprecise is a warning. Raises ManifestError if poetry-core cannot read
    the manifest.
    """
    return deepened(project_state(manifest, lock), settings)


def deepened(state: ProjectState, settings: Settings) -> tuple[Problem, ...]:
    """Return the same problems of a project that has been read."""
    facts = repeated_facts(state) if state.is_in_step else ()
    return (
        *(problem.with_next_step(NEXT_STEP) for problem in facts),
        *graph.problems(state),
        *pin_files.problems(state),
        *folders.problems(state),
        *pin_sources.problems(state),
        *oldest_reader.problems(state, settings),
    )
