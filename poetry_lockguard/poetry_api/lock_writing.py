"""Runs Poetry's own solver and locker and returns the text of the lock they make."""

from __future__ import annotations

import copy
from contextlib import contextmanager
from typing import TYPE_CHECKING

from poetry.installation.installer import Installer
from poetry.puzzle.exceptions import SolverProblemError
from poetry.puzzle.provider import IncompatibleConstraintsError
from poetry.repositories.installed_repository import InstalledRepository

from poetry_lockguard.poetry_api import conflict_sentences, private
from poetry_lockguard.poetry_api.build_isolation import drawing_on
from poetry_lockguard.poetry_api.contradiction import Contradiction
from poetry_lockguard.poetry_api.joined_requirements import merged_apart
from poetry_lockguard.poetry_api.locker import CapturingLocker
from poetry_lockguard.poetry_api.project import no_environment, to_stderr

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cleo.io.io import IO
    from poetry.poetry import Poetry
    from poetry.repositories.repository_pool import RepositoryPool


def resolve(
    poetry: Poetry,
    pool: RepositoryPool,
    io: IO,
    *,
    regenerate: bool = False,
    locker: CapturingLocker | None = None,
) -> str:
    """Return the text that ``poetry lock`` (``--regenerate``) would write, solved over ``pool``.

    ``locker`` provides the preferred pins; without one, those of the project's lock are used.
    Raises Contradiction; network failures are raised unchanged.
    """
    locker = locker or CapturingLocker(poetry)
    with no_environment(poetry) as env:
        installer = Installer(
            to_stderr(io),
            env,
            copy.deepcopy(poetry.package),  # the solver completes direct dependencies in place
            locker,
            pool,
            poetry.config,
            installed=InstalledRepository(),
            disable_cache=poetry.disable_cache,
        )
        with contradictions(poetry, pool):
            installer.lock(update=regenerate).run()
    if locker.captured is None:
        raise RuntimeError("Poetry ended without a lock")
    return locker.captured.decode("utf-8")


@contextmanager
def contradictions(poetry: Poetry, pool: RepositoryPool) -> Iterator[None]:
    """Solve over ``pool`` in the block; raises Contradiction in place of Poetry's own errors."""
    try:
        # git, path and URL dependencies may have to be built, too
        with drawing_on(pool), private.merge_replaced(merged_apart):
            yield
    except SolverProblemError as error:
        raise explained(error, pool, poetry) from error
    except IncompatibleConstraintsError as error:
        raise Contradiction(str(error)) from error


def explained(error: SolverProblemError, pool: RepositoryPool, poetry: Poetry) -> Contradiction:
    """Return the solver's answer and its explanation; the pages are already cached."""
    return Contradiction(
        str(error),
        conflict_sentences.missing_packages(error, pool),
        conflict_sentences.sentence(error, pool, poetry.package),
    )
