"""Runs git without pager and prompt, and without any program that a repository configures.

    found = run(["rev-parse", "HEAD"], folder)

A repository may be hostile: a folder in a pull request can be a bare repository with its own
configuration. So local commands fetch nothing, ignore bare repositories that are not named, and run
no hook, monitor, pager or helper from the configuration. ``ask`` queries a remote repository,
outside of any local one, through only the protocols that its URL needs.

By default git finds the repository of ``folder``. A merge driver is run by git for the repository
that git's own variables name, so it uses ``inherit``.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from poetry_lockguard import files
from poetry_lockguard.errors import LockguardError

if TYPE_CHECKING:
    from collections.abc import Mapping

# In a hook these name the repository of the commit, which is not always the one that is read here
# (`git rev-parse --local-env-vars`); the variables of quarantined objects stay.
HOOK_VARIABLES = (
    "GIT_CONFIG",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
)
_QUIET = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "SSH_ASKPASS_REQUIRE": "never",
    "GIT_TRACE": "0",
    "LC_ALL": "C",
}
# Git before 2.44 does not know the first, git before 2.38 not safe.bareRepository; the empty list
# of protocols works in every version, and no configuration overrides it.
_LOCAL = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": ""}
_SETTINGS = {
    "safe.bareRepository": "explicit",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.pager": "cat",
    "core.askPass": "",
    "diff.external": "",
    "protocol.ext.allow": "never",
}
#: for local commands, which never log in anywhere
_NO_REMOTE = {"core.sshCommand": "false", "core.gitProxy": "", "credential.helper": ""}
_LOOPBACK = re.compile(r"(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?")

Ran = subprocess.CompletedProcess[bytes]


class GitError(LockguardError):
    """Git is not installed, or the folder is not in a repository."""


class GitTimeoutError(GitError):
    """Git did not answer in time."""


def is_head(text: str) -> bool:
    """Whether a text means HEAD or a commit relative to it, even if there is such a file."""
    return re.fullmatch(r"(?:HEAD|@)(?:[~^@:].*)?", text) is not None


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
    """Return a file's content in a commit, or None if the commit has no such file.

    ``path`` is relative to the top of the repository, or to ``folder`` if it begins with ``./``.
    Raises GitError for a file that is larger than any lock.
    """
    return blob(f"{commit}:{path}", folder)


def blob(name: str, folder: Path, *, inherit: bool = False) -> bytes | None:
    """Return the content of a blob, or None if there is none of this name.

    Its size is asked first: a few bytes of a repository can unpack to any size. Raises GitError
    for a blob that is larger than any lock.
    """
    size = run(["cat-file", "-s", name], folder, inherit=inherit)
    if size.returncode != 0:
        return None
    if int(size.stdout) > files.LOCK:
        raise GitError(f"{name}: larger than {files.LOCK // files.MIB} MB, so it is not read")
    found = run(["cat-file", "blob", name], folder, inherit=inherit)
    return found.stdout if found.returncode == 0 else None


def run(  # noqa: PLR0913 - all but two have a default
    arguments: list[str],
    folder: Path,
    *,
    inherit: bool = False,
    stdin: bytes = b"",
    more: Mapping[str, str] | None = None,
    timeout: float | None = None,
) -> Ran:
    """Run git in ``folder`` and return the result; ``more`` is added to its environment.

    Raises GitError if git is not installed, GitTimeoutError after ``timeout`` seconds.
    """
    hidden = () if inherit else HOOK_VARIABLES
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    settings = with_settings(environment, _SETTINGS | _NO_REMOTE)
    try:
        return subprocess.run(  # noqa: S603 - no shell; the revision cannot be read as an option
            ["git", "--no-pager", *arguments],  # noqa: S607 - the git of PATH is the user's git
            cwd=folder,
            env={**environment, **_QUIET, **_LOCAL, **settings, **(more or {})},
            input=stdin,
            capture_output=True,
            check=False,
            timeout=timeout,
        )
    except (FileNotFoundError, PermissionError) as error:
        raise GitError(f"git: no such program; install git, or name two files: {error}") from error
    except subprocess.TimeoutExpired as error:
        raise GitTimeoutError(f"git {arguments[0]}: no answer in {timeout:.0f} seconds") from error


def ask(url: str, more: Mapping[str, str], settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a query for the refs of a remote repository.

    ``more`` are variables and ``settings`` configuration for git. Only the user's configuration is
    used, not that of a local repository. Raises GitError if git is not installed.
    """
    environ = {key: value for key, value in os.environ.items() if key not in HOOK_VARIABLES}
    environ |= {**_QUIET, **more, "GIT_ALLOW_PROTOCOL": protocols(url), "GIT_DIR": os.devnull}
    environ |= with_settings(environ, {**_SETTINGS, **settings})
    try:
        return subprocess.Popen(  # noqa: S603 - no shell; the URL cannot be read as an option
            ["git", "--no-pager", "ls-remote", "--", url],  # noqa: S607 - the git of PATH is the user's git
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # so that ssh has no terminal for a prompt
        )
    except (FileNotFoundError, PermissionError) as error:
        raise GitError("git: no such program; install git") from error


def protocols(url: str) -> str:
    """Return the protocols that may be used for a repository, in git's own notation.

    They are https and ssh. A path or a ``file:`` URL is on this machine, and so is http to a
    loopback address: nobody can read or change that traffic.
    """
    scheme, _, rest = url.partition("://")
    if scheme.lower() == "file" or Path(url).is_absolute():
        return "file"
    authority = rest.partition("/")[0].rpartition("@")[2].lower()
    is_local = scheme.lower() == "http" and _LOOPBACK.fullmatch(authority)
    return "http" if is_local else "https:ssh"


def with_settings(environ: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that set git's configuration, after those that ``environ`` sets.

    They override every file, including the repository's own.
    """
    known = environ.get("GIT_CONFIG_COUNT", "")
    first = int(known) if known.isdecimal() else 0
    variables = {"GIT_CONFIG_COUNT": str(first + len(settings))}
    for number, (key, value) in enumerate(settings.items(), first):
        variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return variables


def forget_variables() -> None:
    """Remove git's variables, so that child processes find the repository of their own folder."""
    for name in HOOK_VARIABLES:
        os.environ.pop(name, None)


def reason(result: Ran) -> str:
    """Return the first line of git's error message."""
    lines = result.stderr.decode("utf-8", "replace").splitlines() or ["git failed"]
    return lines[0].removeprefix("fatal: ")
