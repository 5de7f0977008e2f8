"""Reads a wheel's metadata in one range request.

Poetry's lazy wheel needs three requests (the archive's end, its directory, the metadata) and keeps
the file on disk. The end of a wheel usually contains all of it: directory last, ``.dist-info`` just
before (as the wheel specification recommends). If not, one more request fetches the missing part.
Anything unusual is left to Poetry's own method.
"""

from __future__ import annotations

import io
import lzma
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from poetry_lockguard.index.failures import UnusableAnswer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LARGEST = 16 << 20  #: bytes of a METADATA file that are unpacked; real ones have kilobytes
TAIL = 48 * 1024
_SLACK = 24 * 1024  # how far before the directory metadata is likely to lie
_LOCAL_HEADER = 30  # bytes, without the name and the extra field
_EXTRA = 1024  # the local header's extra field may be longer than the directory's
_METADATA = re.compile(r"[^/]*\.dist-info/METADATA")
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
# what zipfile raises for archives that are damaged, encrypted or of another kind
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
)


class UnusualWheel(Exception):  # noqa: N818 - not a failure: Poetry's own method is used
    """This archive, or this server, needs Poetry's own method."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of a file from ``start``; ``size`` is the whole file's."""

    start: int
    size: int
    data: bytes

    def holds(self, first: int, end: int) -> bool:
        """Return whether the piece contains the bytes from ``first`` up to ``end``."""
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

    ``fetch`` returns the bytes between two offsets. Raises UnusualWheel.
    """
    try:
        return _metadata(_Window(tail, fetch))
    except _UNREADABLE as error:
        raise UnusualWheel(f"an archive that zipfile cannot read: {error}") from None


def _metadata(window: _Window) -> bytes:
    with zipfile.ZipFile(window) as archive:
        infos = archive.infolist()
        found = next((info for info in infos if _METADATA.fullmatch(info.filename)), None)
        _must_be_small(infos)
        if found is None or min(info.header_offset for info in infos) != 0:
            raise UnusualWheel("no METADATA, or something before the archive")
        window.need(found.header_offset, min(_end(found), window.size))
        return archive.read(found)


def must_be_small(path: Path) -> None:
    """Raise UnusableAnswer if the METADATA of a whole wheel unpacks to far too much.

    A few megabytes can unpack to gigabytes, in the memory of whoever reads them.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except _UNREADABLE:
        return  # which whoever reads it will find, too
    _must_be_small(infos)


def _must_be_small(infos: list[zipfile.ZipInfo]) -> None:
    for info in infos:
        if _METADATA.fullmatch(info.filename) and info.file_size > LARGEST:
            raise UnusableAnswer(
                f"{info.filename} of a wheel would unpack to {info.file_size >> 20} MB; find out"
                " why before you trust that release"
            )


def _end(info: zipfile.ZipInfo) -> int:
    """Return the latest offset at which an entry can end."""
    name = info.orig_filename.encode()
    return info.header_offset + _LOCAL_HEADER + len(name) + _EXTRA + info.compress_size


class _Window(io.RawIOBase):
    """A file of which one piece is loaded; another one is fetched to read elsewhere."""

    def __init__(self, piece: Piece, fetch: Callable[[int, int], Piece]) -> None:
        super().__init__()
        self.size = piece.size
        self._piece = piece
        self._fetch = fetch
        self._at = 0
        self._more = 2  # pieces that may be fetched

    def seekable(self) -> bool:
        """Return True; zipfile requires it."""
        return True

    def tell(self) -> int:
        """Return the offset of the next read."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to an offset; OSError before the beginning, as for any file."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise OSError("before the beginning of the file")
        self._at = base + offset
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        """Return the bytes that follow; fetch missing ones, and some before them.

        What zipfile reads far from the end is the directory, and METADATA is likely to lie before
        it.
        """
        end = self.size if size < 0 else min(self._at + size, self.size)
        if end <= self._at:
            return b""
        if not self._piece.holds(self._at, end):
            self.need(max(0, self._at - _SLACK), self.size)
        data = self._piece.cut(self._at, end)
        self._at = end
        return data

    def need(self, first: int, end: int) -> None:
        """Load the bytes from ``first`` up to ``end``, in at most one request."""
        if self._piece.holds(first, end):
            return
        if self._more == 0:
            raise UnusualWheel("an archive that takes too many requests")
        self._more -= 1
        self._piece = self._fetch(first, end)
        if not self._piece.holds(first, end):
            raise UnusualWheel("less than was asked for")
