"""Compares the commit of a git pin with where its branch or tag is today; asks nobody itself."""

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
    """Return whether a git pin follows something that can move: not if it names a commit."""
    source = asked.source
    if source is None or source.kind != "git" or source.resolved_reference is None:
        return False  # format 1.0 holds the commit alone
    reference, commit = source.reference or "HEAD", source.resolved_reference
    is_part = _SHORT_COMMIT.fullmatch(reference) and commit.startswith(reference.lower())
    return not (COMMIT.fullmatch(reference) or is_part)


def moved(asked: Asked, refs: Mapping[str, str]) -> Problem | None:
    """Say where the branch or tag of a pin is now, or None where it still is as locked.

    ``refs`` are the repository's, by their full names, peeled tags as ``refs/tags/…^{}``. A
    branch goes on: a note. A tag is not supposed to, and one that vanished is followed by its
    commits sooner or later: warnings.
    """
    source = asked.source
    if source is None or source.resolved_reference is None:
        return None
    reference, locked = source.reference or "HEAD", source.resolved_reference
    branch = refs.get(f"refs/heads/{reference}")
    tag = refs.get(f"refs/tags/{reference}^{{}}") or refs.get(f"refs/tags/{reference}")
    if branch is tag is None and reference == "master":
        reference = "HEAD"  # as Poetry called it up to 1.1
    full = refs.get(reference) if reference.startswith(("HEAD", "refs/")) else None
    if locked in {branch, tag, full}:
        return None
    now = branch or full
    if now is not None:
        return _problem(
            asked,
            f"{_called(reference)} is at {now[:_DIGITS]} now, locked at {locked[:_DIGITS]};"
            f" `poetry update {asked.name}` follows it",
            Severity.NOTE,
        )
    if tag is not None:
        return _problem(
            asked,
            f"tag {tamed(reference)} was moved to {tag[:_DIGITS]}, locked at {locked[:_DIGITS]};"
            f" find out why, then `poetry update {asked.name}`",
            Severity.WARNING,
        )
    return _problem(
        asked,
        f"{redact(source.url)} has no branch or tag {tamed(reference)} any more, so that"
        f" {locked[:_DIGITS]} may vanish, too; declare another, or the commit itself",
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
