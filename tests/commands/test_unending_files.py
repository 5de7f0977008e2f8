"""Files that never end or are none: one clear line each, and no command waits for them."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from poetry_lockguard import files
from poetry_lockguard.digests import has_hash

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result

    Run = Callable[[str, Path], Result]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes have no names there")


def pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def folder(path: Path) -> None:
    path.mkdir()


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(files.LOCK + 1)


KINDS = (pipe, device, folder, huge)
kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda one: one.__name__)
NAMES = {
    "pyproject.toml": (
        "check",
        "check --deep",
        "check -r .",
        "check --format github",
        "check --format json",
        "fix --offline",
    ),
    "poetry.lock": (
        "check",
        "check --deep",
        "check -r .",
        "check --format github",
        "fix --offline",
        "diff poetry.lock other.lock",
        "diff other.lock",
        "merge-driver run poetry.lock other.lock other.lock poetry.lock 7",
        "merge-driver run poetry.lock poetry.lock other.lock other.lock 7",
    ),
    "lockguard.lock": (
        "check --deep",
        "snapshot show",
        "snapshot verify --offline",
        "snapshot diff lockguard.lock other.lock",
        "snapshot export --config a --format requirements",
        "snapshot clean",
        "merge-driver run --snapshot other.lock other.lock lockguard.lock lockguard.lock 7",
    ),
    "report": ("diff poetry.lock other.lock --output report",),
}
CASES = [(name, command) for name, commands in NAMES.items() for command in commands]


@pytest.fixture
def project(story: Callable[[str], Path]) -> Path:
    made = story("quickstart")
    shutil.copy(made / "poetry.lock", made / "other.lock")
    return made


@pytest.mark.grid
@pytest.mark.parametrize(("name", "command"), CASES)
@kinds
def test_no_command_waits_for_what_is_no_file(
    kind: Callable[[Path], None], name: str, command: str, project: Path, run: Run
) -> None:
    path = project / name
    path.unlink(missing_ok=True)
    kind(path)

    result = run(f"lockguard {command}", project)

    said = result.out + result.err
    if command.startswith("check --deep") and name == "lockguard.lock":
        assert "snapshot-unreadable" in said
        assert result.code == 1
    elif (kind, name) == (huge, "report"):
        assert "Traceback" not in said
    else:
        assert result.code in {1, 2}
        assert name in said or "no Poetry project in this folder" in said
    assert "Traceback" not in said
    assert len(result.err.splitlines()) <= 3


@kinds
def test_what_is_no_file_below_is_not_waited_for_where_there_is_no_project(
    kind: Callable[[Path], None], tmp_path: Path, run: Run
) -> None:
    """The message counts the projects below."""
    (tmp_path / "below").mkdir()
    kind(tmp_path / "below" / "pyproject.toml")

    result = run("lockguard check", tmp_path)

    assert result.code == 2
    assert "pyproject.toml" in result.err
    assert "run with -v" not in result.err


@kinds
def test_what_is_no_file_is_not_read(kind: Callable[[Path], None], tmp_path: Path) -> None:
    kind(tmp_path / "it")

    with pytest.raises(OSError, match=r"not a regular file|larger than|directory"):
        files.read(tmp_path / "it")


@pytest.mark.parametrize("kind", [pipe, device, folder], ids=lambda one: one.__name__)
def test_the_hash_of_what_is_no_file_is_not_looked_for(
    kind: Callable[[Path], None], tmp_path: Path
) -> None:
    kind(tmp_path / "it")

    with pytest.raises(OSError, match=r"not a regular file|directory"):
        has_hash(tmp_path / "it", "sha256:" + "0" * 64)


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="there is no /proc")  # noqa: PTH110
def test_a_file_that_the_system_makes_up_has_no_hash(tmp_path: Path) -> None:
    (tmp_path / "it").symlink_to("/proc/self/status")

    with pytest.raises(OSError, match="larger than its reported size"):
        has_hash(tmp_path / "it", "sha256:" + "0" * 64)


def test_a_file_at_the_limit_is_read(tmp_path: Path) -> None:
    (tmp_path / "it").write_bytes(b"12345")

    assert files.read(tmp_path / "it", 5) == b"12345"
    with pytest.raises(OSError, match="larger"):
        files.read(tmp_path / "it", 4)
