"""One git commit as a tar file that proves what it is.

Below one folder, it holds the files of the commit as git stores them, and in its header the commit
itself, and those of its submodules. The hashes of all files give the hash of the tree, which the
commit names: so a locked commit seals the archive. It has no times, owners or compression, and
nothing of the machine that made it, so it has the same bytes everywhere.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import shutil
import tarfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath
from stat import S_ISDIR, S_ISLNK
from typing import IO, TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Protocol

    class CommitFile(Protocol):
        """A file or a symbolic link of a commit."""

        @property
        def path(self) -> str:
            """Where it is, with slashes."""

        @property
        def mode(self) -> int:
            """Its mode, as git has it."""

        def content(self) -> bytes:
            """Return its content, or what the link points to."""


_COMMIT = "LOCKGUARD.commit."  # in the header: + hash of a commit
_SUBMODULE = "LOCKGUARD.submodule."  # in the header: + a number, for a commit and its path
_TREE, _LINK, SUBMODULE_MODE = 0o40000, 0o120000, 0o160000  #: git's modes, as of a file below
_FILE = 0o100000
_READING: Literal["r:"] = "r:"  # never compressed
_CHUNK = 1 << 20
_SHA256 = 64  # digits of a hash in a repository with the newer format
_UTF8, _AS_IT_IS = "utf-8", "surrogateescape"  # git's names may be any bytes
_FORBIDDEN = frozenset(("..", ".git"))


class NotTheCommitError(Exception):
    """An archive does not hold what the commit holds; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitContent:
    """What a commit holds: its files, its submodules by path, and the commits by their hashes."""

    files: Iterable[CommitFile]
    submodules: Mapping[str, str]
    commits: Mapping[str, bytes]


def file_name(name: str, commit: str) -> str:
    """Return the name of the archive of a package; pip and uv take it for no release of any."""
    return f"git-{name}-{commit[:12]}.tar"


def write(content: CommitContent, top: str, target: Path) -> None:
    """Write an archive whose files are below the folder ``top``."""
    headers = {
        **{f"{_COMMIT}{one}": _text(raw) for one, raw in sorted(content.commits.items())},
        **{
            f"{_SUBMODULE}{number}": f"{one} {path}"
            for number, (path, one) in enumerate(sorted(content.submodules.items()))
        },
    }
    with tarfile.open(
        target,
        "w",
        format=tarfile.PAX_FORMAT,
        encoding=_UTF8,
        errors=_AS_IT_IS,
        pax_headers=headers,
    ) as archive:
        for file in sorted(content.files, key=lambda one: one.path):
            _add(archive, file, f"{top}/{file.path}")


def _add(archive: tarfile.TarFile, file: CommitFile, name: str) -> None:
    content = file.content()
    member = tarfile.TarInfo(name)
    if S_ISLNK(file.mode):
        member.type = tarfile.SYMTYPE
        member.linkname = content.decode(_UTF8, _AS_IT_IS)
        archive.addfile(member)
        return
    member.mode = file.mode & 0o777
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def is_of_commit(archive: Path, commit: str) -> bool:
    """Whether an archive holds exactly what a commit holds."""
    try:
        _check(archive, commit)
    except (NotTheCommitError, tarfile.TarError, OSError, EOFError, ValueError, RecursionError):
        return False
    return True


def _check(archive: Path, commit: str) -> None:
    """Raise NotTheCommitError unless the hashes of all files give the tree of the commit."""
    with tarfile.open(archive, _READING, encoding=_UTF8, errors=_AS_IT_IS) as packed:
        root = _Folder()
        for member in packed:
            *folders, name = _parts(member)
            root.below(folders).add(name, _mode(member), _hash_of(packed, member, len(commit)))
        commits, submodules = header(packed)
    for path, one in submodules.items():
        *folders, name = PurePosixPath(path).parts
        root.below(folders).mount(name, one)
    if root.hash(len(commit), commits) != _tree_of(commits.get(commit), commit):
        raise NotTheCommitError(f"{archive.name} does not hold the files of {commit}")


