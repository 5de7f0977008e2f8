"""The two sides of a comparison: each a file, a git revision, or a path in a git revision."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from poetry_lockguard import files, git
from poetry_lockguard.errors import LockguardError, UsageError
from poetry_lockguard.lockfile.damage import LockDamage
from poetry_lockguard.lockfile.parse import parse

if TYPE_CHECKING:
    from poetry_lockguard.lockfile.document import Lock

LOCK = "poetry.lock"


@dataclass(frozen=True, slots=True)
class LockRevision:
    """One lock and what to call it; ``lock`` is ``None`` where there was none yet."""

    name: str
    lock: Lock | None


def find(text: str, folder: Path) -> LockRevision:
    """Read the side a user named; a bare revision means the lock of ``folder`` at it.

    Raises UsageError for what is neither file nor revision, GitError outside a repository, and
    LockguardError, with the side's name, for a lock that cannot be read.
    """
    path = Path(text)
    if path.is_file() and not git.is_head(text):
        return _side(text, _content(path))
    revision, colon, inside = text.partition(":")
    commit = _commit(revision, text, folder)
    content = git.show(commit, inside or f"./{LOCK}", folder)
    if colon and content is None:
        raise UsageError(f"{text}: {revision} contains no file {inside!r}; check the path")
    return _side(text if colon else f"{text}:{LOCK}", content)


def working_tree(folder: Path) -> LockRevision:
    """Read the lock of ``folder`` as it is now."""
    path = folder / LOCK
    return _side(LOCK, _content(path) if path.exists() else None)


def _content(path: Path) -> bytes:
    try:
        return files.read(path)
    except OSError as error:
        raise LockguardError(f"{path}: cannot be read: {error.strerror}; correct that") from error


def _commit(revision: str, text: str, folder: Path) -> str:
    try:
        commit = git.resolve(revision, folder) if revision else None
    except git.GitError as error:
        if text == "HEAD":
            raise
        raise UsageError(f"{text}: no such file, and no revision: {error}") from error
    if commit is None:
        what = "a folder" if Path(text).is_dir() else "no such file"
        raise UsageError(
            f"{text}: {what}, and no revision {revision!r} in git; name a lock file, a revision,"
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
