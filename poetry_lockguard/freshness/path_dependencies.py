"""A verdict for many projects at once: a changed path dependency marks every lock that holds it.

Poetry's content-hash covers a project's own manifest. In a monorepo that is half of the truth: a
library's manifest changes, and the locks of all that use it are as they were. They hold the
folders that are used through other folders, too, so that each lock is looked at by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.lockfile.fast.excerpt import holds_folders, of_folders
from poetry_lockguard.lockfile.lock_bytes import read
from poetry_lockguard.outcomes import Severity, Status

if TYPE_CHECKING:
    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.outcomes import Problem

CODE = "path-dependency"


def with_paths(verdict: Verdict, manifest: Manifest) -> Verdict:
    """Look at the path dependencies, too, and call a lock stale that holds what one was before.

    Unlike a deep look, which only warns of what an install would survive, every difference
    counts. Raises ManifestError when poetry-core cannot make sense of the manifest.
    """
    if verdict.status in {Status.MISSING, Status.UNSUPPORTED}:
        return verdict
    content = read(manifest.lock_path)
    if not holds_folders(content):
        return verdict
    found = _problems(manifest, of_folders(content)) and _problems(manifest, content)
    others = tuple(one for one in verdict.problems if one.code != CODE)
    is_stale = any(one.severity is Severity.ERROR for one in found)
    is_fresh = verdict.status is Status.FRESH
    return verdict._replace(
        status=Status.STALE if is_stale and is_fresh else verdict.status,
        problems=(*others, *found),
    )


def _problems(manifest: Manifest, content: bytes) -> tuple[Problem, ...]:
    from poetry_lockguard.freshness.deep.folders import problems
    from poetry_lockguard.freshness.project_state import project_state
    from poetry_lockguard.lockfile.damage import LockDamage
    from poetry_lockguard.lockfile.parse import parse

    try:
        here = project_state(manifest, parse(content))
    except LockDamage:
        return ()
    return (*problems(here, dated=Severity.ERROR),)
