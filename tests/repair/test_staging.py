"""What a project requires by path is laid out as the merge will have it, wherever it lies."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from index import Index
from repositories import MANIFEST, Repository, isolate

from poetry_lockguard.repair.git_objects import Objects, TreePlace
from poetry_lockguard.repair.merge_commits import Sides
from poetry_lockguard.repair.staging import Stage
from poetry_lockguard.repair.text_merge import NotMergedError

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

LIBRARY = '[project]\nname = "{}"\nversion = "1.0"\ndependencies = [{}]\n'
LOCK = "app/poetry.lock"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """Give an empty repository."""
    isolate(monkeypatch)
    top = tmp_path / "work"
    top.mkdir()
    made = Repository(top, top, Index())
    made.git("init", "-q", "-b", "main")
    return made


def library(repo: Repository, folder: str, *requirements: str) -> None:
    """Write a library."""
    path = repo.top / folder / "pyproject.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    listed = ", ".join(f'"{one}"' for one in requirements)
    path.write_text(LIBRARY.format(path.parent.name, listed))


def app(*paths: str) -> bytes:
    """Return the manifest of a project that requires others by path."""
    lines = [f'd{number} = {{path = "{path}"}}' for number, path in enumerate(paths)]
    more = "\n".join(["", "[tool.poetry.group.local.dependencies]", *lines, ""])
    return MANIFEST.format("", more).encode()


def forked(
    repo: Repository, ours: Callable[[], object], theirs: Callable[[], object]
) -> dict[str, TreePlace]:
    """Commit what there is, then let both sides change it; give the three states."""
    repo.save("base")
    repo.git("tag", "base")
    for branch, change in (("side", theirs), ("main", ours)):
        repo.on(branch)
        change()
        repo.git("add", ".")
        repo.git("commit", "-q", "--allow-empty", "-m", branch)
    return {name: TreePlace(name, LOCK) for name in ("base", "main", "side")}


def laid(repo: Repository, states: dict[str, TreePlace], manifest: bytes) -> Path:
    """Lay the merge out; give the folder."""
    folder = repo.top.parent / "stage"
    folder.mkdir()
    sides = Sides(bases=(states["base"],), ours=states["main"], theirs=states["side"])
    Stage(folder=folder, sides=sides, objects=Objects(repo.top)).project(LOCK, manifest, b"lock")
    return folder


@pytest.mark.parametrize(
    "paths", [("../libs/a", ".."), ("..", "../libs/a")], ids=["inner first", "outer first"]
)
def test_a_library_within_another_is_what_the_merge_makes_of_it(
    paths: tuple[str, ...], repo: Repository
) -> None:
    library(repo, ".", "wing")
    library(repo, "libs/a", "wing")
    (repo.top / "libs" / "a" / "setup.cfg").write_text("old")
    (repo.top / "app").mkdir()
    (repo.top / "app" / "pyproject.toml").write_bytes(app())

    def theirs() -> None:
        library(repo, "libs/a", "wing", "fan")

    states = forked(repo, lambda: library(repo, "."), theirs)

    folder = laid(repo, states, app(*paths))

    assert '"fan"' in (folder / "libs" / "a" / "pyproject.toml").read_text()
    assert "[]" in (folder / "pyproject.toml").read_text()
    assert (folder / "app" / "pyproject.toml").read_bytes() == app(*paths)


def test_what_one_side_deleted_of_a_library_that_both_changed_is_gone(repo: Repository) -> None:
    library(repo, "lib", "wing")
    setup = repo.top / "lib" / "setup.cfg"
    setup.write_text("old")

    states = forked(repo, lambda: library(repo, "lib", "fan"), setup.unlink)
    folder = laid(repo, states, app("../lib"))

    assert [path.name for path in (folder / "lib").iterdir()] == ["pyproject.toml"]
    assert '"fan"' in (folder / "lib" / "pyproject.toml").read_text()


def test_links_that_lead_out_of_a_repository_are_no_obstacle(repo: Repository) -> None:
    library(repo, "lib", "wing")
    (repo.top / "lib" / "absolute").symlink_to(Path(repo.top.anchor, "nowhere"))
    (repo.top / "lib" / "relative").symlink_to("../../../nowhere")

    states = forked(repo, lambda: None, lambda: library(repo, "lib", "fan"))
    folder = laid(repo, states, app("../lib"))

    assert '"fan"' in (folder / "lib" / "pyproject.toml").read_text()


@pytest.fixture
def with_submodule(repo: Repository) -> dict[str, TreePlace]:
    """Give the states of a repository with a library in a submodule, which theirs has moved on."""
    vendor = repo.top / "vendor"
    inner = Repository(vendor, vendor, repo.index)
    vendor.mkdir()
    inner.git("init", "-q", "-b", "main")
    library(repo, "vendor", "wing")
    library(repo, "vendor/part", "wing")
    inner.save("first")

    def theirs() -> None:
        library(repo, "vendor", "fan")
        library(repo, "vendor/part", "brake")
        inner.save("second")

    repo.git("-c", "advice.addEmbeddedRepo=false", "add", ".")
    states = forked(repo, lambda: inner.git("checkout", "-q", "HEAD~1"), theirs)
    inner.git("checkout", "-q", "--detach", "main~1")
    return states


@pytest.mark.parametrize(
    ("path", "wanted"), [("vendor", "fan"), ("vendor/part", "brake")], ids=["whole", "part"]
)
def test_a_library_in_a_submodule_is_that_of_the_merged_commit(
    path: str, wanted: str, repo: Repository, with_submodule: dict[str, TreePlace]
) -> None:
    folder = laid(repo, with_submodule, app(f"../{path}"))

    assert f'"{wanted}"' in (folder / path / "pyproject.toml").read_text()


def test_a_submodule_that_is_not_checked_out_is_named(
    repo: Repository, with_submodule: dict[str, TreePlace]
) -> None:
    shutil.rmtree(repo.top / "vendor" / ".git")

    with pytest.raises(NotMergedError, match="in the submodule vendor, whose commit"):
        laid(repo, with_submodule, app("../vendor"))