def header(packed: tarfile.TarFile) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return the commits by hash, and the commits of submodules by path; ValueError for others."""
    commits: dict[str, bytes] = {}
    submodules: dict[str, str] = {}
    for key, value in packed.pax_headers.items():
        if key.startswith(_COMMIT):
            commits[key.removeprefix(_COMMIT)] = base64.b64decode(value, validate=True)
        elif key.startswith(_SUBMODULE):
            commit, _, path = value.partition(" ")
            submodules[path] = commit
    return commits, submodules


def _parts(member: tarfile.TarInfo) -> tuple[str, ...]:
    """Return the path of a member below the one folder; raise for one that leads elsewhere."""
    parts = tuple(member.name.split("/"))[1:]
    if not parts or any(
        PureWindowsPath(part).name != part or part.lower() in _FORBIDDEN for part in parts
    ):
        raise NotTheCommitError(f"{member.name!r} is not the path of a file")
    if not (member.isreg() or member.issym()):
        raise NotTheCommitError(f"{member.name!r} is neither a file nor a link")
    return parts


def _mode(member: tarfile.TarInfo) -> int:
    return _LINK if member.issym() else _FILE | member.mode


def _hash_of(packed: tarfile.TarFile, member: tarfile.TarInfo, length: int) -> bytes:
    if member.issym():
        return _hash(b"blob", member.linkname.encode(_UTF8, _AS_IT_IS), length)
    found = _algorithm(length)
    found.update(b"blob %d\0" % member.size)
    content = packed.extractfile(member)
    while content is not None and (block := content.read(_CHUNK)):
        found.update(block)
    return found.digest()


def _hash(kind: bytes, content: bytes, length: int) -> bytes:
    found = _algorithm(length)
    found.update(b"%s %d\0" % (kind, len(content)))
    found.update(content)
    return found.digest()


def _algorithm(length: int) -> hashlib._Hash:
    """Return git's hash for names of this length."""
    return hashlib.new("sha256" if length == _SHA256 else "sha1", usedforsecurity=False)


def _tree_of(raw: bytes | None, commit: str) -> bytes:
    """Return the tree that a commit names, if it is the commit of this hash."""
    if raw is None or _hash(b"commit", raw, len(commit)).hex() != commit:
        raise NotTheCommitError(f"it does not hold the commit {commit}")
    first = raw.partition(b"\n")[0]
    if not first.startswith(b"tree "):
        raise NotTheCommitError(f"the commit {commit} names no tree")
    return binascii.unhexlify(first.removeprefix(b"tree "))


@dataclass(slots=True)
class _Folder:
    """A folder of a commit: its files with modes and hashes, its folders, and its submodule."""

    files: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    folders: dict[str, _Folder] = field(default_factory=dict)
    commit: str | None = None

    def below(self, names: Iterable[str]) -> _Folder:
        found = self
        for name in names:
            found = found.folders.setdefault(name, _Folder())
        return found

    def add(self, name: str, mode: int, digest: bytes) -> None:
        if name in self.files:
            raise NotTheCommitError(f"{name} is there twice")
        self.files[name] = mode, digest

    def mount(self, name: str, commit: str) -> None:
        """Say that a folder is a submodule at a commit."""
        self.folders.setdefault(name, _Folder()).commit = commit

    def hash(self, length: int, commits: Mapping[str, bytes]) -> bytes:
        """Return the hash of the tree."""
        if twice := self.files.keys() & self.folders.keys():
            raise NotTheCommitError(f"{min(twice)} is a file and a folder")
        entries = [*((name, *found) for name, found in self.files.items())]
        entries += [(name, *one.entry(length, commits)) for name, one in self.folders.items()]
        entries.sort(key=_order)
        content = b"".join(
            b"%o %s\0%s" % (mode, name.encode(_UTF8, _AS_IT_IS), digest)
            for name, mode, digest in entries
        )
        return _hash(b"tree", content, length)

    def entry(self, length: int, commits: Mapping[str, bytes]) -> tuple[int, bytes]:
        """Return the mode and the hash with which the folder above lists this one."""
        if self.commit is None:
            return _TREE, self.hash(length, commits)
        is_there = self.files or self.folders
        if is_there and self.hash(length, commits) != _tree_of(
            commits.get(self.commit), self.commit
        ):
            raise NotTheCommitError(f"it does not hold the files of the submodule {self.commit}")
        return SUBMODULE_MODE, binascii.unhexlify(self.commit)


def _order(entry: tuple[str, int, bytes]) -> bytes:
    """Return git's sort key: a folder sorts as if its name ended with a slash."""
    name = entry[0].encode(_UTF8, _AS_IT_IS)
    return name + b"/" if S_ISDIR(entry[1]) else name


def unpack(archive: Path, folder: Path) -> None:
    """Put the files of an archive into an empty folder, links last."""
    links: list[tuple[Path, str]] = []
    with tarfile.open(archive, _READING, encoding=_UTF8, errors=_AS_IT_IS) as packed:
        for member in packed:
            path = folder.joinpath(*_parts(member))
            path.parent.mkdir(parents=True, exist_ok=True)
            content = packed.extractfile(member) if member.isreg() else None
            if content is None:
                links.append((path, member.linkname))
                continue
            _write(content, path, member.mode)
    for path, target in links:
        _link(path, target)


def _link(path: Path, target: str) -> None:
    """Make a link; where links cannot be made, write what it points to, as git does."""
    try:
        path.symlink_to(target)
    except (OSError, NotImplementedError):
        with path.open("x", encoding=_UTF8, errors=_AS_IT_IS, newline="") as file:
            file.write(target)


def _write(content: IO[bytes], path: Path, mode: int) -> None:
    with path.open("xb") as file:
        shutil.copyfileobj(content, file, _CHUNK)
    if mode & 0o100:
        path.chmod(path.stat().st_mode | 0o111)
