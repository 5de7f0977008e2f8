"""Runs Poetry's own solver and locker and gives the text of the lock they make."""

from __future__ import annotations

import copy
from contextlib import contextmanager
from typing import TYPE_CHECKING

from poetry.installation.installer import Installer
from poetry.mixology.incompatibility_cause import NoVersionsCauseError
from poetry.puzzle.exceptions import SolverProblemError
from poetry.puzzle.provider import IncompatibleConstraintsError
from poetry.repositories.installed_repository import InstalledRepository

from poetry_lockguard.poetry_api import private
from poetry_lockguard.poetry_api.build_isolation import drawing_on
from poetry_lockguard.poetry_api.contradiction import Contradiction
from poetry_lockguard.poetry_api.locker import CapturingLocker
from poetry_lockguard.poetry_api.project import no_environment, to_stderr

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cleo.io.io import IO
    from poetry.core.packages.dependency import Dependency
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

    ``locker`` knows the pins to prefer; without one, those of the project's lock are.
    Raises Contradiction; what the network does to it comes through as it is.
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
        with contradictions(pool):
            installer.lock(update=regenerate).run()
    if locker.captured is None:
        raise RuntimeError("Poetry ended without a lock")
    return locker.captured.decode("utf-8")


@contextmanager
def contradictions(pool: RepositoryPool) -> Iterator[None]:
    """Solve over ``pool`` within; raises Contradiction in place of Poetry's own errors."""
    try:
        with drawing_on(pool):  # git, path and URL dependencies may have to be built, too
            yield
    except SolverProblemError as error:
        raise Contradiction(str(error), missing_packages(error, pool)) from error
    except IncompatibleConstraintsError as error:
        raise Contradiction(str(error)) from error


def missing_packages(error: SolverProblemError, pool: RepositoryPool) -> tuple[str, ...]:
    """Name what Poetry found no version of because there is none at all; the pages are at hand."""
    wanted: dict[str, Dependency] = {}
    for reason in private.external_incompatibilities(error):
        if isinstance(reason.cause, NoVersionsCauseError):
            dependency = reason.terms[0].dependency
            if not dependency.is_direct_origin():
                wanted.setdefault(dependency.pretty_name, dependency.with_constraint("*"))
    return tuple(name for name, one in wanted.items() if not pool.find_packages(one))
