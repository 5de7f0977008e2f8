"""Asks git through the ``git`` program: no pager, no prompt, and nothing that waits.

    found = run(["rev-parse", "HEAD"], folder)

By default git finds the repository of ``folder``. A merge driver is run by git for the repository
that git's own variables name: it asks with ``inherit``.
"""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from poetry_lockguard.errors import LockguardError

if TYPE_CHECKING:
    from collections.abc import Mapping
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

Ran = subprocess.CompletedProcess[bytes]


class GitError(LockguardError):
    """Git is not there, or this is no repository."""


class GitTimeoutError(GitError):
    """Git has not answered in time."""


def resolve(revision: str, folder: Path) -> str | None:
    """Return the commit that ``revision`` names in the repository of ``folder``, or ``None``.

    Raises GitError outside a repository.
    """
    found = run(
        ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"], folder
    )
    if found.returncode == 0:
        return found.stdout.decode("ascii").strip()
    top = run(["rev-parse", "--git-dir"], folder)
    if top.returncode != 0:
        raise GitError(f"{folder}: {reason(top)}; name two files to compare outside git")
    return None


def show(commit: str, path: str, folder: Path) -> bytes | None:
    """Return a file as it is in a commit, or ``None`` where it is not there.

    ``path`` counts from the top of the repository, or from ``folder`` when it begins with ``./``.
    """
    found = run(["cat-file", "blob", f"{commit}:{path}"], folder)
    return found.stdout if found.returncode == 0 else None


def run(
    arguments: list[str],
    folder: Path,
    *,
    inherit: bool = False,
    more: Mapping[str, str] | None = None,
    timeout: float | None = None,
) -> Ran:
    """Run git in ``folder`` and give what came of it; ``more`` is added to its environment.

    Raises GitError where there is no git, GitTimeoutError after ``timeout`` seconds.
    """
    hidden = () if inherit else HOOK_VARIABLES
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    try:
        return subprocess.run(  # noqa: S603 - no shell; the revision cannot be read as an option
            ["git", "--no-pager", *arguments],  # noqa: S607 - the git of PATH is the user's git
            cwd=folder,
            env={**environment, **QUIET, **(more or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=timeout,
        )
    except FileNotFoundError as error:
        raise GitError(f"git: no such program; install git, or name two files: {error}") from error
    except subprocess.TimeoutExpired as error:
        raise GitTimeoutError(f"git {arguments[0]}: no answer in {timeout:.0f} seconds") from error


def forget_variables() -> None:
    """Let the programs that this process starts find the repository of their own folder."""
    for name in HOOK_VARIABLES:
        os.environ.pop(name, None)


def reason(result: Ran) -> str:
    """Return the first line that git said of a failure."""
    lines = result.stderr.decode("utf-8", "replace").splitlines() or ["git failed"]
    return lines[0].removeprefix("fatal: ")
