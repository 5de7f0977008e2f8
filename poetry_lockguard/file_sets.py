"""Replaces several files together: all of them or none, even if the program is killed.

All new contents are complete on disk before a journal beside the lock names them; from then on the
new contents count. If the program ends between the renames, the next run finds the journal and
makes the others.

    replace_all(lock, [(requirements, b"..."), (lock, b"...")])
    settle(lock, ["requirements.txt"])  # at the beginning of the next run
"""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING, Any

from poetry_lockguard import files
from poetry_lockguard.files import WriteError, real_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    Contents = Sequence[tuple[Path, bytes]]

_SUFFIX = ".lockguard-journal"
_NEXT = ".lockguard-next"
_MOST = 1 << 20  #: bytes of a journal


def replace_all(lock: Path, contents: Contents) -> None:
    """Make each content the file at its path, in ``lock``'s folder or below.

    Call it inside ``files.exclusive(lock)``. Raises WriteError; all old files are whole then, and
    nothing is left beside them.
    """
    if len(contents) <= 1:
        for path, content in contents:
            files.replace(path, content)
        return
    old: list[bytes | None] = []
    done = 0
    at = contents[0][0]
    try:
        for path, content in contents:
            at = path
            old.append(_content(path))
            _stage(path, content)
        _write_journal(lock, contents, old)
        with files.uninterrupted():
            for path, _ in contents:
                at = path
                _staged(path).replace(real_path(path))
                done += 1
    except OSError as error:
        _undo([*zip(contents, old, strict=False)][:done])
        reason = error.strerror or str(error)
        raise WriteError(f"{at}: not written: {reason}; the old files are untouched") from error
    finally:
        _leave_nothing(lock, [path for path, _ in contents])
    _sync([path for path, _ in contents])


def settle(lock: Path, names: Iterable[str]) -> bool:
    """Complete what a killed run began; return whether there was anything to complete.

    Call it inside ``files.exclusive(lock)``. ``names`` are the files, relative to the lock's
    folder, that may be replaced with it. If one of them was changed since, none is replaced.
    Raises WriteError.
    """
    paths = {name: lock.parent / name for name in (*names, lock.name)}
    if not _journal(lock).exists():
        _leave_nothing(lock, paths.values())
        return False
    try:
        begun = _begun(lock, paths)
        for path in begun:
            _staged(path).replace(real_path(path))
        _sync(begun)
    except OSError as error:
        reason = error.strerror or str(error)
        raise WriteError(f"{lock}: an interrupted run cannot be completed: {reason}") from error
    _leave_nothing(lock, paths.values())
    return bool(begun)


def is_interrupted(lock: Path) -> bool:
    """Whether a run was killed while it replaced the lock and other files."""
    return _journal(lock).exists()


def _begun(lock: Path, paths: dict[str, Path]) -> list[Path]:
    """Return the files that are still to be replaced; none if the journal is not theirs alone."""
    found = []
    for name, (old, new) in _read_journal(lock).items():
        path = paths.get(name)
        if path is None:
            return []
        now = _digest_of(path)
        if now != new:
            if now != old or _digest_of(_staged(path)) != new:
                return []
            found.append(path)
    return found


def _digest_of(path: Path) -> str | None:
    """Return the hash of a file; what is not a file gets one that no file has."""
    try:
        return _digest(_content(path))
    except OSError:
        return ""


def _journal(lock: Path) -> Path:
    return lock.with_name(f".{lock.name}{_SUFFIX}")


def _write_journal(lock: Path, contents: Contents, old: Sequence[bytes | None]) -> None:
    import json

    table = {
        path.relative_to(lock.parent).as_posix(): [_digest(before), _digest(content)]
        for (path, content), before in zip(contents, old, strict=True)
    }
    files.replace(_journal(lock), json.dumps({"lockguard": 1, "files": table}).encode())


def _read_journal(lock: Path) -> dict[str, tuple[Any, Any]]:
    """Return the old and the new hash of each file; nothing if it is not a whole journal."""
    import json

    try:
        table = json.loads(files.read(_journal(lock), _MOST))["files"]
        return {name: (old, new) for name, (old, new) in table.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _content(path: Path) -> bytes | None:
    try:
        return files.read(real_path(path))
    except FileNotFoundError:
        return None


def _digest(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()


def _stage(path: Path, content: bytes) -> None:
    target = real_path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    files.stage(_staged(path), content, target)


def _staged(path: Path) -> Path:
    """Return where a file is staged: not where it would be if it were replaced alone."""
    target = real_path(path)
    return target.with_name(f".{target.name}{_NEXT}")


def _undo(done: Sequence[tuple[tuple[Path, bytes], bytes | None]]) -> None:
    """Put the old contents back, as far as the system lets us."""
    for (path, _), content in done:
        with contextlib.suppress(OSError, WriteError):
            if content is None:
                real_path(path).unlink()
            else:
                files.replace(path, content)


def _leave_nothing(lock: Path, paths: Iterable[Path]) -> None:
    """Remove the journal, and then what it names."""
    with contextlib.suppress(OSError):
        _journal(lock).unlink(missing_ok=True)
    for path in paths:
        with contextlib.suppress(OSError, WriteError):
            _staged(path).unlink(missing_ok=True)


def _sync(paths: Iterable[Path]) -> None:
    for folder in {real_path(path).parent for path in paths}:
        files.sync_folder(folder)
