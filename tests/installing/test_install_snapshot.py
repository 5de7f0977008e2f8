"""``install --snapshot``: what the snapshot says is installed, or the exit code says it is not."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest
from environments import installed
from solving import project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi, PypiRun

    Run = Callable[[str, Path], Result]


@pytest.fixture
def server(pypi: Pypi, index: Index) -> PypiRun:
    """PyPI, which serves HTML pages only."""
    index.add("matrix", "1.0", requires=["sound32>=1"])
    index.add("sound32", "1.2")
    index.add("shader", "2.1")
    return pypi(index, here=True, json=False)


@pytest.fixture
def app(server: PypiRun, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a snapshot for this interpreter, and no environment yet."""
    assert server
    monkeypatch.setenv("POETRY_VIRTUALENVS_IN_PROJECT", "true")
    monkeypatch.setenv("CI", "1")
    folder = project(tmp_path / "app", "matrix>=1")
    assert run("lockguard snapshot create", folder).code == 0
    return folder


def test_a_clean_environment_gets_what_the_snapshot_says(run: Run, app: Path, index: Index) -> None:
    index.add("sound32", "1.3")

    result = run("lockguard install --snapshot", app)

    assert result.code == 0, result.err
    assert installed(app) == {"matrix", "sound32"}
    assert [*app.glob(".venv/lib/python*/site-packages/sound32-1.2.dist-info")]
    assert run("lockguard snapshot verify --installed", app).code == 0


def test_the_manifest_is_not_asked(run: Run, app: Path) -> None:
    manifest = app / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace('"matrix>=1"', '"shader>=2"'))

    assert run("lockguard install --snapshot lockguard.lock", app).code == 0

    assert installed(app) == {"matrix", "sound32"}


def test_an_environment_that_matches_needs_no_index(
    run: Run, app: Path, pypi: Pypi, index: Index
) -> None:
    run("lockguard install --snapshot", app)
    other = pypi(index, here=True, json=False).server

    result = run("lockguard install --snapshot", app)

    assert result.code == 0, result.err
    assert other.asked == []


def test_a_dirty_environment_is_no_success_until_synced(run: Run, app: Path, index: Index) -> None:
    run("lockguard install --snapshot", app)
    manifest = app / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace('"matrix>=1"', '"matrix>=1", "shader>=2"'))
    run("lockguard snapshot create --output more.lock", app)
    assert run("lockguard install --snapshot more.lock", app).code == 0

    dirty = run("lockguard install --snapshot", app)
    synced = run("lockguard install --snapshot --sync", app)

    assert (dirty.code, synced.code) == (1, 0)
    assert "shader 2.1 is installed, but does not belong there" in dirty.err
    assert installed(app) == {"matrix", "sound32"}


def test_what_new_environments_contain_is_in_nobodys_way(run: Run, app: Path, index: Index) -> None:
    index.add("setuptools", "65.5.0")
    run("lockguard install --snapshot", app)
    manifest = app / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace('"matrix>=1"', '"matrix>=1", "setuptools"'))
    run("lockguard snapshot create --output more.lock", app)
    assert run("lockguard install --snapshot more.lock", app).code == 0

    again = run("lockguard install --snapshot", app)

    assert again.code == 0, again.err
    assert "setuptools" in installed(app)


def test_another_file_under_the_same_name_is_refused(run: Run, app: Path, index: Index) -> None:
    index.remove("sound32")
    index.add("sound32", "1.2", padding=100, sdist=False)

    result = run("lockguard install --snapshot", app)

    assert result.code == 1
    assert "Unable to find installation candidates for sound32 (1.2)" in result.out
    assert "sound32" not in installed(app)


def test_a_broken_seal_installs_nothing(run: Run, app: Path) -> None:
    file = app / "lockguard.lock"
    file.write_text(file.read_text().replace('"1.2"', '"1.3"'))

    result = run("lockguard install --snapshot", app)

    assert result.code == 1
    assert "its seal is wrong" in result.err
    assert not (app / ".venv").exists()


