"""Metadata comes out of a wheel's end as it went in, in as few requests as possible."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poetry_lockguard.index import wheel_metadata
from poetry_lockguard.index.failures import UnusableAnswer
from poetry_lockguard.index.wheel_metadata import (
    Piece,
    UnusualWheel,
    headers,
    metadata,
    must_be_small,
    piece,
)

if TYPE_CHECKING:
    from pathlib import Path

TEXT = b"Metadata-Version: 2.1\nName: matrix\nVersion: 1.0\n\nA long description\n\nwith gaps\n"


def archive(
    *names: str, padding: int = 0, comment: bytes = b"", method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """Build an archive with METADATA among these names."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as made:
        for name in names:
            made.writestr(name, TEXT if name.endswith("/METADATA") else b"\0" * padding)
        made.comment = comment
    return stream.getvalue()


class Server:
    """Hands out pieces, and counts."""

    def __init__(self, data: bytes, tail: int) -> None:
        self.data = data
        self.tail = Piece(max(0, len(data) - tail), len(data), data[-tail:])
        self.asked = 0

    def fetch(self, first: int, end: int) -> Piece:
        self.asked += 1
        return Piece(first, len(self.data), self.data[first:end])


CODE = ("matrix/__init__.py", "matrix/data.bin")
INFO = "matrix-1.0.dist-info/METADATA"


@pytest.mark.parametrize(
    ("data", "tail", "more"),
    [
        (archive(*CODE, INFO), 4096, 0),
        (archive(*CODE, INFO, method=zipfile.ZIP_STORED), 4096, 0),
        (archive(*CODE, INFO, comment=b"PK"), 4096, 0),
        (archive(INFO, *CODE, padding=90_000, method=zipfile.ZIP_STORED), 4096, 1),
        (archive(*(f"matrix/{n}.py" for n in range(900)), INFO), 4096, 1),
        (archive(INFO, *(f"m/{n}.py" for n in range(900)), padding=100, method=0), 4096, 2),
        (archive("matrix/vendored/x-1.dist-info/METADATA", INFO), 4096, 0),
    ],
    ids=["packed", "stored", "comment", "first", "many files", "first of many", "vendored"],
)
def test_metadata_is_found_with_few_requests(data: bytes, tail: int, more: int) -> None:
    server = Server(data, tail)

    assert metadata(server.tail, server.fetch) == TEXT
    assert server.asked == more


@pytest.mark.parametrize(
    "data",
    [b"", b"not an archive", archive(*CODE), archive(*CODE, INFO)[:-30], b"x" + archive(INFO)],
    ids=["empty", "text", "no metadata", "cut", "prefixed"],
)
def test_an_unusual_wheel_is_left_to_poetry(data: bytes) -> None:
    server = Server(data, 4096)

    with pytest.raises(UnusualWheel):
        metadata(server.tail, server.fetch)


@given(st.data())
def test_damage_is_never_taken_for_metadata(draw: st.DataObject) -> None:
    data = bytearray(archive(*CODE, INFO))
    for _ in range(draw.draw(st.integers(1, 3))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    server = Server(bytes(data), draw.draw(st.sampled_from([64, 4096])))

    with suppress(UnusualWheel):
        assert metadata(server.tail, server.fetch) == TEXT


@pytest.mark.parametrize(
    "header", ["", "bytes */9", "bytes 0-3/9", "bytes=0-4/9"], ids=["none", "star", "short", "odd"]
)
def test_an_answer_without_a_usable_range_is_unusual(header: str) -> None:
    with pytest.raises(UnusualWheel):
        piece(header, b"12345")


def test_the_description_is_not_parsed() -> None:
    assert headers(TEXT) == b"Metadata-Version: 2.1\nName: matrix\nVersion: 1.0\n\n"
    assert headers(TEXT.replace(b"\n", b"\r\n")).endswith(b"Version: 1.0\n\n")


def test_metadata_that_unpacks_to_gigabytes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wheel_metadata, "LARGEST", len(TEXT) - 1)
    data = archive(*CODE, INFO)
    server = Server(data, 4096)
    wheel = tmp_path / "matrix-1.0-py3-none-any.whl"
    wheel.write_bytes(data)

    with pytest.raises(UnusableAnswer, match="would unpack to"):
        metadata(server.tail, server.fetch)
    with pytest.raises(UnusableAnswer, match="would unpack to"):
        must_be_small(wheel)
