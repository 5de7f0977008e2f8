"""The git configuration and attributes that install the merge drivers, and their removal.

Git's configuration belongs to this machine, so the command can be an absolute path. This also
works for graphical programs, which do not have the PATH of a shell.
"""

from __future__ import annotations

import re
import shlex
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import poetry_lockguard
from poetry_lockguard import git
from poetry_lockguard.commands.merge_driver.run import PLACEHOLDERS
from poetry_lockguard.errors import LockguardError

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Driver:
    """One driver: its name in git, what it is for, the files it merges, its own options."""

    name: str
    title: str
    pattern: str
    options: str = ""

    @property
    def line(self) -> str:
        """The line for ``.gitattributes``."""
        return f"{_quoted(self.pattern)} merge={self.name}"

    @property
    def settings(self) -> dict[str, str]:
        """The settings of this driver in git's configuration.

        In a criss-cross merge, git first merges the bases, for which their own base is enough.
        """
        command = f"{program()} merge-driver run{self.options} -- {PLACEHOLDERS} || {OR_MARKERS}"
        return {"name": self.title, "driver": command, "recursive": "binary"}


#: the shell's fallback if the driver could not start and so left no conflict markers
OR_MARKERS = (
    "{ grep -q '^<<<<<<<' %A"
    " || git merge-file -q --marker-size=%L -L ours -L base -L theirs %A %O %B; exit 1; }"
)
_EXPORT = " --export"
LOCK, SNAPSHOT, EXPORT = NAMES = ("lockguard-lock", "lockguard-snapshot", "lockguard-export")


def drivers(snapshot: str, home: str, exports: Iterable[str] = ()) -> tuple[Driver, ...]:
    """Return the drivers, one for each kind of file or each file.

    ``snapshot`` and ``exports`` are names of files in a project at ``home``.
    """
    name = snapshot.replace("\\", "/")
    at = f"/{PurePosixPath(home, name)}" if "/" in name else name
    return (
        Driver(LOCK, "poetry.lock, for the merged pyproject.toml", "poetry.lock"),
        Driver(SNAPSHOT, "snapshots of poetry-lockguard", at, " --snapshot"),
        *(
            Driver(
                EXPORT, "files derived from poetry.lock", f"/{PurePosixPath(home, one)}", _EXPORT
            )
            for one in exports
        ),
    )


def program() -> str:
    """Return the command that starts this program in git's ``sh``, on Windows as well."""
    scripts = Path(sysconfig.get_path("scripts"))
    for script in (scripts / "lockguard.exe", scripts / "lockguard"):
        if script.is_file():
            return _word(script)
    package_folder = str(Path(poetry_lockguard.__file__).parent.parent)
    code = (
        f"import sys; sys.path[:] = [*filter(None, sys.path), {package_folder!r}];"
        " from poetry_lockguard.__main__ import main; sys.exit(main())"
    )
    return f"{_word(Path(sys.executable))} -c {shlex.quote(code).replace('%', '%%')}"


def _word(path: Path) -> str:
    return shlex.quote(path.as_posix()).replace("%", "%%")


def _quoted(pattern: str) -> str:
    """Quote a file name for ``.gitattributes``."""
    literal = re.sub(r"([*?\[\\!#])", r"\\\1", pattern)
    if not re.search(r'[\s"]', literal):
        return literal
    inside = literal.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inside}"'


def with_lines(content: bytes, wanted: Iterable[str]) -> bytes:
    """Append the lines that are missing, with the line endings of the file."""
    present = _lines(content)
    missing = [line for line in wanted if line not in present]
    if not missing:
        return content
    ending = _ending(content)
    added = ending.join(missing)
    if not content:
        return f"{added}{ending}".encode()
    if content.endswith(b"\n"):
        return content + f"{added}{ending}".encode()
    return content + f"{ending}{added}".encode()


def without_lines(content: bytes) -> bytes:
    """Remove the lines that name a driver and keep all others unchanged.

    Their pattern does not matter: the snapshot may have had another name when they were added.
    """
    ours = re.compile(rb".+ merge=(?:%s)[\r\n]*" % "|".join(NAMES).encode())
    kept = [line for line in content.splitlines(keepends=True) if not ours.fullmatch(line)]
    text = b"".join(kept)
    if text and not content.endswith(b"\n"):
        return text.removesuffix(b"\n").removesuffix(b"\r")
    return text


def _lines(content: bytes) -> set[str]:
    return {line.decode("utf-8", "replace") for line in content.splitlines()}


def _ending(content: bytes) -> str:
    return "\r\n" if content.partition(b"\n")[0].endswith(b"\r") else "\n"


def asked(folder: Path, *arguments: str) -> str:
    """Return the output of a git command in ``folder``; raises GitError outside a repository."""
    found = git.run([*arguments], folder)
    if found.returncode:
        raise git.GitError(f"{folder}: {git.reason(found)}; run this in a git repository")
    return found.stdout.decode("utf-8", "surrogateescape").rstrip("\n")


def attributes_file(folder: Path, *, private: bool) -> Path:
    """Return the path of the attributes file that assigns drivers to files."""
    if private:
        return folder / asked(folder, "rev-parse", "--git-path", "info/attributes")
    top = asked(folder, "rev-parse", "--show-toplevel")
    if not top:
        raise LockguardError(f"{folder}: no working tree here; use --private")
    return Path(top, ".gitattributes")
