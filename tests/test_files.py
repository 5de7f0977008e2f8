"""A file is replaced whole or not at all, and nothing is left beside it."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from poetry_lockguard import files
from poetry_lockguard.files import WriteError, exclusive, probe, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

OLD, NEW = b"old\r\n" * 1000, b"new\n" * 5000
Stage = str


def stages() -> list[Stage]:
    return ["_stage_away", "_stage_unnamed", "_stage_beside"]


@pytest.fixture(params=stages())
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Leave only one of the ways to stage, so that each is walked."""
    for name in stages():
        if name != request.param:
            monkeypatch.setattr(files, name, lambda *_: False)
    return str(request.param)


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "project" / "poetry.lock"
    path.parent.mkdir()
    path.write_bytes(OLD)
    return path


def beside(path: Path) -> list[str]:
    return sorted(one.name for one in path.parent.iterdir())


def test_content_is_replaced_and_nothing_is_left(way: str, lock: Path) -> None:
    replace(lock, NEW)

    assert lock.read_bytes() == NEW
    assert beside(lock) == ["poetry.lock"]


def test_a_missing_file_is_made_with_the_usual_mode(way: str, lock: Path) -> None:
    lock.unlink()

    replace(lock, NEW)

    assert lock.read_bytes() == NEW
    assert lock.stat().st_mode & 0o777 == 0o666 & ~_umask()


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o444, 0o664], ids=oct)
def test_mode_is_kept(way: str, mode: int, lock: Path) -> None:
    lock.chmod(mode)

    replace(lock, NEW)

    assert lock.stat().st_mode & 0o777 == mode


def test_a_symlink_is_kept_and_its_target_written(way: str, lock: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    target = lock.rename(elsewhere / "real.lock")
    lock.symlink_to(target)

    replace(lock, NEW)

    assert lock.is_symlink()
    assert target.read_bytes() == NEW
    assert (beside(lock), beside(target)) == (["poetry.lock"], ["real.lock"])


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_write_that_does_not_fit_leaves_the_old_file(way: str, lock: Path) -> None:
    with largest_file(4096), pytest.raises(WriteError) as failure:
        replace(lock, NEW)

    assert str(failure.value) == (f"{lock}: not written: File too large; the old file is untouched")
    assert lock.read_bytes() == OLD
    assert beside(lock) == ["poetry.lock"]


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    """Mount a small disk, where that is allowed."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", *options, "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("way", stages()[1:], indirect=True)  # the first never leaves its device
def test_a_full_disk_leaves_the_old_file(way: str, tmp_path: Path) -> None:
    lock = tmp_path / "disk" / "poetry.lock"
    with mounted(lock.parent, "-o", "size=64k"):
        lock.write_bytes(OLD)
        with pytest.raises(WriteError) as failure:
            replace(lock, NEW * 100)
        content, left = lock.read_bytes(), beside(lock)

    assert str(failure.value) == (
        f"{lock}: not written: No space left on device; the old file is untouched"
    )
    assert (content, left) == (OLD, ["poetry.lock"])


def test_a_read_only_folder_is_found_before_the_work(tmp_path: Path) -> None:
    folder = tmp_path / "frozen"
    with mounted(folder, "-o", "ro"), pytest.raises(WriteError) as failure:
        probe(folder / "poetry.lock")

    assert str(failure.value) == (
        f"{folder}/poetry.lock: cannot be written: the folder {folder} is read-only;"
        " make it writable and run this again"
    )


def in_a_circle(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.with_name("other"))
    path.with_name("other").symlink_to(path)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


WRONG: dict[str, tuple[Callable[[Path], None], str]] = {
    "symlinks in a circle": (
        in_a_circle,
        "its symbolic links form a loop; fix them",
    ),
    "a folder": (a_folder, "a folder is in its place; move it away"),
    "a pipe": (a_pipe, "not a regular file; move it away"),
}


@pytest.mark.parametrize(("spoil", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_replaced_is_found_before_the_work(
    spoil: Callable[[Path], None], message: str, lock: Path
) -> None:
    spoil(lock)

    with pytest.raises(WriteError) as failure:
        probe(lock)

    assert str(failure.value) == f"{lock}: {message}"


def test_the_next_to_work_sweeps_what_a_killed_one_left(lock: Path) -> None:
    left = lock.with_name(f".poetry.lock{files.HIDDEN}")
    left.write_bytes(b"half")

    with exclusive(lock, 1, _nothing):
        pass

    assert beside(lock) == ["poetry.lock"]


def test_a_second_one_is_told_to_wait_and_gets_its_turn(lock: Path) -> None:
    said: list[str] = []
    inside, go = threading.Event(), threading.Event()

    def first() -> None:
        with exclusive(lock, 1, _nothing):
            inside.set()
            go.wait(10)

    worker = threading.Thread(target=first)
    worker.start()
    inside.wait(10)

    def wait() -> None:
        said.append("waiting")
        go.set()

    with exclusive(lock, 10, wait):
        said.append("working")
    worker.join(10)

    assert said == ["waiting", "working"]


def test_a_turn_that_never_comes_is_one_clear_line(lock: Path) -> None:
    program = (
        "import sys, pathlib\n"
        "from poetry_lockguard.files import exclusive\n"
        "with exclusive(pathlib.Path(sys.argv[1]), 1, lambda: None):\n"
        "    print('mine', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with (
            pytest.raises(WriteError, match="another program has been using it"),
            exclusive(lock, 0.2, _nothing),
        ):
            pytest.fail("two at once")
        holder.communicate(b"")


def _nothing() -> None:
    """Wait without a word."""
