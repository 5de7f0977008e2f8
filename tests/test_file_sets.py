"""Several files are replaced together, or none is: on full disks, and if the program is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from poetry_lockguard.file_sets import is_interrupted, replace_all, settle
from poetry_lockguard.files import WriteError

NAMES = ("requirements.txt", "deploy/dev.txt", "pylock.toml")
OLD, NEW = b"old\n", b"new and longer\n"


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    (tmp_path / "deploy").mkdir()
    for name in (*NAMES, "poetry.lock"):
        (tmp_path / name).write_bytes(OLD)
    return tmp_path / "poetry.lock"


def contents(lock: Path) -> list[bytes]:
    return [(lock.parent / name).read_bytes() for name in (*NAMES, "poetry.lock")]


def every_file(lock: Path) -> list[str]:
    found = (path.relative_to(lock.parent) for path in lock.parent.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in found)


def everything(lock: Path) -> list[tuple[Path, bytes]]:
    return [(lock.parent / name, NEW) for name in (*NAMES, "poetry.lock")]


def test_all_are_replaced_and_nothing_is_left(lock: Path) -> None:
    replace_all(lock, everything(lock))

    assert contents(lock) == [NEW] * 4
    assert every_file(lock) == sorted([*NAMES, "poetry.lock"])


def killed(lock: Path, steps: int) -> bool:
    """Replace all in a process that is killed when it has touched files so often, if it is."""
    child = os.fork()
    if child:
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])
    left = steps

    def event(name: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if name in {"open", "os.rename", "os.remove"} and str(lock.parent) in str(arguments):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(event)
    replace_all(lock, everything(lock))
    os._exit(0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs kill -9")
def test_killed_at_any_moment_all_are_old_or_all_are_new_after_the_next_run(lock: Path) -> None:
    before, after = [], []
    for steps in range(0, 200, 2):
        for name in (*NAMES, "poetry.lock"):
            (lock.parent / name).write_bytes(OLD)
        was_killed = killed(lock, steps)
        before.append({*contents(lock)})
        assert len(before[-1]) == 1 or is_interrupted(lock)

        settle(lock, NAMES)

        after.append({*contents(lock)})
        assert len(after[-1]) == 1, steps
        assert every_file(lock) == sorted([*NAMES, "poetry.lock"])
        if not was_killed:
            break
    assert [{OLD}, {NEW}] == [after[0], after[-1]]
    assert {OLD, NEW} in before


@pytest.mark.skipif(sys.platform == "win32", reason="needs resource limits")
def test_a_full_disk_leaves_all_old_files(lock: Path) -> None:
    program = """
        import resource, sys
        from pathlib import Path
        from poetry_lockguard.file_sets import replace_all
        from poetry_lockguard.files import WriteError

        folder = Path(sys.argv[1])
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        large = [(folder / "requirements.txt", b"new"), (folder / "poetry.lock", b"x" * 9000)]
        try:
            replace_all(folder / "poetry.lock", large)
        except WriteError as error:
            print(error)
    """
    script = [sys.executable, "-c", dedent(program), str(lock.parent)]

    said = subprocess.run(script, capture_output=True, text=True, check=False).stdout

    assert "poetry.lock: not written: File too large; the old files are untouched" in said
    assert contents(lock) == [OLD] * 4
    assert every_file(lock) == sorted([*NAMES, "poetry.lock"])


def interrupted(lock: Path, renames: int) -> None:
    """Leave the files as a run that was killed after some renames does."""
    done = 0

    def dying(self: Path, target: Path) -> Path:
        nonlocal done
        if self.name.endswith("-next"):
            done += 1
            if done > renames:
                os._exit(1)
        os.replace(self, target)  # noqa: PTH105 - the method is replaced
        return target

    child = os.fork()
    if child == 0:
        Path.replace = dying  # type: ignore[assignment,method-assign]
        replace_all(lock, everything(lock))
    os.waitpid(child, 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("name", ["poetry.lock", "requirements.txt", "pylock.toml"])
def test_what_was_changed_since_is_not_overwritten(lock: Path, name: str) -> None:
    interrupted(lock, 2)
    (lock.parent / name).write_bytes(b"by hand\n")

    assert not settle(lock, NAMES)

    assert (lock.parent / name).read_bytes() == b"by hand\n"
    assert every_file(lock) == sorted([*NAMES, "poetry.lock"])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize(
    "journal",
    [b"", b"{", b"[]", b'{"files": 3}', b'{"files": {"a": 1}}', b'{"files": {"../x": ["", ""]}}'],
)
def test_a_damaged_or_foreign_journal_is_dropped(lock: Path, journal: bytes) -> None:
    interrupted(lock, 0)
    (lock.parent / ".poetry.lock.lockguard-journal").write_bytes(journal)

    assert not settle(lock, NAMES)

    assert contents(lock) == [OLD] * 4
    assert every_file(lock) == sorted([*NAMES, "poetry.lock"])


def test_a_folder_in_the_way_leaves_the_others_alone(lock: Path) -> None:
    (lock.parent / "pylock.toml").unlink()
    (lock.parent / "pylock.toml").mkdir()

    with pytest.raises(WriteError, match=r"pylock\.toml: "):
        replace_all(lock, everything(lock))

    assert lock.read_bytes() == OLD
    assert every_file(lock) == sorted([*NAMES[:2], "poetry.lock"])
