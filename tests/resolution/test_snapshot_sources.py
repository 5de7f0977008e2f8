"""Git, path, URL, file and source-bound requirements in a snapshot: sealed where they can be."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from environments import installed
from index import wheels
from solving import project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi, Serve

    Run = Callable[[str, Path], Result]

LIBRARY = """\
[project]
name = "{name}"
version = "0.5"
dependencies = ["matrix>=1"]

[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"
"""


def library(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(LIBRARY.format(name=name))
    (folder / f"{name}.py").write_text("")
    return folder


def repository(folder: Path) -> str:
    """Make a git repository and give its commit."""
    home = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who = (
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.invalid",
        "-c",
        "init.defaultBranch=main",
    )
    for arguments in (("init", "-q"), ("add", "."), ("commit", "-qm", "one")):
        subprocess.run(["git", *who, *arguments], cwd=folder, check=True, env=home)
    done = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def app(
    index: Index, pypi: Pypi, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A project with a requirement of every kind."""
    monkeypatch.setenv("POETRY_VIRTUALENVS_IN_PROJECT", "true")
    monkeypatch.setenv("CI", "1")
    index.add("matrix", "1.0")
    pypi(index, here=True, json=False)
    own = type(index)()
    own.add("internal", "3.0", requires=["matrix"])
    server = serve(own)
    library(tmp_path / "app" / "libs" / "beside", "beside")
    library(tmp_path / "sibling", "sibling")
    archived = wheels.wheel(wheels.Release(name="archived", version="2.0"), "py3-none-any")
    (tmp_path / "app" / archived[0]).write_bytes(archived[1])
    fetched = index.add("fetched", "4.0")[0].filename
    address = serve(index).base
    more = f"""
[tool.poetry.dependencies]
internal = {{ version = "*", source = "company" }}
beside = {{ path = "libs/beside", develop = true }}
sibling = {{ path = "../sibling", develop = true }}
archived = {{ path = "{archived[0]}" }}
fetched = {{ url = "{address}/files/{fetched}" }}

[[tool.poetry.source]]
name = "company"
url = "{server.url}"
priority = "explicit"
"""
    names = ("matrix", "internal", "beside", "sibling", "archived", "fetched")
    return project(tmp_path / "app", *names, more=more)


def packages(folder: Path) -> dict[str, Any]:
    document = json.loads((folder / "lockguard.lock").read_text())
    return {name: pins[0] for name, pins in document["packages"].items()}


def test_every_kind_of_source_is_recorded_and_installs(run: Run, app: Path) -> None:
    result = run("lockguard snapshot create", app)

    assert result.code == 0, result.err
    found = packages(app)
    assert {name: pin["source"]["type"] for name, pin in found.items()} == {
        "archived": "file",
        "beside": "directory",
        "fetched": "url",
        "internal": "index",
        "matrix": "pypi",
        "sibling": "directory",
    }
    assert found["sibling"]["source"] == {
        "type": "directory",
        "path": "../sibling",
        "editable": True,
    }
    assert found["beside"]["reason"] == "a directory can change at any time"
    assert found["fetched"]["files"]
    assert found["archived"]["reproducible"]
    assert str(app.parent) not in (app / "lockguard.lock").read_text()
    before = (app / "lockguard.lock").read_bytes()
    assert run("lockguard snapshot create", app).code == 0
    assert (app / "lockguard.lock").read_bytes() == before
    verified = run("lockguard snapshot verify", app)
    assert verified.code == 0, verified.out
    done = run("lockguard install --snapshot --no-directory", app)
    assert done.code == 0, done.err + done.out
    assert installed(app) == {*found} - {"beside", "sibling"}


def test_sync_takes_every_kind_from_the_lock(run: Run, app: Path) -> None:
    run("lockguard snapshot create", app)
    assert run("lockguard fix", app).code == 0
    before = (app / "lockguard.lock").read_bytes()

    result = run("lockguard snapshot sync", app)

    assert result.code == 0, result.err
    assert (app / "lockguard.lock").read_bytes() == before


def test_a_branch_stays_at_its_commit_until_upgraded(
    run: Run, index: Index, pypi: Pypi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POETRY_VIRTUALENVS_IN_PROJECT", "true")
    index.add("matrix", "1.0")
    pypi(index, here=True, json=False)
    source = library(tmp_path / "remote", "remote")
    first = repository(source)
    more = f"""
[tool.poetry.dependencies]
remote = {{ git = "{source.as_uri()}", branch = "main" }}
"""
    folder = project(tmp_path / "app", "remote", more=more)
    result = run("lockguard snapshot create", folder)
    assert result.code == 0, result.err
    (source / "new.py").write_text("")
    second = repository(source)

    assert run("lockguard snapshot create", folder).code == 0
    assert packages(folder)["remote"]["source"] == {
        "type": "git",
        "url": "../remote",
        "reference": "main",
        "commit": first,
    }
    assert run("lockguard snapshot verify", folder).code == 0
    upgraded = run("lockguard snapshot upgrade remote", folder)

    assert upgraded.code == 0, upgraded.err
    assert packages(folder)["remote"]["source"]["commit"] == second


@pytest.mark.parametrize(
    ("requirement", "reason"),
    [
        pytest.param(
            'lost = { path = "lost" }',
            "put lost at {folder}/lost, or drop the requirement",
            id="a folder that is gone",
        ),
        pytest.param(
            'lost = { git = "http://127.0.0.1:9/lost.git" }',
            "127.0.0.1:9 cannot be reached: connection refused; check the network",
            id="a git host that is down",
        ),
        pytest.param(
            'lost = { url = "http://127.0.0.1:9/lost-1.0-py3-none-any.whl" }',
            "127.0.0.1:9 cannot be reached: connection refused; check the network",
            id="an archive's host that is down",
        ),
    ],
)
def test_what_cannot_be_read_is_said_for_each_configuration_that_needs_it(  # noqa: PLR0913, PLR0917 - a row and its fixtures
    requirement: str, reason: str, run: Run, index: Index, pypi: Pypi, tmp_path: Path
) -> None:
    index.add("matrix", "1.0")
    pypi(index, here=True, json=False)
    more = f"""
[tool.poetry.dependencies]
{requirement}

[tool.lockguard.matrix]
python = ["3.11"]
platform = ["linux-x86_64", "windows-x86_64", "macos-arm64"]
"""
    folder = project(tmp_path / "app", "matrix", "lost ; sys_platform != 'darwin'", more=more)

    result = run("lockguard snapshot create --retries 0", folder)

    assert result.code == 1
    where, why, *rest = result.err.splitlines()
    assert where == "linux-x86_64-py311, windows-x86_64-py311: cannot be resolved:"
    assert why.startswith("  lost cannot be read: ")
    assert why.endswith(reason.format(folder=folder))
    assert rest == ["lockguard.lock: failed"]
    assert not (folder / "lockguard.lock").exists()


def test_a_folder_that_is_gone_is_warned_of_once(
    run: Run, index: Index, pypi: Pypi, tmp_path: Path
) -> None:
    index.add("matrix", "1.0")
    pypi(index, here=True, json=False)
    beside = library(tmp_path / "beside", "beside")
    more = """
[tool.poetry.dependencies]
beside = { path = "../beside" }

[tool.lockguard.matrix]
python = ["3.11", "3.12"]
platform = ["linux-x86_64", "windows-x86_64"]
"""
    folder = project(tmp_path / "app", "beside", more=more)
    assert run("lockguard snapshot create", folder).code == 0
    beside.rename(tmp_path / "away")

    result = run("lockguard snapshot verify", folder)

    assert result.code == 0
    assert not result.err
    assert [line.split()[0] for line in result.out.splitlines()] == [
        "path-dependency",
        "lockguard.lock:",
    ]


def test_verify_tells_what_a_folder_needs_by_now(
    run: Run, index: Index, pypi: Pypi, tmp_path: Path
) -> None:
    index.add("matrix", "1.0")
    index.add("matrix", "2.0")
    index.add("extra32", "1.0")
    pypi(index, here=True, json=False)
    beside = library(tmp_path / "beside", "beside") / "pyproject.toml"
    more = """
[tool.poetry.dependencies]
beside = { path = "../beside" }

[tool.lockguard.matrix]
python = ["3.11"]
platform = ["linux-x86_64", "windows-x86_64"]
"""
    folder = project(tmp_path / "app", "beside", more=more)
    assert run("lockguard snapshot create", folder).code == 0
    needs = 'dependencies = ["matrix<2", "extra32 ; sys_platform == \'win32\'"]'
    beside.write_text(beside.read_text().replace('dependencies = ["matrix>=1"]', needs))

    result = run("lockguard snapshot verify", folder)

    both = "linux-x86_64-py311, windows-x86_64-py311"
    assert result.code == 1
    assert [line.partition(";")[0].split(maxsplit=1)[1] for line in result.out.splitlines()] == [
        f"{both}: beside needs matrix (<2) now, which none of its pins satisfies",
        "windows-x86_64-py311: beside needs extra32 now, which none of its pins satisfies",
        "failed",
    ]
    assert "`poetry lockguard snapshot create` resolves it again" in result.out
    assert run("lockguard snapshot create", folder).code == 0
    assert run("lockguard snapshot verify", folder).code == 0


def test_a_snapshot_follows_a_folder_that_grew_through_the_lock(
    run: Run, index: Index, pypi: Pypi, tmp_path: Path
) -> None:
    index.add("matrix", "1.0")
    index.add("extra32", "1.0")
    pypi(index, here=True, json=False)
    beside = library(tmp_path / "beside", "beside") / "pyproject.toml"
    more = """
[tool.poetry.dependencies]
beside = { path = "../beside" }

[tool.lockguard.matrix]
python = ["3.11"]
platform = ["linux-x86_64", "windows-x86_64"]
"""
    folder = project(tmp_path / "app", "beside", more=more)
    for command in ("fix", "snapshot sync", "snapshot verify"):
        assert run(f"lockguard {command}", folder).code == 0
    before = (folder / "lockguard.lock").read_bytes()
    needs = 'dependencies = ["matrix>=1", "extra32 ; sys_platform == \'win32\'"]'
    beside.write_text(beside.read_text().replace('dependencies = ["matrix>=1"]', needs))

    verified = run("lockguard snapshot verify", folder)
    synced = run("lockguard snapshot sync", folder)

    assert verified.code == synced.code == 1
    assert "run `poetry lockguard fix`, then `poetry lockguard snapshot sync`" in verified.out
    assert synced.err.startswith(
        "windows-x86_64-py311: cannot be resolved:\n"
        "  beside needs extra32 now, which poetry.lock does not contain; run `poetry lockguard fix`"
        " first\n"
    )
    assert (folder / "lockguard.lock").read_bytes() == before
    for command in ("fix", "snapshot sync", "snapshot verify"):
        result = run(f"lockguard {command}", folder)
        assert result.code == 0, (command, result)
    windows = json.loads((folder / "lockguard.lock").read_text())["configurations"]
    assert "extra32" in windows["windows-x86_64-py311"]["packages"]
