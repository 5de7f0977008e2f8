"""Marks a lock as stale that contains a path dependency that has changed.

Poetry's content-hash covers only a project's own manifest. In a monorepo that is not enough: if a
library's manifest changes, the locks of all projects that use it are outdated. A lock contains the
indirect path dependencies, too, so each lock can be checked by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.freshness.deep.folders import broken, changes
from poetry_lockguard.lockfile.fast.excerpt import holds_folders
from poetry_lockguard.lockfile.lock_bytes import read
from poetry_lockguard.outcomes import Severity, Status

if TYPE_CHECKING:
    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.manifest.document import Manifest

CODE = "path-dependency"


def with_broken_paths(verdict: Verdict, manifest: Manifest, content: bytes) -> Verdict:
    """Call a fresh lock stale if an install from it would go wrong by a changed path dependency.

    ``content`` is that of the lock. Raises ManifestError if poetry-core cannot read the manifest.
    """
    found = broken(manifest, content)
    if not found:
        return verdict
    return verdict._replace(status=Status.STALE, problems=(*verdict.problems, *found))


def with_paths(verdict: Verdict, manifest: Manifest) -> Verdict:
    """Check the path dependencies, too, and call the lock stale if one of them has changed.

    Every difference counts; a deep check only warns of those that do not break an install.
    Raises ManifestError if poetry-core cannot read the manifest.
    """
    if verdict.status in {Status.MISSING, Status.UNSUPPORTED}:
        return verdict
    content = read(manifest.lock_path)
    if not holds_folders(content):
        return verdict
    found = changes(manifest, content, dated=Severity.ERROR)
    others = tuple(problem for problem in verdict.problems if problem.code != CODE)
    is_stale = any(problem.severity is Severity.ERROR for problem in found)
    is_fresh = verdict.status is Status.FRESH
    return verdict._replace(
        status=Status.STALE if is_stale and is_fresh else verdict.status,
        problems=(*others, *found),
    )
