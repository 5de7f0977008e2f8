"""Makes isolated builds take their build requirements from this run's pool.

A source archive, or a folder, without static metadata has to be built to be read. Poetry then
creates a new pool from the project in the current folder, or uses PyPI if there is no project;
neither knows the mirrors. The builder takes a pool, but the function that reads metadata with it
(2.0 to 2.5) has no parameter for one. So its builder is replaced by one that knows the pool of its
thread, and behaves like Poetry's own if no pool was set.
"""

from __future__ import annotations

import sys
import threading
import warnings
import weakref
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from poetry.inspection import info
from poetry.utils import isolated_build
from poetry.utils.isolated_build import IsolatedEnv, isolated_builder

from poetry_lockguard.errors import LockguardError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from contextlib import AbstractContextManager

    from build import ProjectBuilder
    from poetry.repositories.repository_pool import RepositoryPool

_mine = threading.local()
_limits: list[Callable[[Path], bool]] = []  # of all threads
_BUILDERS = {info.__name__, "poetry.console.commands.build"}  # the latter only where it runs


class BuildRefusedError(LockguardError):
    """Something would have to be built to be read, and that is not allowed here."""


@contextmanager
def building_only(allowed: Callable[[Path], bool]) -> Iterator[None]:
    """In the block, build nothing but folders that are ``allowed``: a build runs their code.

    Anything else raises BuildRefusedError, in all threads.
    """
    info.isolated_builder = _builder  # type: ignore[attr-defined, assignment]
    _limits.append(allowed)
    try:
        yield
    finally:
        _limits.pop()


def _nothing() -> None:
    """Return None: no pool is set."""


@contextmanager
def drawing_on(pool: RepositoryPool) -> Iterator[None]:
    """Use ``pool`` for everything this thread builds in the block.

    There is no lock: a build may install, in threads, what has to be built itself.
    """
    info.isolated_builder = _builder  # type: ignore[attr-defined, assignment]
    _ignore_backend_warnings()
    before = getattr(_mine, "pool", None)
    _mine.pool = pool
    try:
        yield
    finally:
        _mine.pool = before


def draw_on(pool: RepositoryPool) -> None:
    """Use ``pool`` for everything this thread builds from now on, while the pool exists.

    That is for a whole Poetry command, ``build`` included.
    """
    for name in _BUILDERS & sys.modules.keys():
        sys.modules[name].isolated_builder = _builder  # type: ignore[attr-defined]
    _mine.standing = weakref.ref(pool)


class FilledEnv(IsolatedEnv):
    """Poetry's environment of a build, which also has what the build would fetch itself."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._first: Collection[str] = getattr(_mine, "first", ())

    def install(self, requirements: Collection[str], **options: Any) -> None:
        """Install these requirements beside the first ones, which no other build has."""
        with installing_first(()):
            super().install({*requirements, *self._first}, **options)


@contextmanager
def installing_first(requirements: Collection[str]) -> Iterator[None]:
    """Have these requirements in the environment of what this thread builds in the block.

    Setuptools fetches what a ``setup.py`` asks for while it runs, with a pip that is not there.
    """
    isolated_build.IsolatedEnv = FilledEnv  # type: ignore[assignment, misc]
    before = getattr(_mine, "first", ())
    _mine.first = requirements
    try:
        yield
    finally:
        _mine.first = before


def _ignore_backend_warnings() -> None:
    """Print no warning of a build backend, such as setuptools' banners.

    A build that fails reports them anyway, with everything else that its backend printed.
    """
    hooks = sys.modules.get("pyproject_hooks")  # Poetry's builder has imported it
    if category := getattr(hooks, "BuildBackendWarning", None):
        warnings.filterwarnings("ignore", category=category)


def _builder(*arguments: Any, **options: Any) -> AbstractContextManager[ProjectBuilder]:
    if arguments and not all(allowed(Path(arguments[0])) for allowed in _limits):
        raise BuildRefusedError(
            "a package would have to be built, which runs code that the other side brought;"
            " review it, and run `lockguard fix`"
        )
    pool = getattr(_mine, "pool", None) or getattr(_mine, "standing", _nothing)()
    return isolated_builder(*arguments, **{"pool": pool, **options})
