"""``install --snapshot`` says what a user would otherwise find out later, and takes groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from environments import installed
from solving import project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]

GROUP = '\n[dependency-groups]\ndev = ["shader>=2"]\n'
DECLARED = """
[tool.lockguard.configurations.own]
python = "3.11"
platform = "linux-x86_64"

[tool.lockguard.configurations.later]
python = "3.12"
platform = "linux-x86_64"
"""


@pytest.fixture
def app(index: Index, pypi: Pypi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project on an index, without a snapshot."""
    index.add("matrix", "1.0", requires=["sound32>=1"])
    index.add("sound32", "1.2")
    index.add("shader", "2.1", requires=["sound32"])
    pypi(index, here=True, json=False)
    monkeypatch.setenv("POETRY_VIRTUALENVS_IN_PROJECT", "true")
    monkeypatch.setenv("CI", "1")
    return project(tmp_path / "app", "matrix>=1", more=GROUP + DECLARED)


def test_a_declared_configuration_that_was_not_created_is_told_from_an_unknown_one(
    run: Run, app: Path
) -> None:
    run("lockguard snapshot create --config own", app)

    declared = run("lockguard install --snapshot --config later --dry-run", app)
    unknown = run("lockguard install --snapshot --config never --dry-run", app)

    assert declared.code == 1
    assert "later is declared in pyproject.toml, but was not created yet" in declared.err
    assert "`poetry lockguard snapshot create --config later` creates it" in declared.err
    assert unknown.code == 2
    assert "no configuration is named never" in unknown.err


def test_partial_completes_a_declared_configuration(run: Run, app: Path) -> None:
    run("lockguard snapshot create --config own", app)
    before = (app / "lockguard.lock").read_bytes()

    result = run("lockguard install --snapshot --config later --partial --dry-run", app)

    assert result.code == 0, result.err
    assert "Installing matrix (1.0)" in result.out
    assert "later is declared in pyproject.toml, but was not created yet" in result.err
    assert (app / "lockguard.lock").read_bytes() == before


def test_partial_writes_the_configuration_it_creates(run: Run, app: Path) -> None:
    run("lockguard snapshot create --config own", app)

    result = run("lockguard install --snapshot --config later --partial", app)

    assert result.code == 0, result.err
    assert "lockguard.lock: later was created, and is in the snapshot now" in result.err
    assert run("lockguard snapshot verify --config later", app).code == 0
    again = run("lockguard install --snapshot --config later", app)
    assert again.code == 0, again.err
    assert "not created yet" not in again.err


@pytest.mark.parametrize("how", ["--frozen", "the settings"])
def test_the_snapshot_is_installed_in_place_of_the_lock(run: Run, app: Path, how: str) -> None:
    run("lockguard snapshot create --config own", app)
    manifest = app / "pyproject.toml"
    text = manifest.read_text()
    if how == "the settings":
        text = text.replace(
            "[tool.lockguard.", '[tool.lockguard]\ninstall = "snapshot"\n\n[tool.lockguard.', 1
        )
        manifest.write_text(text)
    option = how if how.startswith("--") else ""

    result = run(f"lockguard install {option} --config own --dry-run", app)
    refused = run(f"lockguard install {option} --extras x", app)

    assert result.code == 0, result.err
    assert "Installing matrix (1.0)" in result.out
    assert not (app / "poetry.lock").exists()
    assert refused.code == 2
    assert "and --extras cannot be combined; the snapshot decides" in refused.err


def test_a_manifest_that_drifted_from_the_snapshot_is_told(run: Run, app: Path) -> None:
    run("lockguard snapshot create --config own", app)
    project(app, "matrix>=1.0", "shader", more=GROUP + DECLARED)

    result = run("lockguard install --snapshot --config own --dry-run", app)

    assert result.code == 0, result.err
    assert "pyproject.toml changed since lockguard.lock was made: " in result.err
    assert "matrix (>=1) -> matrix (>=1.0), shader is required now" in result.err


def test_a_manifest_in_step_brings_no_warning(run: Run, app: Path) -> None:
    run("lockguard snapshot create --config own", app)

    assert (
        "changed since" not in run("lockguard install --snapshot --config own --dry-run", app).err
    )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", {"matrix", "sound32", "shader"}),
        ("--with dev", {"matrix", "sound32", "shader"}),
        ("--without dev", {"matrix", "sound32"}),
        ("--only dev", {"shader", "sound32"}),
    ],
)
def test_groups_of_the_configuration_can_be_chosen(
    options: str, expected: set[str], run: Run, app: Path
) -> None:
    made = run("lockguard snapshot create --groups main,dev", app)
    assert made.code == 0, made.err

    result = run(f"lockguard install --snapshot {options}", app)

    assert result.code == 0, result.err
    assert installed(app) == expected


def test_a_group_that_the_configuration_lacks_is_refused(run: Run, app: Path) -> None:
    run("lockguard snapshot create --config own", app)

    result = run("lockguard install --snapshot --config own --with dev --dry-run", app)

    assert result.code == 2
    assert "own was created for the group main, without the group dev" in result.err


@pytest.mark.parametrize("command", ["create", "upgrade", "add matrix==1.0"])
def test_a_requirement_bound_to_a_source_that_is_gone_is_one_line(
    command: str, run: Run, app: Path
) -> None:
    run("lockguard snapshot create --config own", app)
    project(
        app,
        "matrix>=1",
        more='\n[tool.poetry.dependencies]\nmatrix = {source = "old"}\n' + DECLARED,
    )

    result = run(f"lockguard snapshot {command}", app)

    assert result.code == 2
    line = (
        f"lockguard: {app / 'pyproject.toml'}: matrix is bound to the source old, which is not"
        " declared; declare it in [[tool.poetry.source]], or bind the requirement to another"
        " source"
    )
    assert result.err.splitlines() == [line]


def test_a_snapshot_is_installed_without_a_manifest(run: Run, app: Path) -> None:
    assert run("lockguard snapshot create", app).code == 0
    assert run("lockguard snapshot create --groups main", app).code == 0
    (app / "pyproject.toml").unlink()

    result = run("lockguard install --snapshot lockguard.lock --config own", app)

    assert result.code == 0, result.err
    assert "changed since" not in result.err
    assert installed(app) == {"matrix", "sound32"}
    assert sorted(path.name for path in app.iterdir()) == [".venv", "lockguard.lock"]
