"""Whether the oldest Poetry that the settings promise to support can use this lock."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from poetry_lockguard.manifest.content_hash import accepting, is_fresh, rule_for
from poetry_lockguard.outcomes import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.freshness.project_state import ProjectState
    from poetry_lockguard.settings import Settings

# Formats and the first Poetry that reads them: 2.0 came with Poetry 1.3, and 1.2.2 could already
# read it; 2.1 came with Poetry 2.0, and every Poetry that reads 2.0 reads all formats below 3.
_FIRST_READERS = ((1, (1, 0)), (2, (1, 2, 2)))


def problems(here: ProjectState, settings: Settings) -> Iterator[Problem]:
    """Yield ``reader``, an error: with a Poetry that the project promises, install stops here."""
    oldest = settings.min_poetry
    if oldest is None:
        return
    numbers = _numbers(oldest)
    first = _first_reader(here.lock.lock_version or "")
    if numbers < first:
        yield _problem(
            here,
            oldest,
            f"format {here.lock.lock_version} is read by Poetry"
            f" {'.'.join(map(str, first))} and newer, but min-poetry promises {oldest};"
            " raise min-poetry, or lock with that Poetry",
        )
        return
    data, locked, generator = here.manifest.data, here.lock.content_hash, here.lock.generator
    if is_fresh(data, locked, generator, rule_for(oldest)):
        return
    fresh_for = accepting(data, locked, generator)
    if fresh_for:  # a lock that is stale for all versions is not this problem
        accepted = " and ".join(rule.name for rule in fresh_for)
        yield _problem(
            here,
            oldest,
            f"stale for Poetry {oldest}, which min-poetry promises to support, but fresh for Poetry"
            f" {accepted}: they hash different parts of pyproject.toml;"
            " raise min-poetry, or lock with that Poetry",
        )


def _problem(here: ProjectState, oldest: str, reason: str) -> Problem:
    return Problem(
        code="reader",
        message=f"poetry.lock: {reason}",
        requested=oldest,
        locked=here.lock.lock_version,
    )


def _first_reader(lock_version: str) -> tuple[int, ...]:
    major = (_numbers(lock_version) or (0,))[0]
    return next((reader for known, reader in _FIRST_READERS if known == major), (0,))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])
