"""Which projects a command line speaks of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from locks import MANIFEST, project

from poetry_lockguard.errors import ManifestError, UsageError
from poetry_lockguard.freshness.discovery import find, locate
from poetry_lockguard.freshness.survey import Unlooked, survey

if TYPE_CHECKING:
    from pathlib import Path


def found(folder: Path, *paths: str, recursive: bool = False) -> list[str]:
    manifests = find([folder / path for path in paths], folder, recursive=recursive)
    return [manifest.parent.relative_to(folder).as_posix() for manifest in manifests]


def test_without_paths_it_is_the_nearest_project_above(tmp_path: Path) -> None:
    project(tmp_path)
    (below := tmp_path / "src" / "deep").mkdir(parents=True)

    assert locate(below) == tmp_path / "pyproject.toml"


def test_without_any_project_above_the_message_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="no such file, nor in any parent folder"):
        locate(tmp_path)


def test_at_a_monorepos_root_the_message_counts_the_projects_below(tmp_path: Path) -> None:
    for name in ("api", "web", ".venv/lib"):
        project(tmp_path / name)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "pyproject.toml").write_text("[build-system]\n")

    with pytest.raises(ManifestError, match="2 Poetry projects lie below; add -r for all of them"):
        [*find([], tmp_path)]


def test_a_project_named_by_several_paths_is_found_once(tmp_path: Path) -> None:
    project(tmp_path / "a")
    (tmp_path / "link").symlink_to(tmp_path / "a")

    names = found(tmp_path, "a/poetry.lock", "a", "a/pyproject.toml", "link")

    assert names == ["a"]


@pytest.mark.parametrize("path", ["nowhere", "notes.txt"])
def test_a_path_that_names_no_project_is_a_usage_error(tmp_path: Path, path: str) -> None:
    (tmp_path / "notes.txt").touch()

    with pytest.raises(UsageError, match="name a project's folder"):
        found(tmp_path, path)


def test_below_a_path_all_projects_are_found_in_order(tmp_path: Path) -> None:
    for name in ("b/inner", "a", "b"):
        project(tmp_path / name)

    assert found(tmp_path, recursive=True) == ["a", "b", "b/inner"]


@pytest.mark.parametrize("name", [".venv", ".git", "node_modules", "x/site-packages", "x/.tox"])
def test_what_is_not_the_users_own_work_is_passed_over(tmp_path: Path, name: str) -> None:
    project(tmp_path / name / "inner")

    assert found(tmp_path, recursive=True) == []


def test_a_virtual_environment_of_any_name_is_passed_over(tmp_path: Path) -> None:
    project(tmp_path / "env" / "inner")
    (tmp_path / "env" / "pyvenv.cfg").touch()

    assert found(tmp_path, recursive=True) == []


def test_links_that_form_a_loop_are_not_followed(tmp_path: Path) -> None:
    project(tmp_path / "a")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)

    assert found(tmp_path, recursive=True) == ["a"]


def test_other_tools_projects_are_passed_over_and_invalid_ones_are_not(tmp_path: Path) -> None:
    project(tmp_path / "a")
    (tmp_path / "black").mkdir()
    (tmp_path / "black" / "pyproject.toml").write_text("[tool.black]\n")
    (tmp_path / "hatch").mkdir()
    (tmp_path / "hatch" / "pyproject.toml").write_text(MANIFEST)
    project(tmp_path / "invalid", "name\n", "")

    outcomes = [
        *survey(find([], tmp_path, recursive=True), pass_over_others=True),
    ]

    assert [(one.path.name, isinstance(one, Unlooked)) for one in outcomes] == [
        ("a", False),
        ("invalid", True),
    ]
