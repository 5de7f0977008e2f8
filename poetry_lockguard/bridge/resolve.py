"""Runs Poetry's own solver and locker and gives the text of the lock they make."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from poetry.installation.installer import Installer
from poetry.puzzle.exceptions import SolverProblemError
from poetry.puzzle.provider import IncompatibleConstraintsError
from poetry.repositories.installed_repository import InstalledRepository

from poetry_lockguard.bridge.builds import drawing_on
from poetry_lockguard.bridge.contradiction import Contradiction
from poetry_lockguard.bridge.locker import CapturingLocker
from poetry_lockguard.bridge.project import no_environment, to_stderr

if TYPE_CHECKING:
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
    """Give the text that ``poetry lock`` (``--regenerate``) would write, solved over ``pool``.

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
        try:
            with drawing_on(pool):  # git, path and URL dependencies may have to be built, too
                installer.lock(update=regenerate).run()
        except (SolverProblemError, IncompatibleConstraintsError) as error:
            raise Contradiction(str(error).strip()) from error
    if locker.captured is None:
        raise RuntimeError("Poetry ended without a lock")
    return locker.captured.decode("utf-8")
