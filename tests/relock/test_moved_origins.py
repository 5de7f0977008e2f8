"""What moves between an index and a repository, a folder or a file is locked from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from solving import project
from trees import archive, commit, tree

from poetry_lockguard.lockfile.parse import parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi, PypiRun, Serve

    Run = Callable[[str, Path], Result]


@pytest.fixture
def pypi_run(index: Index, pypi: Pypi) -> PypiRun:
    for name in ("tool", "engine"):
        index.add(name, "1.0")
    return pypi(index, here=True)


def origin(kind: str, folder: Path) -> str:
    """Make a project of that kind, and give the requirement on it."""
    home = tree(folder / "tool")
    if kind == "file":
        return f"tool @ {archive(folder, 'tool').as_uri()}"
    if kind == "git":
        commit(home)
        return f"tool @ git+{home.as_uri()}"
    return f"tool @ {home.as_uri()}"


def sources(folder: Path) -> dict[str, tuple[str, str | None]]:
    lock = parse((folder / "poetry.lock").read_bytes())
    return {pin.name: (pin.version, pin.source.kind if pin.source else None) for pin in lock.pins}


@pytest.mark.usefixtures("pypi_run")
@pytest.mark.parametrize("kind", ["git", "directory", "file"])
@pytest.mark.parametrize("strategy", ["", " --strategy relock", " --strategy regenerate"])
def test_a_requirement_that_moves_to_the_index_is_locked_from_there(
    index: Index, tmp_path: Path, run: Run, kind: str, strategy: str
) -> None:
    folder = project(tmp_path / "plane", "engine", origin(kind, tmp_path))
    assert run("lockguard fix", folder).code == 0
    assert sources(folder) == {"engine": ("1.0", None), "tool": ("1.0", kind)}
    index.add("engine", "1.1")
    project(folder, "engine", "tool>=1")

    result = run(f"lockguard fix{strategy}", folder)

    assert result.code == 0, result.err
    expected = {"engine": ("1.1" if "regenerate" in strategy else "1.0", None)}
    assert sources(folder) == {**expected, "tool": ("1.0", None)}
    assert run("lockguard check --deep", folder).code == 0


@pytest.mark.usefixtures("pypi_run")
@pytest.mark.parametrize("kind", ["git", "directory", "file"])
def test_without_network_such_a_requirement_is_in_doubt(
    tmp_path: Path, run: Run, kind: str
) -> None:
    folder = project(tmp_path / "plane", "engine", origin(kind, tmp_path))
    assert run("lockguard fix", folder).code == 0
    project(folder, "engine", "tool>=1")
    before = (folder / "poetry.lock").read_bytes()

    result = run("lockguard fix --offline", folder)

    assert result.code == 1
    assert "offline: declined: tool: is pinned from" in result.err
    assert "not sound" not in result.err
    assert (folder / "poetry.lock").read_bytes() == before


@pytest.mark.usefixtures("pypi_run")
def test_a_file_that_changed_is_no_matter_if_nothing_asks_for_it(tmp_path: Path, run: Run) -> None:
    folder = project(tmp_path / "plane", "engine", origin("file", tmp_path))
    assert run("lockguard fix", folder).code == 0
    project(folder, "engine", "tool>=1")
    for file in tmp_path.glob("tool*.whl"), tmp_path.glob("tool*.tar.gz"):
        for path in file:
            path.write_bytes(path.read_bytes() + b"more")

    result = run("lockguard fix --offline", folder)

    assert result.code == 1
    assert "offline: declined: tool: is pinned from" in result.err


@pytest.mark.usefixtures("pypi_run")
@pytest.mark.parametrize("kind", ["git", "directory", "file"])
def test_a_requirement_that_leaves_the_index_has_the_files_of_its_new_origin(
    tmp_path: Path, run: Run, kind: str
) -> None:
    folder = project(tmp_path / "plane", "engine", "tool")
    assert run("lockguard fix", folder).code == 0
    (tmp_path / "there").mkdir()
    wanted = origin(kind, tmp_path / "there")
    project(folder, "engine", wanted)

    result = run("lockguard fix", folder)

    assert result.code == 0, result.err
    assert sources(folder) == {"engine": ("1.0", None), "tool": ("1.0", kind)}
    checked = run("lockguard check --deep", folder)
    assert checked.code == 0, checked.out


def test_a_requirement_that_leaves_an_explicit_source_is_locked_from_another(
    index: Index, serve: Serve, tmp_path: Path, run: Run
) -> None:
    for name in ("tool", "engine"):
        index.add(name, "1.0")
    declared = "".join(
        f'[[tool.poetry.source]]\nname = "{name}"\nurl = "{serve(index).url}"\n'
        f'priority = "{priority}"\n'
        for name, priority in (("main", "primary"), ("extra", "explicit"))
    )
    bound = '[tool.poetry.dependencies]\ntool = { source = "extra" }\n'
    folder = project(tmp_path / "plane", "engine", "tool", more=bound + declared)
    assert run("lockguard fix", folder).code == 0
    index.add("engine", "1.1")
    project(folder, "engine", "tool>=1", more=declared)

    result = run("lockguard fix", folder)

    assert result.code == 0, result.err
    lock = parse((folder / "poetry.lock").read_bytes())
    assert {
        pin.name: (pin.version, pin.source.reference if pin.source else None) for pin in lock.pins
    } == {
        "engine": ("1.0", "main"),
        "tool": ("1.0", "main"),
    }
    assert run("lockguard check --deep", folder).code == 0
