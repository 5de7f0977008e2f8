"""A wheel's metadata in one range request.

Poetry's lazy wheel needs three requests (the archive's end, its directory, the metadata), reads
the directory twice and keeps the file on disk. The end of a wheel usually holds all of it:
directory last, ``.dist-info`` just before (as the wheel specification recommends). Where it does
not, one more request fetches what is missing. Anything unusual is left to Poetry's own way.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

TAIL = 48 * 1024
_SLACK = 24 * 1024  # how far before the directory metadata is likely to lie
_END = b"PK\x05\x06"
_ENTRY = b"PK\x01\x02"
_NAME = b".dist-info/METADATA"
_METADATA = re.compile(rb"[^/]*\.dist-info/METADATA")
_LOCAL = struct.Struct("<4s5H3L2H")
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_BIG = 0xFFFFFFFF


class UnusualWheel(Exception):  # noqa: N818 - not a failure: Poetry's own way is taken
    """This archive, or this server, needs the long way."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of a file from ``start``; ``size`` is the whole file's."""

    start: int
    size: int
    data: bytes

    def holds(self, first: int, end: int) -> bool:
        """Return whether the bytes from ``first`` up to ``end`` are here."""
        return self.start <= first and end <= self.start + len(self.data)

    def cut(self, first: int, end: int) -> bytes:
        """Return the bytes from ``first`` up to ``end`` of the file."""
        return self.data[first - self.start : end - self.start]


def headers(metadata: bytes) -> bytes:
    """Return the head of a METADATA file: what follows the first empty line is the description."""
    return re.split(rb"\r?\n\r?\n", metadata, maxsplit=1)[0] + b"\n\n"


def piece(content_range: str, data: bytes) -> Piece:
    """Read an answer to a range request by its Content-Range header (RFC 9110, 14.4)."""
    match = _RANGE.fullmatch(content_range.strip())
    if match is None or int(match[2]) - int(match[1]) + 1 != len(data):
        raise UnusualWheel("no usable Content-Range")
    return Piece(int(match[1]), int(match[3]), data)


def metadata(tail: Piece, fetch: Callable[[int, int], Piece]) -> bytes:
    """Return the METADATA file of a wheel, from its ``tail`` and at most two more pieces.

    ``fetch`` gets the bytes from an offset up to another. Raises UnusualWheel.
    """
    try:
        return _metadata(tail, fetch)
    except struct.error:
        raise UnusualWheel("a directory that is cut short") from None


def _metadata(tail: Piece, fetch: Callable[[int, int], Piece]) -> bytes:
    first, end = _directory(tail)
    if not tail.holds(first, end):
        tail = fetch(max(0, first - _SLACK), tail.size)
    entry = _find_entry(tail.cut(first, end))
    begin = entry.offset
    # the local header's extra field may be longer than the directory's: ask for a little more
    stop = min(first, begin + _LOCAL.size + entry.name_length + 1024 + entry.packed)
    part = tail if tail.holds(begin, stop) else fetch(begin, stop)
    return _unpack(part.cut(begin, stop), entry)


@dataclass(frozen=True, slots=True)
class _ZipEntry:
    offset: int
    packed: int
    unpacked: int
    method: int
    crc: int
    name_length: int


def _directory(tail: Piece) -> tuple[int, int]:
    where = tail.data.rfind(_END)
    if where < 0 or len(tail.data) - where < 22:  # noqa: PLR2004 - the record's size
        raise UnusualWheel("no end of directory")
    size, offset = struct.unpack_from("<LL", tail.data, where + 12)
    if _BIG in {size, offset} or offset + size != tail.start + where:
        raise UnusualWheel("an archive with something before or after it")
    return offset, offset + size


def _find_entry(directory: bytes) -> _ZipEntry:
    """Find METADATA's entry; Poetry takes the first, too."""
    where = directory.find(_NAME)
    while where >= 0:
        end = where + len(_NAME)
        start = directory.rfind(_ENTRY, 0, where)
        name = directory[start + 46 : end]
        if start < 0 or struct.unpack_from("<H", directory, start + 28)[0] < len(name):
            raise UnusualWheel("a directory that makes no sense")
        if _METADATA.fullmatch(directory, start + 46, _name_end(directory, start)):
            return _entry(directory, start)
        where = directory.find(_NAME, end)
    raise UnusualWheel("no METADATA")


def _name_end(directory: bytes, start: int) -> int:
    length: int = struct.unpack_from("<H", directory, start + 28)[0]
    return start + 46 + length


def _entry(directory: bytes, start: int) -> _ZipEntry:
    method, _, _, crc, packed, unpacked = struct.unpack_from("<HHHLLL", directory, start + 10)
    offset = struct.unpack_from("<L", directory, start + 42)[0]
    if _BIG in {packed, unpacked, offset}:
        raise UnusualWheel("a very large archive")
    name_length = _name_end(directory, start) - start - 46
    return _ZipEntry(offset, packed, unpacked, method, crc, name_length)


def _unpack(data: bytes, entry: _ZipEntry) -> bytes:
    fields = _LOCAL.unpack_from(data)
    begin = _LOCAL.size + fields[9] + fields[10]
    packed = data[begin : begin + entry.packed]
    if fields[0] != b"PK\x03\x04" or len(packed) != entry.packed:
        raise UnusualWheel("no local header where the directory says")
    try:
        plain = packed if entry.method == 0 else zlib.decompress(packed, -zlib.MAX_WBITS)
    except zlib.error:
        raise UnusualWheel("an unknown compression") from None
    if len(plain) != entry.unpacked or zlib.crc32(plain) != entry.crc:
        raise UnusualWheel("a damaged METADATA")
    return plain
