"""A merge runs no code of the other side, and asks no source that only it names."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from index import Index
from repositories import Repository, isolate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Pypi, Serve

    Run = Callable[[str, Path], Result]

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

BACKEND = """\
import pathlib
pathlib.Path({ran!r}).touch()


def get_requires_for_build_wheel(settings=None):
    return []


def prepare_metadata_for_build_wheel(folder, settings=None):
    info = pathlib.Path(folder, "lib-1.0.dist-info")
    info.mkdir()
    info.joinpath("METADATA").write_text("Metadata-Version: 2.1\\nName: lib\\nVersion: 1.0\\n")
    return info.name
"""
LIBRARY = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "lib"
version = "1.0"
dynamic = ["dependencies"]
"""
PATH = '\n[tool.poetry.group.dev.dependencies]\nlib = { path = "lib" }\n'


@pytest.fixture
def repo(
    index: Index, pypi: Pypi, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> Repository:
    isolate(monkeypatch)
    for name in ("engine", "wing", "tail", "fan"):
        index.add(name, "1.0")
    pypi(index, here=True)
    made = Repository(tmp_path / "top", tmp_path / "top", index)
    made.want("engine", "wing")
    made.lock()
    made.git("init", "-q", "-b", "main")
    assert run("lockguard merge-driver install", made.folder).code == 0
    made.save("base")
    made.git("tag", "base")
    return made


def library(repo: Repository, ran: Path) -> None:
    (repo.folder / "lib").mkdir(exist_ok=True)
    (repo.folder / "lib" / "pyproject.toml").write_text(LIBRARY)
    (repo.folder / "lib" / "backend.py").write_text(BACKEND.format(ran=str(ran)))


def test_a_backend_that_the_other_side_brought_is_not_run(repo: Repository, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    repo.on("side")
    library(repo, ran)
    repo.want("engine", "wing", "tail", more=PATH)
    _touch(repo)
    repo.save("bring a backend")
    repo.on("main")
    repo.commit("engine", "fan", "wing")

    said = repo.git("merge", "side", code=1)

    assert not ran.exists()
    assert "poetry.lock: not merged" in said
    assert "runs code that the other side brought" in said
    assert "UU poetry.lock" in repo.status


def test_a_source_that_only_the_other_side_declares_is_not_asked(
    repo: Repository, serve: Serve
) -> None:
    foreign = serve(Index())
    source = f'\n[[tool.poetry.source]]\nname = "evil"\nurl = "{foreign.url}"\n'
    repo.on("side")
    repo.want("engine", "wing", "tail", more=source)
    _touch(repo)
    repo.save("bring a source")
    repo.on("main")
    repo.commit("engine", "fan", "wing")

    said = repo.git("merge", "side", code=1)

    assert foreign.asked == []
    assert "poetry.lock: not merged" in said
    assert "only the other side names" in said
    assert foreign.url.rstrip("/") in said
    assert "UU poetry.lock" in repo.status


def test_a_repository_that_only_the_other_side_requires_is_not_cloned(
    repo: Repository, serve: Serve
) -> None:
    foreign = serve(Index())
    more = f'\n[tool.poetry.group.dev.dependencies]\ntool = {{ git = "{foreign.url}/tool.git" }}\n'
    repo.on("side")
    repo.want("engine", "wing", "tail", more=more)
    _touch(repo)
    repo.save("bring a repository")
    repo.on("main")
    repo.commit("engine", "fan", "wing")

    said = repo.git("merge", "side", code=1)

    assert foreign.asked == []
    assert "only the other side names" in said


def _touch(repo: Repository) -> None:
    """Change the lock by hand: the other side could not, or did not, lock what it requires."""
    lock = repo.folder / "poetry.lock"
    lock.write_text(lock.read_text().replace('description = ""', 'description = "x"'))
