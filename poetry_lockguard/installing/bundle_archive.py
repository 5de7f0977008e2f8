"""Packs a bundle into one tar or zip file, always the same bytes, and unpacks it again."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING

from poetry_lockguard import files
from poetry_lockguard.errors import LockguardError
from poetry_lockguard.exports.bundles.bundle_contents import SNAPSHOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

SUFFIXES = (".tar", ".zip")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip file can hold
_UNIX = 3
_MODE = 0o644


def is_archive_name(path: Path) -> bool:
    """Whether a bundle of this name is one file, and not a folder."""
    return path.suffix.lower() in SUFFIXES


def pack(folder: Path, names: Iterable[str], target: Path) -> None:
    """Write these files of a folder into ``target``: without times, owners or compression."""
    write = _zip if target.suffix.lower() == ".zip" else _tar
    staged = target.with_name(f".{target.name}{files.HIDDEN}")
    try:
        write(folder, sorted(names), staged)
        staged.replace(target)
    except OSError as error:
        with suppress(OSError):
            staged.unlink(missing_ok=True)
        raise files.WriteError(f"{target}: not written: {error.strerror or error}") from error
    files.sync_folder(target.parent)


def _tar(folder: Path, names: list[str], staged: Path) -> None:
    with tarfile.open(staged, "w", format=tarfile.PAX_FORMAT) as archive:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = (folder / name).stat().st_size
            member.mode = _MODE
            with (folder / name).open("rb") as content:
                archive.addfile(member, content)


def _zip(folder: Path, names: list[str], staged: Path) -> None:
    with zipfile.ZipFile(staged, "w") as archive:
        for name in names:
            member = zipfile.ZipInfo(name, _EPOCH)
            member.create_system = _UNIX
            member.external_attr = _MODE << 16
            member.file_size = (folder / name).stat().st_size
            with (folder / name).open("rb") as content, archive.open(member, "w") as packed:
                shutil.copyfileobj(content, packed, 1 << 20)


def unpack(path: Path, folder: Path, wanted: Callable[[bytes], Iterable[str]]) -> None:
    """Put the snapshot of a packed bundle into ``folder``, and the files that it asks for.

    ``wanted`` is called with the snapshot's bytes. Raises LockguardError if it is not a bundle.
    """
    with _members(path) as open_member:
        content = _snapshot(open_member, path)
        (folder / SNAPSHOT).write_bytes(content)
        for name in wanted(content):
            with suppress(KeyError):  # who needs it reports it
                _extract(open_member, name, folder / name)


def _extract(open_member: Callable[[str], IO[bytes]], name: str, target: Path) -> None:
    with open_member(name) as packed, target.open("wb") as file:
        shutil.copyfileobj(packed, file, 1 << 20)


def _snapshot(open_member: Callable[[str], IO[bytes]], path: Path) -> bytes:
    try:
        with open_member(SNAPSHOT) as packed:
            content = packed.read(files.LOCK + 1)
    except KeyError as error:
        raise LockguardError(f"{path}: not a bundle: it has no {SNAPSHOT}") from error
    if len(content) > files.LOCK:
        raise LockguardError(f"{path}: its {SNAPSHOT} is larger than {files.LOCK // files.MIB} MiB")
    return content


@contextmanager
def _members(path: Path) -> Iterator[Callable[[str], IO[bytes]]]:
    """Yield what opens a member by its name, and raises KeyError if there is none."""
    try:
        if tarfile.is_tarfile(path):  # first: one that ends with a wheel looks like a zip file
            with tarfile.open(path) as tarred:
                yield lambda name: _regular(tarred, name)
        else:
            with zipfile.ZipFile(path) as zipped:
                yield zipped.open
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise LockguardError(f"{path}: cannot be read as a bundle: {error}") from error


def _regular(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    member = archive.extractfile(name)
    if member is None:
        raise KeyError(name)
    return member
