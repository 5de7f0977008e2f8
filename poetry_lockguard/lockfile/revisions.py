"""Reads one side of a comparison: a file, a git revision, or a path in a git revision."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from poetry_lockguard import files, git
from poetry_lockguard.errors import LockguardError, UsageError
from poetry_lockguard.lockfile.damage import LockDamage
from poetry_lockguard.lockfile.parse import parse

if TYPE_CHECKING:
    from poetry_lockguard.lockfile.document import Lock

LOCK = "poetry.lock"


class LockRevision(NamedTuple):
    """One lock and its name in messages; ``lock`` is None if there was none yet."""

    name: str
    lock: Lock | None


def find(text: str, folder: Path) -> LockRevision:
    """Read the side that a user named; a bare revision means the lock of ``folder`` at it.

    Raises UsageError if it is neither a file nor a revision, GitError outside a repository, and
    LockguardError, with the side's name, if the lock cannot be read.
    """
    path = Path(text)
    if path.is_file() and not git.is_head(text):
        return _side(text, _content(path))
    revision, colon, inside = text.partition(":")
    commit = _commit(revision, text, folder)
    content = git.show(commit, inside or f"./{LOCK}", folder)
    if colon and content is None:
        raise UsageError(f"{text}: {revision} has no file {inside!r}; check the path")
    return _side(text if colon else f"{text}:{LOCK}", content)


def at_revision(revision: str, folder: Path) -> LockRevision:
    """Read the lock of ``folder`` at a revision, even if a file has that name.

    Raises UsageError for an unknown revision, GitError outside a repository, and LockguardError for
    a lock that cannot be read.
    """
    commit = git.resolve(revision, folder) if revision else None
    if commit is None:
        raise UsageError(f"{revision}: no such revision in git; fetch it, or name another branch")
    return _side(f"{revision}:{LOCK}", git.show(commit, f"./{LOCK}", folder))


def working_tree(folder: Path) -> LockRevision:
    """Read the present lock of ``folder``."""
    path = folder / LOCK
    return _side(LOCK, _content(path) if path.exists() else None)


def _content(path: Path) -> bytes:
    try:
        return files.read(path)
    except OSError as error:
        raise LockguardError(
            f"{path}: cannot be read: {error.strerror}; make it readable and try again"
        ) from error


def _commit(revision: str, text: str, folder: Path) -> str:
    try:
        commit = git.resolve(revision, folder) if revision else None
    except git.GitError as error:
        if text == "HEAD":
            raise
        raise UsageError(f"{text}: neither a file nor a git revision: {error}") from error
    if commit is None:
        what = "a folder" if Path(text).is_dir() else "no such file"
        raise UsageError(
            f"{text}: {what}, and git has no revision {revision!r}; name a lock file, a revision,"
            " or REVISION:PATH"
        )
    return commit


def _side(name: str, content: bytes | None) -> LockRevision:
    if content is None:
        return LockRevision(name, None)
    try:
        return LockRevision(name, parse(content))
    except LockDamage as error:
        problem = error.problems[0]
        place = name if problem.line is None else f"{name}:{problem.line}"
        raise LockguardError(f"{place}: {problem.detail}") from error
