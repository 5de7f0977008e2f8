"""Programs take turns on one file, whatever cache and home each of them has."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from poetry_lockguard import files

if TYPE_CHECKING:
    from pathlib import Path

ADD = """
import sys
from pathlib import Path
from poetry_lockguard import files
path = Path(sys.argv[1])
for number in range(5):
    with files.exclusive(path, 60, lambda: None):
        files.replace(path, path.read_bytes() + b"x")
"""


def environment(cache: str, home: str) -> dict[str, str]:
    return {**os.environ, "POETRY_CACHE_DIR": cache, "HOME": home, "TMPDIR": home}


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no locks there")
def test_no_update_is_lost_with_different_caches(tmp_path: Path) -> None:
    path = tmp_path / "app" / "lockguard.lock"
    path.parent.mkdir()
    path.write_bytes(b"")
    homes = [tmp_path / f"home-{number}" for number in range(4)]
    for home in homes:
        home.mkdir()

    writers = [
        subprocess.Popen(
            [sys.executable, "-c", ADD, str(path)],
            env=environment(str(home / "cache"), str(home)),
        )
        for home in homes
    ]

    assert [writer.wait(60) for writer in writers] == [0] * len(writers)
    assert path.read_bytes() == b"x" * 5 * len(writers)
    assert [one.name for one in path.parent.iterdir()] == [path.name]


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no locks there")
def test_no_folder_of_ones_own_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POETRY_CACHE_DIR", "/proc/none")
    monkeypatch.setattr("tempfile.gettempdir", lambda: "/proc/none")
    path = tmp_path / "poetry.lock"

    with files.exclusive(path, 1, lambda: None):
        files.replace(path, b"new")

    assert path.read_bytes() == b"new"


@pytest.mark.skipif(sys.platform == "win32", reason="owners and modes of folders")
@pytest.mark.parametrize("trap", ["a link", "writable for all"])
def test_a_folder_that_others_can_fill_is_not_used(
    trap: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil, shared = tmp_path / "evil", tmp_path / "tmp"
    (evil / "staged").mkdir(parents=True)
    shared.mkdir()
    monkeypatch.setenv("POETRY_CACHE_DIR", "/proc/none")
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(shared))
    place = shared / f"poetry-lockguard-{os.getuid()}"
    if trap == "a link":
        place.symlink_to(evil)
    else:
        place.mkdir()
        place.chmod(0o777)
    path = tmp_path / "app" / "poetry.lock"
    path.parent.mkdir()

    with files.exclusive(path, 1, lambda: None):
        files.replace(path, b"new")

    assert path.read_bytes() == b"new"
    assert [*(evil / "staged").iterdir()] == []
    assert [one.name for one in path.parent.iterdir()] == ["poetry.lock"]


def test_a_turn_within_a_turn_is_given(tmp_path: Path) -> None:
    waited: list[str] = []

    with (
        files.exclusive(tmp_path / "poetry.lock", 1, lambda: waited.append("lock")),
        files.exclusive(tmp_path / "lockguard.lock", 1, lambda: waited.append("snapshot")),
    ):
        pass

    assert waited == []


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no locks there")
def test_who_waits_too_long_is_told(tmp_path: Path) -> None:
    path = tmp_path / "lockguard.lock"
    code = (
        "import sys, time; from pathlib import Path; from poetry_lockguard import files\n"
        "with files.exclusive(Path(sys.argv[1]), 9, lambda: None):\n"
        "    print('in', flush=True); sys.stdin.read()"
    )
    waited: list[str] = []
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        env=environment(str(tmp_path / "other"), str(tmp_path)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"in\n"

        with (
            pytest.raises(files.WriteError, match="another program has been using it"),
            files.exclusive(path, 0.2, lambda: waited.append("told")),
        ):
            pass

        other.communicate(b"")
    assert waited == ["told"]


@pytest.mark.parametrize("has_folder_locks", [True, False])
def test_threads_of_one_program_take_turns(
    has_folder_locks: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POETRY_CACHE_DIR", str(tmp_path / "cache"))
    if not has_folder_locks:
        monkeypatch.setattr("poetry_lockguard.folder_locks._taken", lambda _: None)
    path = tmp_path / "lockguard.lock"
    path.write_bytes(b"")

    def add() -> None:
        for _ in range(5):
            with files.exclusive(path, 60, lambda: None):
                files.replace(path, path.read_bytes() + b"x")

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert path.read_bytes() == b"x" * 20
