"""Making locks: through our routes in this process, and with stock Poetry as a whole program."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING

from cleo.io.buffered_io import BufferedIO
from poetry.factory import Factory
from poetry.installation.installer import Installer
from poetry.repositories.installed_repository import InstalledRepository
from poetry.utils.env import NullEnv

from poetry_lockguard.index.network import Network
from poetry_lockguard.mirrors.failover import Endpoints

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from poetry.poetry import Poetry

    from poetry_lockguard.mirrors.failover import Endpoint


def project(folder: Path, *requirements: str, python: str = ">=3.10", more: str = "") -> Path:
    """Write a manifest and give its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = ", ".join(f'"{requirement}"' for requirement in requirements)
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "story"\nversion = "1.0"\nrequires-python = "{python}"\n'
        f"dependencies = [{wanted}]\n\n[tool.poetry]\npackage-mode = false\n{more}"
    )
    return folder


def poetry_project(folder: Path, *requirements: str, python: str = ">=3.10") -> Path:
    """Write a manifest as Poetry 1 knows it, each requirement a line, and give its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = "\n".join((f'python = "{python}"', *requirements))
    (folder / "pyproject.toml").write_text(
        '[tool.poetry]\nname = "story"\nversion = "1.0"\ndescription = ""\nauthors = []\n'
        f"package-mode = false\n\n[tool.poetry.dependencies]\n{lines}\n"
    )
    return folder


def as_format_2_0(text: str, header: str) -> str:
    """Take out what format 2.1 brought, and name the Poetry that wrote format 2.0."""
    text = re.sub(r"^(?:groups|markers) = .*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"by Poetry [^ ]+ ", f"by Poetry {header} ", text, count=1)
    return text.replace('lock-version = "2.1"', 'lock-version = "2.0"')


def load(folder: Path) -> Poetry:
    """Load a project as a command would."""
    return Factory().create_poetry(folder, disable_plugins=True)


def solve(poetry: Poetry, route: Endpoint, *, is_ahead: bool = True, update: bool = True) -> str:
    """Lock through one route, from scratch unless told otherwise, and give the lock's text."""
    io = BufferedIO()
    installer = Installer(
        io,
        NullEnv(),
        poetry.package,
        poetry.locker,
        route.pool,
        poetry.config,
        installed=InstalledRepository(),
    )
    locked = [] if update else poetry.locker.locked_repository().packages
    with route.prefetch(poetry.package, locked) if is_ahead else nullcontext():
        installer.lock(update=update)
        assert installer.run() == 0, io.fetch_error()
    return (poetry.file.path.parent / "poetry.lock").read_text()


def lock(folder: Path, network: Network | None = None) -> tuple[str, Endpoints]:
    """Lock through the first route that carries it; gives the text and the closed routes."""
    poetry = load(folder)
    with Endpoints(poetry, network or Network()) as ways:
        return ways.first(lambda route: solve(poetry, route)), ways


def stock_lock(folder: Path, environ: Mapping[str, str], *options: str) -> str:
    """Lock with stock Poetry, a whole program of its own."""
    (folder / "poetry.lock").unlink(missing_ok=True)
    subprocess.run(
        [sys.executable, "-m", "poetry", "lock", "--no-interaction", *options],
        cwd=folder,
        env=dict(environ),
        check=True,
        capture_output=True,
        timeout=120,
    )
    return (folder / "poetry.lock").read_text()
