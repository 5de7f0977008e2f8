"""Reads git history through the ``git`` program: no pager, no prompt, no lock, never a write."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from poetry_lockguard.errors import LockguardError

if TYPE_CHECKING:
    from pathlib import Path

# A hook runs with these set for the repository that is committed to, which is not always the
# one asked about; what holds objects in quarantine stays.
HOOK_VARIABLES = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
)
QUIET = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}


class GitError(LockguardError):
    """Git is not there, or this is no repository."""


def resolve(revision: str, folder: Path) -> str | None:
    """Give the commit that ``revision`` names in the repository of ``folder``, or ``None``.

    Raises GitError outside a repository.
    """
    found = _run(
        ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"], folder
    )
    if found.returncode == 0:
        return found.stdout.decode("ascii").strip()
    top = _run(["rev-parse", "--git-dir"], folder)
    if top.returncode != 0:
        raise GitError(f"{folder}: {_reason(top)}; name two files to compare outside git")
    return None


def show(commit: str, path: str, folder: Path) -> bytes | None:
    """Give a file as it is in a commit, or ``None`` where it is not there.

    ``path`` counts from the top of the repository, or from ``folder`` when it begins with ``./``.
    """
    found = _run(["cat-file", "blob", f"{commit}:{path}"], folder)
    return found.stdout if found.returncode == 0 else None


def _run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[bytes]:
    environment = {key: value for key, value in os.environ.items() if key not in HOOK_VARIABLES}
    try:
        return subprocess.run(  # noqa: S603 - no shell; the revision cannot be read as an option
            ["git", "--no-pager", *arguments],  # noqa: S607 - the git of PATH is the user's git
            cwd=folder,
            env=environment | QUIET,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise GitError(f"git: no such program; install git, or name two files: {error}") from error


def _reason(result: subprocess.CompletedProcess[bytes]) -> str:
    lines = result.stderr.decode("utf-8", "replace").splitlines() or ["git failed"]
    return lines[0].removeprefix("fatal: ")
