"""Reads regular files only, and replaces a lock completely or not at all.

``poetry`` truncates the lock and then writes it: a kill or a full disk in between loses it. Here
the new content is complete and on disk before a single rename makes it the lock.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from poetry_lockguard.errors import LockguardError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

MIB = 1 << 20
LOCK = 64 * MIB  #: the maximum size in bytes of a lock, a snapshot or an export
MANIFEST = 8 * MIB  #: the maximum size in bytes of a manifest or of settings
HIDDEN = ".lockguard-new"  #: the suffix of files that are staged in the project's folder
#: opens a staged file: never one that is reached through a link that somebody put there
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
_OWN = frozenset({"pyproject.toml", "poetry.lock"})  # reports are made from these


class WriteError(LockguardError):
    """The file cannot be replaced, or another program is using it; the old one is unchanged."""


def read(path: Path, most: int = LOCK) -> bytes:
    """Return the content of a regular file of at most ``most`` bytes.

    Raises OSError, whose ``strerror`` says why, for anything else: a device or a pipe may never
    end, and opening it may block or have side effects.
    """
    with opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        content = b"" if size > most else file.read(most + 1)
    if max(size, len(content)) > most:
        raise OSError(errno.EFBIG, f"larger than {most // MIB} MiB", str(path))
    return content


def holds(path: Path, content: bytes) -> bool:
    """Whether there is a regular file with this content."""
    try:
        return path.stat().st_size == len(content) and read(path, len(content)) == content
    except OSError:
        return False


def opened(path: Path) -> BinaryIO:
    """Open a regular file for reading. Raises OSError for anything else, without blocking."""
    _must_be_regular(path, os.stat(path))  # noqa: PTH116 - before opening it
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    file = os.fdopen(os.open(path, flags), "rb")
    try:
        _must_be_regular(path, os.fstat(file.fileno()))
    except OSError:
        file.close()
        raise
    return file


def _must_be_regular(path: Path, found: os.stat_result) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))


def ensure_writable(output: Path, *sources: str | Path | None) -> None:
    """Raise UsageError if a report would overwrite a manifest, a lock, or one of its ``sources``.

    Links and other spellings of ``output`` are followed. Sources that are not files (git
    revisions, for example) are ignored.
    """
    for source in sources:
        if source and output.exists() and Path(source).exists() and output.samefile(source):
            raise UsageError(
                f"{output}: not written: it is an input of this command; name another file"
            )
    name = Path(os.path.realpath(output)).name
    if not _OWN.isdisjoint({output.name.casefold(), name.casefold()}):
        raise UsageError(
            f"{output}: not written: a report must not replace {name}; name another file"
        )


def probe(path: Path) -> None:
    """Raise WriteError if ``replace`` cannot work; call it before a long resolve."""
    target = real_path(path)
    if target.is_dir():
        raise WriteError(f"{path}: a folder is in its place; move it away")
    if target.exists() and not target.is_file():
        raise WriteError(f"{path}: not a regular file; move it away")
    if not target.parent.is_dir():
        raise WriteError(f"{path}: the folder {target.parent} does not exist")
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise WriteError(
            f"{path}: cannot be written: the folder {target.parent} is read-only;"
            " make it writable and run this again"
        )


def replace(path: Path, content: bytes) -> None:
    """Make ``content`` the file at ``path``; a symlink is kept and its target written.

    Call it inside ``exclusive``. Mode and, if permitted, ownership are those of the old file.
    Raises WriteError; the old file is then unchanged and no other file is left behind.
    """
    target = real_path(path)
    try:
        old = target.stat() if target.exists() else None
        for stage in (_stage_away, _stage_unnamed, _stage_beside):
            if stage(target, content, old):
                break
    except OSError as error:
        reason = error.strerror or str(error)
        raise WriteError(f"{path}: not written: {reason}; the old file is untouched") from error
    sync_folder(target.parent)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold back signals that would end the program, where the system can."""
    import signal

    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    held = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, held)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def exclusive(path: Path, timeout: float, waiting: Callable[[], None]) -> Iterator[None]:
    """Take an exclusive lock on ``path``; nothing is left in the project.

    Programs take turns by a lock on the folder itself. Where the system has no such locks, those
    with the same cache use a lock file there. ``waiting`` is called once if another program has
    the lock. Raises WriteError after ``timeout`` seconds.
    """
    from poetry_lockguard.folder_locks import BusyError, locked

    target = real_path(path)
    end = time.monotonic() + timeout
    is_told = False

    def tell() -> None:
        nonlocal is_told
        if not is_told:
            is_told = True
            waiting()

    with ExitStack() as stack:
        try:
            if not stack.enter_context(locked(target.parent, end, tell)):
                _take_turn(target, end, tell, stack)
        except BusyError as error:
            raise WriteError(
                f"{path}: another program has been using it for {timeout:.0f} seconds;"
                " run this again when it has finished"
            ) from error
        except OSError as error:
            raise WriteError(f"{path}: cannot be locked: {error}") from error
        _sweep(target)
        yield


