"""The hooks, tried with the real pre-commit, which builds this package as its users' would."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT
from filelock import FileLock
from places import blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

IDENTITY = ("-c", "user.name=a", "-c", "user.email=a@b.example")

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(find_spec("pre_commit") is None, reason="pre-commit is not installed"),
    pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git clone of the project"),
]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that the processes of one run of the tests share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="module")
def environ(shared: Path) -> Mapping[str, str]:
    """Where pre-commit builds, once for all tests here, with the index of this machine."""
    home = shared / "pre-commit"
    return {**os.environ, "PRE_COMMIT_HOME": str(home), "PRE_COMMIT_COLOR": "never"}


@pytest.fixture(scope="module")
def hooks(shared: Path) -> Path:
    """Return a clone of this project with what is not committed yet; hooks are built from it once.

    ``pre-commit try-repo`` would build them again for every run.
    """
    clone = shared / "lockguard"
    with FileLock(shared / "lockguard.lock"):
        if not clone.exists():
            git(ROOT, "clone", "-q", str(ROOT), str(clone))
            uncommitted = git(ROOT, "diff", "--binary", "HEAD")
            if uncommitted:
                subprocess.run(["git", "apply"], cwd=clone, input=uncommitted, check=True)
                git(clone, *IDENTITY, "commit", "-qam", "not committed yet")
    return clone


@pytest.fixture
def monorepo(story: Callable[[str], Path], tmp_path: Path) -> Path:
    """A repository with the quickstart two folders down, as a fresh clone would have it."""
    target = tmp_path / "monorepo" / "services" / "weather"
    shutil.copytree(story("quickstart"), target)
    git(tmp_path / "monorepo", "init")
    git(tmp_path / "monorepo", "add", ".")
    return tmp_path / "monorepo"


def git(folder: Path, *arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)
    return done.stdout


def hook(name: str, folder: Path, hooks: Path, environ: Mapping[str, str]) -> tuple[int, str]:
    """Run one hook on all files; gives its exit code and what it said."""
    commit = git(hooks, "rev-parse", "HEAD").decode().strip()
    offered = {"repo": str(hooks), "rev": commit, "hooks": [{"id": name}]}
    configuration = folder.parent / f"{name}.yaml"
    configuration.write_text(json.dumps({"repos": [offered]}))  # JSON is YAML, too
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pre_commit", "run"),
            *("--all-files", "--config", str(configuration)),
        ],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_check_hook_explains_a_stale_lock(
    monorepo: Path, hooks: Path, environ: Mapping[str, str]
) -> None:
    code, said = hook("lockguard-check", monorepo, hooks, environ)

    assert code == 1
    assert "services/weather/poetry.lock: stale" in said
    assert "requirement-added: platformdirs" in said


def test_the_fix_hook_heals_a_lock_and_then_has_nothing_to_do(
    monorepo: Path, hooks: Path, environ: Mapping[str, str]
) -> None:
    manifest = monorepo / "services" / "weather" / "pyproject.toml"
    manifest.write_text(
        manifest.read_text()
        .replace('    "platformdirs (>=4.2,<5.0)",\n', "")
        .replace("requests (>=2.32,<3.0)", "requests (>=2.31,<2.32)")
    )
    git(monorepo, "add", ".")

    code, said = hook("lockguard-fix", monorepo, hooks, environ)
    assert (code, "files were modified by this hook" in said) == (1, True), said

    git(monorepo, "add", ".")
    assert hook("lockguard-fix", monorepo, hooks, environ)[0] == 0
    assert hook("lockguard-check", monorepo, hooks, environ)[0] == 0


def test_an_installed_lockguard_can_be_the_hook(monorepo: Path, environ: Mapping[str, str]) -> None:
    _, local = blocks("places/pre-commit", "yaml")
    (monorepo / ".pre-commit-config.yaml").write_text(local)
    git(monorepo, "add", ".")
    programs = f"{Path(sys.executable).parent}{os.pathsep}{environ['PATH']}"

    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "--all-files"],
        cwd=monorepo,
        env={**environ, "PATH": programs},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "services/weather/poetry.lock: stale" in done.stdout
