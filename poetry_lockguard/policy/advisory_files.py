"""Reads OSV records from a file, a folder or a zip archive; nothing is asked of the network.

A copy of a whole database has tens of thousands of records. Only those that name a package in
question are parsed. Everything is bounded: files that end, and archives that stay small unpacked.
"""

from __future__ import annotations

import json
import os
import re
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from poetry_lockguard import files
from poetry_lockguard.errors import SettingsError
from poetry_lockguard.policy.advisories import Advisories
from poetry_lockguard.policy.osv import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from poetry_lockguard.policy.osv import Record

    Texts = Iterator[tuple[str, bytes]]  # where each record is, and its JSON

ONE = 32 * files.MIB  #: bytes of one file of records
ALL = 1024 * files.MIB  #: bytes of all of them
ARCHIVE = 256 * files.MIB  #: bytes of an archive
MOST = 500_000  #: files in a folder or an archive
_NAME = re.compile(rb'"name"\s*:\s*"((?:[^"\\]|\\.)*)"')
_UNREADABLE = (  # all that zipfile raises for archives that are damaged or made by an enemy
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
)


def load(path: Path, names: Iterable[str]) -> Advisories:
    """Return the advisories at ``path`` for the packages of these normalized names.

    Raises SettingsError, which names the file, for what cannot be read.
    """
    try:
        found = path.stat()
        key = (found.st_mtime_ns, found.st_size, found.st_ino)
        return _loaded(path, frozenset(names), key)
    except OSError as error:
        raise _error(path, error.strerror or str(error)) from error


@lru_cache(maxsize=4)  # a fix judges the old and the new lock from several sides
def _loaded(path: Path, names: frozenset[str], _state: tuple[int, ...]) -> Advisories:
    """Read the records; ``_state`` changes with the file, so that it is read again."""
    return Advisories(_records(path, names))


def _records(path: Path, names: frozenset[str]) -> Iterator[Record]:
    if path.is_dir():
        return _relevant(_in_folder(path), names)
    with files.opened(path) as file:
        is_archive = file.read(2) == b"PK"
    if is_archive:
        return _relevant(_in_archive(path), names)
    return _parsed(str(path), files.read(path, ONE))


def _relevant(texts: Texts, names: frozenset[str]) -> Iterator[Record]:
    """Yield the records of the files that may concern one of these packages."""
    size = 0
    where = ""
    for where, content in texts:
        size += len(content)
        if size > ALL:
            raise _error(where, f"more than {ALL // files.MIB} MiB of records")
        if _concerns(content, names):
            yield from _parsed(where, content)
    if not where:
        raise SettingsError(
            "pyproject.toml: [tool.lockguard.policy] advisories: no OSV record (*.json) is there;"
            " name a file, folder or zip archive with records"
        )


def _concerns(content: bytes, names: frozenset[str]) -> bool:
    """Whether a record may name one of these packages; a name with escapes may be any."""
    found = {*_NAME.findall(content)}
    return any(b"\\" in text or _normalized(text) in names for text in found)


def _normalized(name: bytes) -> str:
    return re.sub(r"[-_.]+", "-", name.decode("utf-8", "replace")).lower()


def _parsed(where: str, content: bytes) -> Iterator[Record]:
    """Yield the records of a file: one, or a list of them."""
    try:
        data: Any = json.loads(content)
        for item in data if isinstance(data, list) else [data]:
            if (found := record(item)) is not None:
                yield found
    except RecursionError:
        raise _error(where, "nested too deeply") from None
    except ValueError as error:
        reason = str(error) if str(error).startswith("no OSV") else "not valid JSON"
        raise _error(where, reason) from None


def _in_folder(folder: Path) -> Texts:
    """Yield every ``*.json`` below a folder; links to other folders are not followed."""
    count = 0
    for place, below, names in os.walk(folder):
        below.sort()
        for name in sorted(names):
            count += 1
            if count > MOST:
                raise _error(folder, f"more than {MOST} files")
            if name.endswith(".json"):
                path = Path(place, name)
                yield str(path), files.read(path, ONE)


def _in_archive(path: Path) -> Texts:
    try:
        with files.opened(path) as file:
            if os.fstat(file.fileno()).st_size > ARCHIVE:
                raise _error(path, f"larger than {ARCHIVE // files.MIB} MiB")
            with zipfile.ZipFile(file) as archive:
                yield from _members(path, archive)
    except _UNREADABLE as error:
        raise _error(path, "not a readable zip archive") from error


def _members(path: Path, archive: zipfile.ZipFile) -> Texts:
    members = [one for one in archive.infolist() if one.filename.endswith(".json")]
    if len(members) > MOST:
        raise _error(path, f"more than {MOST} files")
    for member in members:
        with archive.open(member) as file:
            content = file.read(ONE + 1)
        if len(content) > ONE:
            raise _error(path, f"a record larger than {ONE // files.MIB} MiB")
        yield f"{path}: {member.filename}", content


def _error(path: Path | str, reason: str) -> SettingsError:
    return SettingsError(
        f"{path}: the policy's advisories cannot be read: {reason}; correct or replace that file,"
        " or advisories in [tool.lockguard.policy] of pyproject.toml"
    )