def _take_turn(target: Path, end: float, tell: Callable[[], None], stack: ExitStack) -> None:
    """Take the lock in the user's own folder. Raises BusyError."""
    from filelock import FileLock, Timeout

    from poetry_lockguard.folder_locks import BusyError

    lock = FileLock(_private("turns") / f"{_key(target)}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        tell()
        try:
            lock.acquire(timeout=max(0, end - time.monotonic()), poll_interval=0.05)
        except Timeout as error:
            raise BusyError from error
    stack.callback(lock.release)


def real_path(path: Path) -> Path:
    """Return what a path leads to by its links. Raises WriteError if it leads nowhere."""
    try:
        return Path(os.path.realpath(path, strict=True))
    except FileNotFoundError:
        return Path(os.path.realpath(path))
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise WriteError(f"{path}: cannot be reached: {error.strerror}") from error
        raise WriteError(f"{path}: its symbolic links form a loop; fix them") from error


def _key(target: Path) -> str:
    return hashlib.sha256(os.fsencode(target)).hexdigest()[:32]


def _private(name: str) -> Path:
    """Return a folder for this user: in Poetry's cache, or else in the temporary folder."""
    for find in (_cached, _temporary):
        with contextlib.suppress(OSError):
            folder = find(name)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if os.access(folder, os.W_OK | os.X_OK) and _is_own(folder):
                return folder
    raise OSError(errno.EACCES, "neither Poetry's cache nor the temporary folder is writable")


def _cached(name: str) -> Path:
    if not (base := os.environ.get("POETRY_CACHE_DIR", "")):
        from platformdirs import user_cache_dir

        base = user_cache_dir("pypoetry")
    return Path(base).expanduser() / "lockguard" / name


def _temporary(name: str) -> Path:
    import tempfile

    user = os.getuid() if hasattr(os, "getuid") else "user"
    return Path(tempfile.gettempdir(), f"poetry-lockguard-{user}", name)


def _is_own(folder: Path) -> bool:
    """Whether nobody else may put something into a folder: a name in a shared one can be guessed.

    In the temporary folder, the parent of a private folder is there for this program alone, too.
    """
    if not hasattr(os, "getuid"):
        return True
    shared = {"poetry-lockguard-" + str(os.getuid())} & {folder.parent.name}
    for place in (folder, folder.parent) if shared else (folder,):
        found = place.lstat()
        others = stat.S_IWGRP | stat.S_IWOTH
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & others:
            return False
    return True


def _sweep(target: Path) -> None:
    """Remove files that a killed run left behind; safe while ``target`` is locked."""
    with contextlib.suppress(OSError):
        _staged(target).unlink(missing_ok=True)
        _hidden(target).unlink(missing_ok=True)


def _staged(target: Path) -> Path:
    return _private("staged") / _key(target)


def _hidden(target: Path) -> Path:
    return target.with_name(f".{target.name}{HIDDEN}")


def _stage_away(target: Path, content: bytes, old: os.stat_result | None) -> bool:
    """Stage in the user's cache, if a rename from there works: a kill leaves nothing here."""
    try:
        staged = _staged(target)
        if staged.parent.stat().st_dev != target.parent.stat().st_dev:
            return False
    except OSError:
        return False
    try:
        _write(os.open(staged, _NEW_FILE, 0o600), content, old)
        staged.replace(target)
    except OSError as error:
        staged.unlink(missing_ok=True)
        if error.errno == errno.EXDEV:
            return False  # one device behind two mounts
        raise
    return True


def _stage_unnamed(target: Path, content: bytes, old: os.stat_result | None) -> bool:
    """Stage in an unnamed file; the hidden name exists only from link to rename."""
    unnamed = getattr(os, "O_TMPFILE", 0)
    if not unnamed:
        return False
    try:
        descriptor = os.open(target.parent, os.O_WRONLY | unnamed, 0o600)
    except OSError:
        return False  # the file system does not support the flag
    hidden = _hidden(target)
    copy = os.dup(descriptor)
    try:
        _write(descriptor, content, old)
        hidden.unlink(missing_ok=True)
        if not _link(copy, hidden):
            return False
        _rename(hidden, target)
    finally:
        os.close(copy)
    return True


def _link(descriptor: int, name: Path) -> bool:
    """Name an unnamed file; ``linkat`` follows /proc only if it gets a folder's descriptor."""
    folder = os.open(name.parent, os.O_RDONLY)
    try:
        os.link(f"/proc/self/fd/{descriptor}", name.name, dst_dir_fd=folder, follow_symlinks=True)
    except OSError:
        return False  # no /proc here
    finally:
        os.close(folder)
    return True


def stage(staged: Path, content: bytes, target: Path) -> None:
    """Write a file that is to be renamed to ``target``, with the mode of what is there."""
    old = target.stat() if target.exists() else None
    _write(os.open(staged, _NEW_FILE, 0o600), content, old)


def _stage_beside(target: Path, content: bytes, old: os.stat_result | None) -> bool:
    """Stage under a hidden name, which the next run removes if it is left behind."""
    hidden = _hidden(target)
    try:
        _write(os.open(hidden, _NEW_FILE, 0o600), content, old)
    except OSError:
        hidden.unlink(missing_ok=True)
        raise
    _rename(hidden, target)
    return True


def _rename(hidden: Path, target: Path) -> None:
    try:
        hidden.replace(target)
    except OSError:
        hidden.unlink(missing_ok=True)
        raise


def _write(descriptor: int, content: bytes, old: os.stat_result | None) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        if hasattr(os, "fchmod"):
            if old is not None and (old.st_uid, old.st_gid) != (os.getuid(), os.getgid()):
                with contextlib.suppress(PermissionError):
                    os.fchown(descriptor, old.st_uid, old.st_gid)
            os.fchmod(descriptor, 0o666 & ~_umask() if old is None else stat.S_IMODE(old.st_mode))
        os.fsync(descriptor)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def sync_folder(folder: Path) -> None:
    """Make the rename itself durable, if the system can open folders."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
