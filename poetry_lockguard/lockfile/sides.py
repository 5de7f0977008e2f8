"""The two sides of a comparison: each a file, a git revision, or a path in a git revision."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from poetry_lockguard import git
from poetry_lockguard.errors import LockguardError, UsageError
from poetry_lockguard.lockfile.damage import LockDamage
from poetry_lockguard.lockfile.document import Lock
from poetry_lockguard.lockfile.parse import parse

LOCK = "poetry.lock"


@dataclass(frozen=True, slots=True)
class Side:
    """One lock and what to call it; ``lock`` is ``None`` where there was none yet."""

    name: str
    lock: Lock | None


def find(text: str, folder: Path) -> Side:
    """Read the side a user named; a bare revision means the lock of ``folder`` at it.

    Raises UsageError for what is neither file nor revision, GitError outside a repository, and
    LockguardError, with the side's name, for a lock that cannot be read.
    """
    path = Path(text)
    if path.is_file():
        return _side(text, path.read_bytes())
    revision, colon, inside = text.partition(":")
    commit = _commit(revision, text, folder)
    content = git.show(commit, inside or f"./{LOCK}", folder)
    if colon and content is None:
        raise UsageError(f"{text}: {revision} holds no file {inside!r}; check the path")
    return _side(text if colon else f"{text}:{LOCK}", content)


def working_tree(folder: Path) -> Side:
    """Read the lock of ``folder`` as it is now."""
    path = folder / LOCK
    if path.is_dir():
        raise UsageError(f"{path}: is a folder, not a lock; move it away")
    return _side(LOCK, path.read_bytes() if path.exists() else None)


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


def _side(name: str, content: bytes | None) -> Side:
    if content is None:
        return Side(name, None)
    try:
        return Side(name, parse(content))
    except LockDamage as error:
        problem = error.problems[0]
        raise LockguardError(f"{name}: {problem.message}") from error
