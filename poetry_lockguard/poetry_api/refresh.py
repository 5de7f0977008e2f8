"""Poetry's refresh of a lock over any pool and with any pins, as ``Installer`` does it."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from poetry.puzzle.solver import Solver

from poetry_lockguard.poetry_api import private
from poetry_lockguard.poetry_api.project import no_environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from cleo.io.io import IO
    from poetry.poetry import Poetry
    from poetry.puzzle.provider import Provider
    from poetry.repositories.repository_pool import RepositoryPool

    from poetry_lockguard.poetry_api.locker import CapturingLocker


def solved(  # noqa: PLR0913 - Poetry's own parts, and two options by name
    poetry: Poetry,
    pool: RepositoryPool,
    locker: CapturingLocker,
    io: IO,
    *,
    prepare: Callable[[Provider], None] = lambda _: None,
    is_ordered: bool = False,
) -> str:
    """Return the text of a lock with every pin of the locker's kept that fits.

    Where ``is_ordered``, earlier pins of a package are preferred to later ones; else the highest,
    as Poetry does. ``prepare`` is given what the solver asks, before it asks.
    """
    root = copy.deepcopy(poetry.package)
    pins = locker.locked_repository().packages
    solver = Solver(root, pool, pins, pins, io)
    provider = solver.provider
    if is_ordered:
        private.order_locked(provider, pins)
    prepare(provider)
    latest = [pin.name for pin in pins if pin.source_type == "directory"]
    with no_environment(poetry) as env, provider.use_source_root(env.path / "src"):
        packages = solver.solve(use_latest=latest).get_solved_packages()
    locker.set_lock_data(root, packages)
    if locker.captured is None:
        raise RuntimeError("Poetry ended without a lock")
    return locker.captured.decode("utf-8")
