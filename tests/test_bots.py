"""The recipes for bots, run on git repositories as ``docs/bots.rst`` shows them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sysconfig
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from repositories import isolate
from ruamel.yaml import YAML
from solving import project

from poetry_lockguard.lockfile.parse import parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Result
    from index import Index, Pypi, PypiRun

    Run = Callable[[str, Path], Result]

BOTS = (Path(__file__).parent.parent / "docs" / "bots.rst").read_text(encoding="utf-8")
EXPORTS = '\n[tool.lockguard.exports]\n"requirements.txt" = { format = "requirements" }\n'


def blocks(kind: str) -> dict[str, str]:
    """Return the last block of a kind below each heading."""
    found = {}
    for part in re.split(r"\n(?=[^\n]+\n(?:---+|~~~+)\n)", BOTS):
        for block in re.findall(rf"code-block:: {kind}\n\n((?:    .*\n|\n)+)", part):
            found[part.splitlines()[0]] = dedent(block)
    return found


SCRIPTS = blocks("sh")


@pytest.fixture
def pypi_run(index: Index, pypi: Pypi) -> PypiRun:
    for version in ("1.0", "1.1"):
        index.add("engine", version, requires=["gear"])
        index.add("gear", version)
        index.add("tail", version)
    return pypi(index, here=True)


@pytest.fixture
def repository(
    pypi_run: PypiRun, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Give a repository whose lock was made when there were the first releases alone."""
    isolate(monkeypatch)
    folder = project(tmp_path / "plane", "engine==1.0", "tail<1.1", more=EXPORTS)
    assert run("lockguard fix", folder).code == 0
    assert run("lockguard update gear==1.0", folder).code == 0
    project(folder, "engine>=1.0", "tail<2", more=EXPORTS)
    assert run("lockguard fix", folder).code == 0
    assert pins(folder) == {"engine": "1.0", "gear": "1.0", "tail": "1.0"}
    shell("git init -q -b main && git add -A && git commit -q -m first", folder)
    return folder


def pins(folder: Path) -> dict[str, str]:
    lock = parse((folder / "poetry.lock").read_bytes())
    return {pin.name: pin.version for pin in lock.pins}


def shell(script: str, folder: Path, **variables: str) -> str:
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    done = subprocess.run(
        ["sh", "-e", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": path, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def relock_as_a_bot_does(folder: Path, run: Run) -> None:
    """Leave a lock in which everything moved, and no derived file with it."""
    assert run("lockguard fix --strategy regenerate", folder).code == 0
    assert run("lockguard update engine gear tail", folder).code == 0
    assert set(pins(folder).values()) == {"1.1"}
    shell("git checkout -q HEAD -- requirements.txt", folder)


def test_renovates_edit_of_a_requirement_moves_that_pin_alone(repository: Path, run: Run) -> None:
    project(repository, "engine>=1.1", "tail<2", more=EXPORTS)
    relock_as_a_bot_does(repository, run)

    shell(SCRIPTS["Renovate"], repository)

    assert pins(repository) == {"engine": "1.1", "gear": "1.0", "tail": "1.0"}
    assert "engine==1.1" in (repository / "requirements.txt").read_text()


def test_renovates_edit_of_the_lock_becomes_an_update(repository: Path) -> None:
    lock = repository / "poetry.lock"
    lock.write_text(lock.read_text().replace('"gear"\nversion = "1.0"', '"gear"\nversion = "1.1"'))

    shell(SCRIPTS["Updates of the lock alone"], repository, NAME="gear", VERSION="1.1")

    assert pins(repository) == {"engine": "1.0", "gear": "1.1", "tail": "1.0"}
    changed = shell("git diff --name-only", repository).split()
    assert changed == ["poetry.lock", "requirements.txt"]


def test_renovates_expression_finds_the_pins(repository: Path) -> None:
    (manager,) = json.loads(blocks("json")["Updates of the lock alone"])["customManagers"]
    pattern = manager["matchStrings"][0].replace("(?<", "(?P<")

    found = re.findall(pattern, (repository / "poetry.lock").read_text())

    assert dict(found) == pins(repository)


def test_renovates_commands_are_those_of_the_scripts() -> None:
    for title, document in blocks("json").items():
        (rule,) = json.loads(document)["packageRules"]
        commands = "\n".join(rule["postUpgradeTasks"]["commands"])
        filled = commands.replace("{{{depName}}}=={{{newVersion}}}", '"$NAME==$VERSION"')
        assert filled == SCRIPTS[title].strip()


def test_dependabots_pull_request_is_repaired(repository: Path, run: Run) -> None:
    shell("git switch -q -c dependabot", repository)
    project(repository, "engine>=1.0", "tail>=1.1,<2", more=EXPORTS)
    relock_as_a_bot_does(repository, run)
    shell("git commit -q -a -m bump", repository)

    shell(SCRIPTS["Dependabot"], repository, BASE="main", NAME="tail", VERSION="1.1")

    assert pins(repository) == {"engine": "1.0", "gear": "1.0", "tail": "1.1"}
    assert shell("git status --porcelain", repository) == ""
    assert "tail==1.1" in (repository / "requirements.txt").read_text()


def test_dependabots_workflow_is_yaml_that_runs_the_script() -> None:
    workflow = YAML(typ="safe").load(blocks("yaml")["Dependabot"])

    (last,) = workflow["jobs"]["repair"]["steps"][-1:]
    assert set(last["env"]) == set(re.findall(r"\$([A-Z]+)", SCRIPTS["Dependabot"]))


def test_pre_commit_ci_fixes_without_network(
    pypi_run: PypiRun, repository: Path, tmp_path: Path
) -> None:
    project(repository, "engine>=1.0", "tail>=1.0,<3", more=EXPORTS)
    pypi_run.server.asked.clear()

    shell(SCRIPTS["pre-commit.ci"], repository, POETRY_CACHE_DIR=str(tmp_path / "empty"))

    assert pins(repository) == {"engine": "1.0", "gear": "1.0", "tail": "1.0"}
    assert pypi_run.server.asked == []
