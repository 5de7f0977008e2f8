"""What was installed a moment ago is found, and its origin recorded, whatever runs beside it."""

from __future__ import annotations

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
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

from poetry_lockguard.index.network import Network
from poetry_lockguard.installing.executor import FailoverExecutor
from poetry_lockguard.mirrors.failover import Endpoints
from poetry_lockguard.poetry_api import metadata_cache

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

    metadata_cache.invalidate_metadata_cache()

    assert remembered == {"first"}
    assert names(tmp_path) == {"first", "second"}


@pytest.fixture
def executor(tmp_path: Path) -> FailoverExecutor:
    """An executor that has not looked at its environment yet."""
    EnvManager.build_venv(tmp_path / "env")
    env = VirtualEnv(tmp_path / "env")
    poetrys = Executor(env, RepositoryPool(), Config(use_environment=False), NullIO())
    routes = Endpoints(load(project(tmp_path / "app")), Network())
    return FailoverExecutor.taking_over(poetrys, routes, Config())


def from_folder(name: str, folder: Path) -> Install:
    source = {"source_type": "directory", "source_url": str(folder), "develop": True}
    return Install(Package(name, "1.0", **source))  # type: ignore[arg-type]


@pytest.mark.contract
def test_an_origin_is_recorded_of_what_no_listing_knows(
    executor: FailoverExecutor, tmp_path: Path
) -> None:
    folder = executor._env.purelib
    add = adding(folder)
    add("first")
    names(folder)
    info = add("second")

    executor._save_url_reference(from_folder("second", tmp_path))

    assert json.loads((info / "direct_url.json").read_text())["url"] == tmp_path.as_uri()


@pytest.mark.contract
def test_origins_are_recorded_by_threads_that_begin_at_once(
    executor: FailoverExecutor, tmp_path: Path
) -> None:
    add = adding(executor._env.purelib)
    infos = {f"name{number}": add(f"name{number}") for number in range(8)}
    barrier = threading.Barrier(len(infos))
    lost = []

    def record(name: str) -> None:
        barrier.wait()
        executor._save_url_reference(from_folder(name, tmp_path))

    for _ in range(12):
        executor._env = VirtualEnv(tmp_path / "env")
        assert executor._env.site_packages  # all look at one, and for the first time
        with ThreadPoolExecutor(len(infos)) as threads:
            [*threads.map(record, infos)]
        origins = [info / "direct_url.json" for info in infos.values()]
        lost += [origin for origin in origins if not origin.exists()]
        for origin in origins:
            origin.unlink(missing_ok=True)

    assert not lost
