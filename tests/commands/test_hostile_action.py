"""The action on a hostile repository: none of its commands is run, and no server asked."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT
from hostile import LOCK, SITUATIONS, configured, listening
from pipelines.steps import Machine, composite, read_values
from repositories import isolate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
CHECK = {"arguments": "--deep"}
OTHERS = {
    "check against a revision": {"base": "HEAD~1"},
    "fix": {"command": "fix", "arguments": "--offline"},
    "install": {"command": "install", "arguments": "--offline\n--dry-run"},
}


@pytest.fixture
def marker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    isolate(monkeypatch)
    with listening(tmp_path) as marker:
        yield marker


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one.__name__)
def test_a_check_runs_no_command_of_a_repository_and_asks_no_server(
    situation: Callable[[Path, Path], Path], tmp_path: Path, marker: Path
) -> None:
    assert acted(situation(tmp_path, marker), CHECK, tmp_path, marker) in {"stale", "error"}


@pytest.mark.parametrize("inputs", OTHERS.values(), ids=OTHERS)
def test_no_use_of_the_action_runs_a_command_of_a_repository(
    inputs: dict[str, str], tmp_path: Path, marker: Path
) -> None:
    assert acted(configured(tmp_path, marker), inputs, tmp_path, marker) in {"stale", "failed"}


def acted(folder: Path, inputs: dict[str, str], tmp_path: Path, marker: Path) -> str:
    """Return the status that the action gives for a repository of which it must run nothing."""
    (folder / "poetry.lock").write_text(LOCK.format(7))  # differs, so that git looks at it
    marker.unlink(missing_ok=True)
    machine = Machine(
        home=tmp_path / "machine",
        origin=tmp_path,
        branch="main",
        artifacts=tmp_path,
        python=tmp_path,
    )
    shutil.rmtree(machine.workspace)
    machine.workspace.symlink_to(folder)
    outputs = machine.home / "outputs"
    outer = {"github": {"base_ref": "main"}, "runner": {"temp": str(machine.temp)}}

    composite(ROOT / "action.yml", inputs, machine, outer, outputs)

    assert not marker.exists()
    return read_values(outputs.read_text())["status"]


def test_its_filters_are_run_where_git_is_asked_without_care(tmp_path: Path, marker: Path) -> None:
    folder = configured(tmp_path, marker)
    (folder / "poetry.lock").write_text(LOCK.format(7))
    marker.unlink(missing_ok=True)

    subprocess.run(
        ["git", "-c", "core.fsmonitor=false", "diff", "--no-ext-diff", "--name-only", "HEAD"],
        cwd=folder,
        check=False,
        capture_output=True,
        timeout=60,
    )

    assert marker.exists()
