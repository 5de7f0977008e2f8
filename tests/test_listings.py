"""What was installed within one tick of the clock is found, and its origin recorded."""

from __future__ import annotations

import json
import os
from importlib.metadata import distributions
from typing import TYPE_CHECKING

import pytest
from cleo.io.null_io import NullIO
from poetry.config.config import Config
from poetry.core.packages.package import Package
from poetry.installation.executor import Executor
from poetry.installation.operations import Install
from poetry.repositories.repository_pool import RepositoryPool
from poetry.utils.env import EnvManager, VirtualEnv
from solving import load, project

from poetry_lockguard.bridge import listings
from poetry_lockguard.bridge.downloads import FailoverExecutor
from poetry_lockguard.bridge.network import Network
from poetry_lockguard.bridge.routes import Routes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Add = Callable[[str], Path]


def adding(folder: Path) -> Add:
    """Install into a folder whose time of change never moves."""
    stamp = folder.stat()

    def add(name: str) -> Path:
        info = folder / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        os.utime(folder, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        return info

    return add


def names(folder: Path) -> set[str]:
    return {one.metadata["Name"] for one in distributions(path=[str(folder)])}


@pytest.mark.contract
def test_a_listing_is_forgotten_with_every_python(tmp_path: Path) -> None:
    add = adding(tmp_path)
    add("first")
    assert names(tmp_path) == {"first"}
    add("second")
    remembered = names(tmp_path)

    listings.forget()

    assert remembered == {"first"}
    assert names(tmp_path) == {"first", "second"}


@pytest.mark.contract
def test_an_origin_is_recorded_of_what_no_listing_knows(tmp_path: Path) -> None:
    EnvManager.build_venv(tmp_path / "env")
    env = VirtualEnv(tmp_path / "env")
    poetrys = Executor(env, RepositoryPool(), Config(use_environment=False), NullIO())
    routes = Routes(load(project(tmp_path / "app")), Network())
    executor = FailoverExecutor.taking_over(poetrys, routes, Config())
    add = adding(env.purelib)
    add("first")
    names(env.purelib)
    info = add("second")
    folder = Package(
        "second", "1.0", source_type="directory", source_url=str(tmp_path), develop=True
    )

    executor._save_url_reference(Install(folder))

    assert json.loads((info / "direct_url.json").read_text())["url"] == tmp_path.as_uri()
