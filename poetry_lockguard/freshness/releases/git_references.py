"""Compares the commit of a git pin with its branch or tag today; makes no requests itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from poetry_lockguard.outcomes import Problem, Severity
from poetry_lockguard.printable import tamed
from poetry_lockguard.urls import redact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from poetry_lockguard.freshness.releases.answers import Asked

COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.IGNORECASE)
_SHORT_COMMIT = re.compile(r"[0-9a-f]{4,64}", re.IGNORECASE)
_DIGITS = 12


def follows(asked: Asked) -> bool:
    """Whether a git pin follows a branch or tag, which can move, and not a commit."""
    source = asked.source
    if source is None or source.kind != "git" or source.resolved_reference is None:
        return False  # format 1.0 contains only the commit
    reference, commit = source.reference or "HEAD", source.resolved_reference
    is_part = _SHORT_COMMIT.fullmatch(reference) and commit.startswith(reference.lower())
    return not (COMMIT.fullmatch(reference) or is_part)


def moved(asked: Asked, refs: Mapping[str, str]) -> Problem | None:
    """Return a problem if the branch or tag of a pin has moved or disappeared.

    ``refs`` are the repository's, by their full names, peeled tags as ``refs/tags/…^{}``. A moved
    branch is normal: a note. A tag should not move, and the commits of a deleted one disappear
    sooner or later: warnings.
    """
    source = asked.source
    if source is None or source.resolved_reference is None:
        return None
    reference, locked = source.reference or "HEAD", source.resolved_reference
    branch = refs.get(f"refs/heads/{reference}")
    tag = refs.get(f"refs/tags/{reference}^{{}}") or refs.get(f"refs/tags/{reference}")
    if branch is tag is None and reference == "master":
        reference = "HEAD"  # Poetry's name for it up to 1.1
    full = refs.get(reference) if reference.startswith(("HEAD", "refs/")) else None
    if locked in {branch, tag, full}:
        return None
    now = branch or full
    if now is not None:
        return _problem(
            asked,
            f"{_called(reference)} is at {now[:_DIGITS]} now, locked at {locked[:_DIGITS]};"
            f" run `poetry update {asked.name}` to follow it",
            Severity.NOTE,
        )
    if tag is not None:
        return _problem(
            asked,
            f"tag {tamed(reference)} was moved to {tag[:_DIGITS]}, locked at {locked[:_DIGITS]};"
            f" find out why, then run `poetry update {asked.name}`",
            Severity.WARNING,
        )
    return _problem(
        asked,
        f"{redact(source.url)} no longer has a branch or tag {tamed(reference)}, so commit"
        f" {locked[:_DIGITS]} may disappear, too; declare another one, or the commit itself",
        Severity.WARNING,
    )


def _called(reference: str) -> str:
    return "the default branch" if reference == "HEAD" else f"branch {tamed(reference)}"


def _problem(asked: Asked, what: str, severity: Severity) -> Problem:
    return Problem(
        code="vcs-moved",
        severity=severity,
        message=f"{asked.name}: {what}",
        package=asked.name,
        locked=asked.source.resolved_reference if asked.source else None,
        line=asked.line,
        file=asked.held_in,
    )
