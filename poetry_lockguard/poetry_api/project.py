"""Loads a project as Poetry sees it, with its plugins but without a virtual environment."""

from __future__ import annotations

import atexit
import os
import tempfile
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from cleo.io.io import IO
from cleo.io.null_io import NullIO
from cleo.io.outputs.output import Type, Verbosity

from poetry_lockguard.errors import ManifestError, one_line
from poetry_lockguard.manifest.requirements import READING, too_complex
from poetry_lockguard.time_limit import TooLongError, within

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from poetry.poetry import Poetry
    from poetry.utils.env import Env

    from poetry_lockguard.manifest.document import Manifest

_CACHE = "POETRY_CACHE_DIR"
#: what Poetry writes whenever an installer or, without a terminal, a solver starts
_HEADINGS = ("<info>Updating dependencies</>", "Resolving dependencies...")


def load(
    manifest: Manifest,
    io: IO | None = None,
    *,
    disable_plugins: bool = False,
    disable_cache: bool = False,
) -> Poetry:
    """Return Poetry's view of the project, its plugins activated unless disabled.

    A cache that cannot be written is replaced by a temporary one, for Poetry works with none.
    Raises ManifestError when Poetry rejects the manifest or its ``poetry.toml``.
    """
    from poetry.factory import Factory

    def created() -> Poetry:
        return Factory().create_poetry(
            cwd=manifest.folder,
            io=io or NullIO(),
            disable_plugins=disable_plugins,
            disable_cache=disable_cache,
        )

    try:
        with within(READING):
            poetry = created()
            if not _can_be_filled(poetry.config.repository_cache_directory):
                os.environ[_CACHE] = _temporary_cache()
                poetry = created()
            return poetry
    except TooLongError as error:
        raise too_complex(manifest) from error
    except RecursionError as error:
        raise ManifestError(f"{manifest.path}: nested too deeply") from error
    except Exception as error:  # every Poetry has its own ways to refuse a manifest
        reason = one_line(error)
        raise ManifestError(f"{manifest.path}: Poetry refuses it: {reason}") from error


def _can_be_filled(folder: Path) -> bool:
    """Whether a folder can be written, or made, as far as can be told without making it."""
    there = next(one for one in (folder, *folder.parents) if os.path.exists(one))  # noqa: PTH110 - no error
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


@cache
def _temporary_cache() -> str:
    """Make a folder that is there until the program ends."""
    made = tempfile.TemporaryDirectory(prefix="lockguard-", ignore_cleanup_errors=True)
    atexit.register(made.cleanup)
    return made.name


def declare_index(poetry: Poetry, name: str, url: str) -> None:
    """Add an index that serves only what is bound to it; PyPI if ``url`` is empty."""
    from poetry_lockguard.poetry_api.imports.remote_repositories import (
        LegacyRepository,
        PyPiRepository,
    )
    from poetry_lockguard.poetry_api.imports.repository_pools import Priority

    if poetry.pool.has_repository(name):
        return
    config, disable_cache = poetry.config, poetry.disable_cache
    made = (
        LegacyRepository(name, url, config=config, disable_cache=disable_cache)
        if url
        else PyPiRepository(disable_cache=disable_cache)
    )
    poetry.pool.add_repository(made, priority=Priority.EXPLICIT)


def load_text(text: str, manifest: Manifest) -> Poetry:
    """Return Poetry's view of a project whose manifest is this text, and no file."""
    from poetry_lockguard.poetry_api import private

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pyproject.toml"
        path.write_text(text, encoding="utf-8")
        poetry = load(manifest._replace(path=path))
    private.set_folder(poetry, manifest.folder)
    return poetry


@contextmanager
def no_environment(poetry: Poetry) -> Iterator[Env]:
    """Yield an environment in which nothing is installed and nothing can be built.

    Git dependencies are checked out below its path; it is removed after the block.
    """
    from poetry.utils.env import NullEnv

    with checkouts(poetry) as folder:
        yield NullEnv(path=folder)


@contextmanager
def checkouts(poetry: Poetry) -> Iterator[Path]:
    """Yield a folder to check repositories out below; it is removed after the block.

    It is in Poetry's cache if that is there and can be written, and in the temporary folder if not:
    nothing needs a cache, and what only looks does not make one.
    """
    home = poetry.config.repository_cache_directory.parent
    is_usable = home.is_dir() and os.access(home, os.W_OK | os.X_OK)
    with tempfile.TemporaryDirectory(
        prefix="lockguard-", dir=home if is_usable else None, ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)


class _ErrorIO(IO):
    """Writes everything to stderr, and Poetry's headings once, however often it starts."""

    headed: tuple[object, ...] = ()

    def write_line(
        self,
        messages: str | Iterable[str],
        verbosity: Verbosity = Verbosity.NORMAL,
        type: Type = Type.NORMAL,  # noqa: A002 - cleo's name
    ) -> None:
        """Write lines, unless they are a heading that was written already."""
        if messages in _HEADINGS:
            if messages in self.headed and not self.is_debug():
                return
            self.headed += (messages,)
        super().write_line(messages, verbosity, type)


def to_stderr(io: IO) -> IO:
    """Return an IO that writes everything to stderr, for Poetry's own progress."""
    if isinstance(io, _ErrorIO):
        return io
    return _ErrorIO(io.input, io.error_output, io.error_output)
