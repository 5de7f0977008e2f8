"""Reads OSV records from a file, a folder or a zip archive; nothing is asked of the network.

A copy of a whole database has tens of thousands of records. It is searched for names once in a
process, and only records that name a package in question are parsed. Everything is bounded: files
that end, and archives that stay small unpacked.
"""

from __future__ import annotations

import json
import os
import re
import struct
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from poetry_lockguard import files
from poetry_lockguard.errors import SettingsError
from poetry_lockguard.names import normalized
from poetry_lockguard.policy.advisories import Advisories
from poetry_lockguard.policy.osv import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from poetry_lockguard.policy.osv import Record

    Place = Path | zipfile.ZipInfo
    Texts = Iterator[tuple[Place, bytes]]  # each record's JSON

ONE = 32 * files.MIB  #: bytes of one file of records
ALL = 1024 * files.MIB  #: bytes of all of them
ARCHIVE = 256 * files.MIB  #: bytes of an archive
MOST = 500_000  #: files in a folder or an archive
_NAME = re.compile(rb'"name"\s*:\s*"((?:[^"\\]|\\.)*)"')
_ANY = ""  # the name of records that may concern any package
_HEADER = 30  # bytes of a member's header, before its name
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


@lru_cache(maxsize=1024)  # a solver asks for one package after the other
def _loaded(path: Path, names: frozenset[str], state: tuple[int, ...]) -> Advisories:
    """Read the records; ``state`` changes with the file, so that it is read again."""
    return Advisories(_records(path, names, state))


def _records(path: Path, names: frozenset[str], state: tuple[int, ...]) -> Iterator[Record]:
    if _is_single(path, state):
        yield from _parsed(str(path), files.read(path, ONE))
        return
    places = _places(path, state)
    chosen = {_name_of(at): at for name in (_ANY, *names) for at in places.get(name, ())}
    for name, place in sorted(chosen.items()):
        if isinstance(place, Path):
            yield from _parsed(name, files.read(place, ONE))
        else:
            yield from _parsed(f"{path}: {name}", _from_archive(path, place))


def _name_of(place: Place) -> str:
    return str(place) if isinstance(place, Path) else place.filename


@lru_cache(maxsize=4)
def _is_single(path: Path, _state: tuple[int, ...]) -> bool:
    if path.is_dir():
        return False
    with files.opened(path) as file:
        return file.read(2) != b"PK"


@lru_cache(maxsize=2)
def _places(path: Path, _state: tuple[int, ...]) -> dict[str, tuple[Place, ...]]:
    """Return the places of the records that may concern each package, by normalized name."""
    found: dict[str, list[Place]] = {}
    size, count = 0, 0
    for place, content in _in_folder(path) if path.is_dir() else _in_archive(path):
        count += 1
        size += len(content)
        if size > ALL:
            raise _error(path, f"more than {ALL // files.MIB} MiB of records")
        for name in {*map(_normalized, {*_NAME.findall(content)})}:
            found.setdefault(name, []).append(place)
    if not count:
        raise SettingsError(
            "pyproject.toml: [tool.lockguard.policy] advisories: no OSV record (*.json) is there;"
            " name a file, folder or zip archive with records"
        )
    return {name: (*places,) for name, places in found.items()}


@lru_cache(maxsize=1 << 16)
def _normalized(name: bytes) -> str:
    """Return a package's normalized name; a name with escapes may be any."""
    if b"\\" in name:
        return _ANY
    return normalized(name.decode("utf-8", "replace"))


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


def _from_archive(path: Path, member: zipfile.ZipInfo) -> bytes:
    try:
        with files.opened(path) as file:
            file.seek(member.header_offset)
            data = file.read(_HEADER + 2 * 0xFFFF + min(member.compress_size, ARCHIVE))
            content = _unpacked(path, member, data, 0)
            if content is None:
                with zipfile.ZipFile(file) as archive:
                    content = _member(path, archive, member)
            return content
    except _UNREADABLE as error:
        raise _error(path, "not a readable zip archive") from error


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
                yield path, files.read(path, ONE)


def _in_archive(path: Path) -> Texts:
    try:
        with files.opened(path) as file:
            if os.fstat(file.fileno()).st_size > ARCHIVE:
                raise _error(path, f"larger than {ARCHIVE // files.MIB} MiB")
            with zipfile.ZipFile(file) as archive:
                file.seek(0)
                yield from _members(path, archive, file.read(ARCHIVE + 1))
    except _UNREADABLE as error:
        raise _error(path, "not a readable zip archive") from error


def _members(path: Path, archive: zipfile.ZipFile, data: bytes) -> Texts:
    members = [one for one in archive.infolist() if one.filename.endswith(".json")]
    if len(members) > MOST:
        raise _error(path, f"more than {MOST} files")
    for member in members:
        content = _unpacked(path, member, data, member.header_offset)
        yield member, _member(path, archive, member) if content is None else content


def _unpacked(path: Path, member: zipfile.ZipInfo, data: bytes, start: int) -> bytes | None:
    """Return a member that is deflated as usual, faster than ``zipfile`` would; None otherwise.

    Its header is at ``start`` of ``data``.
    """
    header = data[start : start + _HEADER]
    is_usual = header.startswith(b"PK\3\4") and len(header) == _HEADER
    if not is_usual or member.compress_type != zipfile.ZIP_DEFLATED or member.flag_bits & 1:
        return None
    start += _HEADER + sum(struct.unpack("<HH", header[26:]))
    content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(
        data[start : start + member.compress_size], ONE + 1
    )
    if len(content) > ONE:
        raise _large(path)
    return content if zlib.crc32(content) == member.CRC else None


def _member(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as file:
        content = file.read(ONE + 1)
    if len(content) > ONE:
        raise _large(path)
    return content


def _large(path: Path) -> SettingsError:
    return _error(path, f"a record larger than {ONE // files.MIB} MiB")


def _error(path: Path | str, reason: str) -> SettingsError:
    return SettingsError(
        f"{path}: the policy's advisories cannot be read: {reason}; correct or replace that file,"
        " or advisories in [tool.lockguard.policy] of pyproject.toml"
    )
