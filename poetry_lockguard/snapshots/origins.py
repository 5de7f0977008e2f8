"""Where a pinned package comes from: the six kinds a snapshot knows."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import ClassVar

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHORT = 12  # digits of a commit that are enough to recognise it


@dataclass(frozen=True, slots=True)
class PyPI:
    """The Python Package Index, or a mirror that answered for it."""

    type: ClassVar[str] = "pypi"


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """A package index that the manifest names."""

    type: ClassVar[str] = "index"
    name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """A repository; ``reference`` is the branch, tag or revision asked for."""

    type: ClassVar[str] = "git"
    url: str
    commit: str | None = None
    reference: str | None = None
    subdirectory: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Url:
    """One archive, given by its address."""

    type: ClassVar[str] = "url"
    url: str
    subdirectory: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalFile:
    """One archive on disk; ``path`` is relative to the snapshot's folder, with ``/``."""

    type: ClassVar[str] = "file"
    path: str
    subdirectory: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """A project on disk; ``path`` is relative to the snapshot's folder, with ``/``."""

    type: ClassVar[str] = "directory"
    path: str
    editable: bool = False


SnapshotSource = PyPI | Index | Git | Url | LocalFile | Directory
KINDS: dict[str, type[SnapshotSource]] = {
    kind.type: kind for kind in (PyPI, Index, Git, Url, LocalFile, Directory)
}


def fields(source: SnapshotSource) -> dict[str, str | bool]:
    """Return the source as it is written to the file: its type and the fields that are set."""
    found: dict[str, str | bool] = {"type": source.type}
    for field in dataclasses.fields(source):
        value = getattr(source, field.name)
        if value is not None:
            found[field.name] = value
    return found


def key(source: SnapshotSource) -> tuple[tuple[str, str], ...]:
    """Return the sort key of a source."""
    return tuple(sorted((name, str(value)) for name, value in fields(source).items()))


def is_full_commit(commit: str | None) -> bool:
    """Return whether this names one fixed commit (SHA-1 or SHA-256, all its digits)."""
    return commit is not None and _COMMIT.fullmatch(commit) is not None


def described(source: SnapshotSource) -> str:
    """Describe where this is in a few words; return an empty text for PyPI."""
    match source:
        case PyPI():
            return ""
        case Index(name=name, url=url):
            return f"index {name} {url}"
        case Git(url=url, commit=commit, subdirectory=below):
            at = f" at {commit[:_SHORT]}" if commit else ""
            return f"git {url}{f' in {below}' if below else ''}{at}"
        case Url(url=url, subdirectory=below):
            return f"url {url}{f' in {below}' if below else ''}"
        case LocalFile(path=path, subdirectory=below):
            return f"file {path}{f' in {below}' if below else ''}"
        case Directory(path=path, editable=editable):
            return f"directory {path}{' (editable)' if editable else ''}"


def named(source: SnapshotSource) -> str:
    """Return a short name of this source, for tables."""
    match source:
        case PyPI():
            return "PyPI"
        case Index(name=name):
            return name
        case Git(commit=commit):
            return f"git {commit[:_SHORT]}" if commit else "git"
        case Url() | LocalFile() | Directory():
            return source.type
