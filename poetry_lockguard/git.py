"""The one runner of git: no pager, no prompt, nothing that waits, and nothing a repository names.

    found = run(["rev-parse", "HEAD"], folder)

A repository may be hostile: a folder of a pull request can be a bare repository with a
configuration of its own. What reads locally fetches nothing, finds no bare repository that nobody
named, and runs no hook, monitor, pager or helper of the configuration. ``ask`` speaks to a remote
repository, in no local one, through the protocols that its address calls for.

By default git finds the repository of ``folder``. A merge driver is run by git for the repository
that git's own variables name: it asks with ``inherit``.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from poetry_lockguard.errors import LockguardError

if TYPE_CHECKING:
    from collections.abc import Mapping

# A hook runs with these set for the repository that is committed to, which is not always the
# one asked about (`git rev-parse --local-env-vars`); what holds objects in quarantine stays.
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
# Git before 2.44 does not know the first, git before 2.38 not safe.bareRepository; the closed list
# of protocols stops every version, and no configuration opens it.
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
#: of what reads locally: there is nothing to log in to
_NO_REMOTE = {"core.sshCommand": "false", "core.gitProxy": "", "credential.helper": ""}
_LOOPBACK = re.compile(r"(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?")

Ran = subprocess.CompletedProcess[bytes]


class GitError(LockguardError):
    """Git is not there, or this is no repository."""


class GitTimeoutError(GitError):
    """Git has not answered in time."""


def is_head(text: str) -> bool:
    """Whether a text means the current commit, or one counted from it, even beside such a file."""
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
    """Return a file as it is in a commit, or ``None`` where it is not there.

    ``path`` counts from the top of the repository, or from ``folder`` when it begins with ``./``.
    """
    found = run(["cat-file", "blob", f"{commit}:{path}"], folder)
    return found.stdout if found.returncode == 0 else None


def run(  # noqa: PLR0913 - each but two is a keyword with a default
    arguments: list[str],
    folder: Path,
    *,
    inherit: bool = False,
    stdin: bytes = b"",
    more: Mapping[str, str] | None = None,
    timeout: float | None = None,
) -> Ran:
    """Run git in ``folder`` and return what came of it; ``more`` is added to its environment.

    Raises GitError where there is no git, GitTimeoutError after ``timeout`` seconds.
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
    """Start to ask a remote repository for its refs; ``more`` and ``settings`` are git's.

    No local repository's configuration counts, only the user's. Raises GitError without git.
    """
    environ = {key: value for key, value in os.environ.items() if key not in HOOK_VARIABLES}
    environ |= {**_QUIET, **more, "GIT_ALLOW_PROTOCOL": protocols(url), "GIT_DIR": os.devnull}
    environ |= with_settings(environ, {**_SETTINGS, **settings})
    try:
        return subprocess.Popen(  # noqa: S603 - no shell; the address is no option
            ["git", "--no-pager", "ls-remote", "--", url],  # noqa: S607 - the git of PATH is the user's git
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # so that ssh finds no terminal to ask at
        )
    except (FileNotFoundError, PermissionError) as error:
        raise GitError("there is no git program; install git") from error


def protocols(url: str) -> str:
    """Return the protocols that a repository may be asked through, in git's own notation.

    They are https and ssh. A path or ``file:`` address leads to this machine, and so does http to
    a loopback address: nobody in between reads or changes what is said.
    """
    scheme, _, rest = url.partition("://")
    if scheme.lower() == "file" or Path(url).is_absolute():
        return "file"
    authority = rest.partition("/")[0].rpartition("@")[2].lower()
    is_here = scheme.lower() == "http" and _LOOPBACK.fullmatch(authority)
    return "http" if is_here else "https:ssh"


def with_settings(environ: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that set git's configuration, after what ``environ`` sets of it.

    They win against every file, the repository's own included.
    """
    known = environ.get("GIT_CONFIG_COUNT", "")
    first = int(known) if known.isdecimal() else 0
    made = {"GIT_CONFIG_COUNT": str(first + len(settings))}
    for number, (key, value) in enumerate(settings.items(), first):
        made |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return made


def forget_variables() -> None:
    """Let the programs that this process starts find the repository of their own folder."""
    for name in HOOK_VARIABLES:
        os.environ.pop(name, None)


def reason(result: Ran) -> str:
    """Return the first line that git said of a failure."""
    lines = result.stderr.decode("utf-8", "replace").splitlines() or ["git failed"]
    return lines[0].removeprefix("fatal: ")
