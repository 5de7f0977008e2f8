"""Clones repositories as Poetry does, and reads what a commit holds, submodules included.

Files are read from git's own storage, not from the disk: line endings, modes and attributes are the
same on every machine.
"""

from __future__ import annotations

from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from stat import S_ISDIR
from typing import TYPE_CHECKING, Any

from poetry_lockguard.errors import LockguardError, one_line
from poetry_lockguard.exports.bundles import git_archive
from poetry_lockguard.exports.bundles.git_archive import SUBMODULE_MODE, CommitContent
from poetry_lockguard.installing.bundle_downloads import is_finished, part
from poetry_lockguard.poetry_api.imports.direct_origin import Git, clone_name
from poetry_lockguard.poetry_api.package_translation import repository
from poetry_lockguard.poetry_api.project import checkouts
from poetry_lockguard.snapshots.format.checks import is_relative
from poetry_lockguard.snapshots.origins import Git as GitSource
from poetry_lockguard.urls import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from poetry_lockguard.exports.bundles.bundle_contents import BundleFile
    from poetry_lockguard.index.network import Network
    from poetry_lockguard.resolution.project_configurations import SnapshotProject


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a commit in a repository."""

    path: str
    mode: int
    _store: Any
    _hash: bytes

    def content(self) -> bytes:
        """Return its content."""
        found: bytes = self._store[self._hash].as_raw_string()
        return found


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was found so far below a clone."""

    clone: Path
    opened: ExitStack
    files: list[StoredFile] = field(default_factory=list)
    submodules: dict[str, str] = field(default_factory=dict)
    commits: dict[str, bytes] = field(default_factory=dict)

    def commit(self, folder: Path, commit: str, prefix: str) -> None:
        """Read a commit of the repository in a folder, which stays open."""
        opened = self.opened.enter_context(closing(Git.as_repo(folder)))
        store: Any = opened.object_store
        found = store[commit.encode()]
        self.commits[commit] = found.as_raw_string()
        for path, mode, name in _walk(store, found.tree, prefix):
            if mode == SUBMODULE_MODE:
                self._submodule(path, name.decode())
            else:
                self.files.append(StoredFile(path, mode, store, name))

    def _submodule(self, path: str, commit: str) -> None:
        self.submodules[path] = commit
        with suppress(Exception):  # as Poetry, which leaves out what it could not clone
            self.commit(self.clone / path, commit, f"{path}/")


@contextmanager
def content_of(clone: Path, commit: str) -> Iterator[CommitContent]:
    """Yield what a commit of a clone holds; raises KeyError if it is not there."""
    with ExitStack() as opened:
        found = _Reading(clone, opened)
        found.commit(clone, commit, "")
        yield CommitContent(files=found.files, submodules=found.submodules, commits=found.commits)


def _walk(store: Any, tree: bytes, prefix: str) -> Iterator[tuple[str, int, bytes]]:
    """Yield path, mode and hash of all files and submodules below a tree."""
    for name, mode, found in store[tree].items():
        path = prefix + name.decode("utf-8", "surrogateescape")
        if S_ISDIR(mode):
            yield from _walk(store, found, f"{path}/")
        else:
            yield path, mode, found


def archive_commits(
    folder: Path, files: Sequence[BundleFile], project: SnapshotProject, network: Network
) -> list[str]:
    """Write the archives of commits into a folder; return a reason for each that has none."""
    flaws = []
    with checkouts(project.poetry) as clones:
        for number, file in enumerate(files):
            source = file.key[1][1]
            if not isinstance(source, GitSource):
                continue
            if network.offline and not is_relative(source.url):
                flaws.append(f"{file.key[0]}: --offline: {shown(source.url)} was not cloned")
                continue
            url = repository(source.url, project.folder)
            try:
                _archive(folder, file, url, clones / str(number))
            except Exception as error:  # noqa: BLE001 - git clients raise anything
                flaws.append(f"{file.key[0]}: {shown(source.url)}: {one_line(error)}")
    return flaws


def _archive(folder: Path, file: BundleFile, url: str, clones: Path) -> None:
    """Write the archive of one commit, and check it."""
    commit = file.commit or ""
    Git.clone(url=url, source_root=clones, revision=commit).close()
    with content_of(clones / clone_name(url), commit) as content:
        git_archive.write(content, f"{file.key[0]}-{file.key[1][0]}", part(folder, file))
    if not is_finished(folder, file):
        raise LockguardError(f"its clone does not hold all files of {commit}")
