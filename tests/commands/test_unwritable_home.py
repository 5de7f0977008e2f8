"""No command needs a home, a cache or a folder of Poetry's that can be written."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from engine import engine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result

    Run = Callable[[str, Path], Result]

__all__ = ["engine"]  # a fixture: the tutorial's project with six configurations
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no path like /dev/null")

NOWHERE = "/dev/null/none"  # cannot be made, not even by root
HOMES = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
FOLDERS = ("POETRY_CACHE_DIR", "POETRY_CONFIG_DIR", "POETRY_DATA_DIR")
COMMANDS = (
    "check",
    "check --deep",
    "check --online",
    "check -r .",
    "fix",
    "stale fix",
    "stale fix --offline",
    "stale fix --dry-run",
    "update tomlike",
    "diff HEAD",
    "install --dry-run",
    "install --snapshot --config linux-x86_64-py311 --dry-run",
    "export --format requirements",
    "export --format pylock",
    "matrix",
    "digest",
    "explain seal",
    "bundle --output {new}",
    "snapshot create",
    "snapshot sync",
    "snapshot show",
    "snapshot verify",
    "snapshot verify --online",
    "snapshot add matrix==1.0",
    "snapshot update matrix",
    "snapshot upgrade",
    "snapshot diff --between linux-x86_64-py311 linux-x86_64-py312",
    "snapshot export --config linux-x86_64-py311 --format requirements",
    "snapshot export --all",
    "snapshot clean",
    "merge-driver install",
)


@pytest.fixture
def locked(engine: Path, run: Run) -> Path:
    for command in ("fix", "snapshot create"):
        result = run(f"lockguard {command}", engine)
        assert result.code == 0, result.err
    return engine


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_works_without_a_home(
    command: str, locked: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if command.startswith("stale "):
        manifest = locked / "pyproject.toml"
        manifest.write_text(manifest.read_text().replace("matrix", "matrix>=0.1", 1))
    words = f"lockguard {command.removeprefix('stale ').format(new=tmp_path / 'new')}"
    kept = {path: path.read_bytes() for path in locked.rglob("*") if path.is_file()}
    expected = run(words, locked)
    for path in [path for path in locked.rglob("*") if path.is_file() and path not in kept]:
        path.unlink()
    for path, text in kept.items():
        path.write_bytes(text)
    for name in (*HOMES, *FOLDERS):
        monkeypatch.setenv(name, NOWHERE)

    result = run(words.replace(str(tmp_path / "new"), str(tmp_path / "newer")), locked)

    assert result.code == expected.code, result.err
    assert NOWHERE not in result.out
