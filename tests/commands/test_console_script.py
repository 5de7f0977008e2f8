"""The console script starts of Poetry what a command needs, and says the same as Poetry's door."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from locks import MANIFEST, lock_for
from locks import project as locked_project
from snapshot_values import ENGINE
from solving import project

from poetry_lockguard.snapshots.format.writer import render

if TYPE_CHECKING:
    from pathlib import Path

MATRIX = '[tool.lockguard.matrix]\npython = ["3.11"]\nplatform = ["linux-x86_64"]\n'
SCRIPT = """
import sys
from poetry_lockguard.__main__ import main
code = main(sys.argv[1:])
if "poetry.factory" in sys.modules:
    sys.exit("it loaded the resolver")
sys.exit(code)
"""

LISTING = """
import sys
from poetry_lockguard.__main__ import main
code = main(sys.argv[1:])
for name in sys.modules:
    parts = name.split(".")
    is_poetrys = parts[0] == "poetry" and parts[1:2] not in ([], ["core"])
    if is_poetrys or parts[0] in {"cleo", "requests", "urllib3"}:
        print("loaded", name, file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("snapshot merge lockguard.lock other.lock --output new.lock", id="merge"),
        pytest.param("matrix --format json", id="matrix"),
        pytest.param("snapshot show --config nowhere", id="a usage error"),
        pytest.param("merge-driver install", id="install outside git"),
        pytest.param(f"merge-driver run --snapshot -- {3 * 'other.lock '}x 7", id="merge driver"),
        pytest.param("-C . snapshot show --no-ansi", id="an option in front"),
    ],
)
def test_a_command_on_files_starts_without_the_resolver(tmp_path: Path, words: str) -> None:
    project(tmp_path, more=MATRIX)
    for name in ("lockguard.lock", "other.lock"):
        (tmp_path / name).write_bytes(render(ENGINE))

    ours = _run(tmp_path, "-c", SCRIPT, *words.split())
    (tmp_path / "new.lock").unlink(missing_ok=True)
    poetrys = _run(tmp_path, "-m", "poetry", "lockguard", *words.removeprefix("-C . ").split())

    assert ours == poetrys


@pytest.mark.parametrize("words", ["fix", "fix --offline", "fix --lock-format keep --format json"])
def test_a_kept_lock_needs_nothing_of_poetry_but_its_core(tmp_path: Path, words: str) -> None:
    locked_project(tmp_path)
    manifest = tmp_path / "pyproject.toml"
    before = (tmp_path / "poetry.lock").read_bytes()
    manifest.write_text(MANIFEST.replace(">=3.10", ">=3.11"))

    code, _, err = _run(tmp_path, "-c", LISTING, *words.split())

    assert (code, [line for line in err.splitlines() if line.startswith("loaded")]) == (0, [])
    assert (tmp_path / "poetry.lock").read_bytes() != before


def _run(folder: Path, *command: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("is_stale", [False, True], ids=["fresh", "stale"])
def test_a_fix_refuses_a_project_that_requires_another_poetry(
    is_stale: bool, tmp_path: Path
) -> None:
    manifest = MANIFEST + '\n[tool.poetry]\nrequires-poetry = "<2.0"\n'
    locked_project(tmp_path, manifest, lock_for(manifest))
    if is_stale:
        (tmp_path / "pyproject.toml").write_text(manifest.replace(">=3.10", ">=3.11"))
    before = (tmp_path / "poetry.lock").read_bytes()

    code, out, err = _run(tmp_path, "-m", "poetry_lockguard", "fix")

    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "pyproject.toml: Poetry refuses it: This project requires Poetry <2.0" in err
    assert (tmp_path / "poetry.lock").read_bytes() == before