def test_no_configuration_for_this_interpreter_lists_the_nearest(run: Run, app: Path) -> None:
    (app / "lockguard.lock").unlink()
    run("lockguard snapshot create --python 3.10 --platform windows-arm64", app)

    strict = run("lockguard install --snapshot", app)
    partial = run("lockguard install --snapshot --partial", app)

    assert strict.code == 1
    assert "windows-arm64-py310" in strict.err
    assert partial.code == 0, partial.err
    assert installed(app) == {"matrix", "sound32"}


def test_a_name_that_is_no_configuration_makes_no_environment(run: Run, app: Path) -> None:
    result = run("lockguard install --snapshot --config linux-x86_64-py27", app)

    assert result.code == 2
    assert "lockguard.lock: no configuration is named linux-x86_64-py27; the n" in result.err
    assert not (app / ".venv").exists()


@pytest.mark.parametrize(
    "command", ["install --snapshot", "snapshot record", "snapshot verify --installed"]
)
def test_a_named_configuration_for_another_environment_is_warned_of(
    command: str, run: Run, app: Path
) -> None:
    assert run("lockguard install --snapshot", app).code == 0
    there = "--python 3.11 --platform windows-x86_64 --implementation pypy"
    assert run(f"lockguard snapshot create {there}", app).code == 0

    result = run(f"lockguard {command} --config windows-x86_64-pypy311", app)

    assert result.code == 0, result.err
    (warning,) = [line for line in result.err.splitlines() if line.startswith("WARNING")]
    assert "windows-x86_64-pypy311 is not for this interpreter: " in warning
    assert "implementation cpython, not pypy" in warning


def test_an_incomplete_configuration_is_refused_unless_partial(run: Run, app: Path) -> None:
    run("lockguard snapshot remove sound32", app)

    strict = run("lockguard install --snapshot", app)
    partial = run("lockguard install --snapshot --partial", app)

    assert strict.code == 1
    assert "none of its pins satisfies sound32 (>=1)" in strict.err
    assert partial.code == 0, partial.err
    assert "sound32 1.2 is not pinned" in partial.err


def test_record_writes_what_is_installed(run: Run, app: Path) -> None:
    run("lockguard install --snapshot", app)

    assert run("lockguard snapshot record", app).code == 0

    (one,) = json.loads((app / "lockguard.lock").read_text())["configurations"].values()
    assert one["installed"] == {"matrix": {"version": "1.0"}, "sound32": {"version": "1.2"}}


def test_the_environment_is_looked_at_anew_each_time(run: Run, app: Path) -> None:
    """The time of a folder's last change is too coarse to tell whether it changed since."""
    run("lockguard install --snapshot", app)
    (gone,) = app.glob(".venv/lib/python*/site-packages/sound32-1.2.dist-info")
    then = gone.parent.stat().st_mtime_ns
    assert run("lockguard snapshot verify --installed", app).code == 0
    shutil.rmtree(gone)
    os.utime(gone.parent, ns=(then, then))

    result = run("lockguard snapshot verify --installed", app)

    assert result.code == 1
    assert "sound32 1.2 is not installed" in result.out


def test_json_is_one_document(run: Run, app: Path) -> None:
    result = run("lockguard install --snapshot --format json", app)

    assert json.loads(result.out)["status"] == "installed"


def test_a_requirement_of_the_project_without_a_pin_is_refused(run: Run, app: Path) -> None:
    run("lockguard snapshot remove matrix", app)

    result = run("lockguard install --snapshot", app)

    assert result.code == 1
    assert "none of its pins satisfies matrix (>=1) (needed by the project)" in result.err
    assert installed(app) == set()


def test_a_requirement_of_a_wanted_extra_without_a_pin_is_refused(
    run: Run, app: Path, index: Index
) -> None:
    index.add("engine", "1.0", extras={"loud": ["sound32"], "quiet": ["never"]})
    manifest = app / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace('"matrix>=1"', '"engine[loud]"'))
    assert run("lockguard snapshot create --clean", app).code == 0
    assert run("lockguard snapshot remove sound32", app).code == 0

    result = run("lockguard install --snapshot", app)

    assert result.code == 1
    assert "none of its pins satisfies sound32" in result.err
    assert "never" not in result.err
