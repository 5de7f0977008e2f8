"""What a terminal gets of fix and check: colors, and lines that fit it, whoever starts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from locks import MANIFEST, lock_for

if TYPE_CHECKING:
    from pathlib import Path

if sys.platform != "win32":
    import fcntl
    import pty
    import struct
    import termios

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such terminal")

WIDTH = 60
GROUP = "everything-that-a-developer-needs"
MOVED = MANIFEST.replace('"matrix (>=1.0,<2.0)"', "")
MOVED += f'\n[dependency-groups]\n{GROUP} = ["matrix (>=1.0,<2.0)"]\n'
AT_ODDS = MANIFEST.replace(
    "<2.0)", '<2.0)", "vector (==1.0,!=3.0,!=4.0,!=5.0,!=6.0)", "vector (>1)'
)
PROGRAMS = {
    "our own": ["-m", "poetry_lockguard"],
    "Poetry's": ["-m", "poetry", "lockguard"],
}


@pytest.fixture(params=[*PROGRAMS.values()], ids=[*PROGRAMS])
def program(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A way to start the command, in a terminal of somebody who watches."""
    for name in ("CI", "NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return [sys.executable, *request.param]


def test_a_fix_is_colored_and_fits(program: list[str], tmp_path: Path) -> None:
    write(tmp_path, MOVED, lock_for())

    shown = watched([*program, "fix", "--offline"], tmp_path)

    assert "\x1b[34mgroups\x1b[39m       matrix, vector: now in\n" in shown
    assert f"matrix: declared (>=1.0,<2.0), for group\n    {GROUP}, locked for main only" in shown
    assert longest(shown) <= WIDTH


def test_a_conflict_fits(program: list[str], tmp_path: Path) -> None:
    write(tmp_path, AT_ODDS, lock_for())

    shown = watched([*program, "fix", "--offline"], tmp_path)

    assert re.search(r"vector \(.*\) contradict\s+each other", shown, re.DOTALL), shown
    assert longest(shown) <= WIDTH


def test_what_a_check_says_fits(program: list[str], tmp_path: Path) -> None:
    write(tmp_path, MOVED, lock_for())

    shown = watched([*program, "check"], tmp_path)

    assert "poetry.lock: \x1b[33mstale\x1b[39m\n" in shown
    assert f"group\n    {GROUP}, locked for main only" in shown
    assert longest(shown) <= WIDTH


def test_no_color_is_respected(
    program: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, MOVED, lock_for())
    monkeypatch.setenv("NO_COLOR", "1")

    shown = watched([*program, "fix", "--offline"], tmp_path)

    assert "groups       matrix, vector: now in\n" in shown
    assert "\x1b" not in shown


def test_a_merge_that_fails_fits(program: list[str], tmp_path: Path) -> None:
    for name in ("base", "ours", "theirs"):
        (tmp_path / name).write_text("no lock")

    command = "merge-driver run -- base ours theirs poetry.lock 7"
    shown = watched([*program, *command.split()], tmp_path)

    assert shown.startswith("lockguard: ")
    assert all(line.startswith("lockguard: ") for line in shown.splitlines())
    assert longest(shown) <= WIDTH


def write(folder: Path, manifest: str, lock: str) -> None:
    (folder / "pyproject.toml").write_text(manifest)
    (folder / "poetry.lock").write_text(lock)


def longest(shown: str) -> int:
    return max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in shown.splitlines())


def watched(command: list[str], folder: Path) -> str:
    """Run a command in a terminal of ``WIDTH`` columns; return what it shows."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, WIDTH, 0, 0))
    with subprocess.Popen(command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs):
        os.close(theirs)
        shown = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # the end, on Linux
        return b""
