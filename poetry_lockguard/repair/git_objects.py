"""Reads files and commits of the repository in which git is merging, for a merge driver."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from poetry_lockguard import git

if TYPE_CHECKING:
    from pathlib import Path


PREFIX = "lockguard-merge-"  #: of temporary folders; a later merge removes old ones


@dataclass(frozen=True, slots=True)
class TreePlace:
    """One state of the project: a commit (or tree), and the path of the merged file in it."""

    commit: str
    path: str

    def beside(self, name: str) -> str:
        """Return the path of another file in the same folder."""
        return posixpath.join(posixpath.dirname(self.path), name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submodule:
    """A submodule of the repository: its path and its commit."""

    path: str
    commit: str


@dataclass(frozen=True, slots=True)
class Objects:
    """The repository, read from the folder in which git runs a driver, with git's variables."""

    top: Path

    def line(self, *arguments: str, timeout: float | None = None) -> str | None:
        """Return what git prints, stripped, or None if git fails."""
        found = git.run([*arguments], self.top, inherit=True, timeout=timeout)
        text = found.stdout.decode("utf-8", "surrogateescape").strip()
        return text if found.returncode == 0 else None

    def id(self, commit: str, path: str = "") -> str | None:
        """Return the id of a file or folder in a commit (the commit's tree without ``path``)."""
        return self.line("rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}:{path}")

    def commit(self, revision: str) -> str | None:
        """Return the id of the commit that a revision names."""
        named = f"{revision}^{{commit}}"
        return self.line("rev-parse", "--verify", "--quiet", "--end-of-options", named)

    def read(self, commit: str, path: str) -> bytes | None:
        """Return a file's content in a commit, or None if the commit has no such file."""
        return git.blob(f"{commit}:{path}", self.top, inherit=True)

    def submodule(self, commit: str, path: str) -> Submodule | None:
        """Return the submodule that a path is or lies in, or None."""
        folder = path
        while folder not in {"", "."}:
            entry = self.line("ls-tree", "--full-tree", commit, "--", folder) or ""
            if entry.startswith("160000 "):
                return Submodule(path=folder, commit=entry.split()[2])
            folder = posixpath.dirname(folder)
        return None

    def parents(self, commit: str) -> list[str]:
        """Return the parents of a commit."""
        return (self.line("rev-parse", f"{commit}^@") or "").split()

    def bases(self, one: str, other: str) -> list[str]:
        """Return all best common ancestors."""
        return (self.line("merge-base", "--all", one, other) or "").split()

    def blob(self, file: Path) -> str | None:
        """Return the id that a file's content has in git, or None for an empty file."""
        if not file.stat().st_size:
            return None
        return self.line("hash-object", "--no-filters", "--", str(file))

    def find(self, commit: str, blob: str, name: str) -> str | None:
        """Return the only path in a commit with this name and content, or None."""
        listed = self.line("ls-tree", "-r", "-z", "--full-tree", commit) or ""
        entries = (entry.partition("\t") for entry in listed.split("\0"))
        found = [
            path
            for head, _, path in entries
            if head.endswith(f" {blob}") and posixpath.basename(path) == name
        ]
        return found[0] if len(found) == 1 else None
