"""The seal of a derived file shows whether it was edited by hand.

Text files have a comment with the hash of all other lines, a CycloneDX file has a serial number
that is derived from its content. A file without a seal was made by another program.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER = "# Made from poetry.lock by `poetry lockguard export`. Do not edit."
_SEAL = re.compile(r"^# sha256: ([0-9a-f]{64})\n", re.MULTILINE)
_SERIAL = re.compile(r'"serialNumber": "urn:uuid:([0-9a-f-]{36})"')
_SEALED = re.compile(rf"{_SEAL.pattern}|{_SERIAL.pattern}", re.MULTILINE)
_MARK = re.compile(r"^([<|=>])\1{6,}(?: .*)?$", re.MULTILINE)
NO_SERIAL = uuid.UUID(int=0)


def sealed(text: str) -> str:
    """Return a text with a header, and the seal in its second line."""
    body = f"{HEADER}\n{text}"
    return f"{HEADER}\n# sha256: {_digest(body)}\n{text}"


def serial(text: str) -> uuid.UUID:
    """Return the serial number of a CycloneDX document that has NO_SERIAL."""
    return uuid.uuid5(uuid.NAMESPACE_URL, text)


def is_as_made(text: str) -> bool:
    """Whether a file has a seal, and its content is what was sealed."""
    plain = text.replace("\r\n", "\n")
    if match := _SEAL.search(plain):
        return _digest(plain.replace(match[0], "", 1)) == match[1]
    if match := _SERIAL.search(plain):
        bare = plain.replace(match[1], str(NO_SERIAL), 1)
        return str(serial(bare.removesuffix("\n"))) == match[1]
    return False


def is_unmerged(text: str) -> bool:
    """Whether git left its conflict markers in a file that was made here, where it is sealed."""
    sides = _sides(text.replace("\r\n", "\n"))
    return sides is not None and all(map(_SEALED.search, sides))


def _sides(text: str) -> tuple[str, str] | None:
    """Return both sides of the first conflict, without their common base, or None."""
    marks = _MARK.finditer(text)
    ours, ends = _next(marks, "<"), _next(marks, "|=")
    middle = ends if ends is None or ends[1] == "=" else _next(marks, "=")
    last = _next(marks, ">")
    if ours is None or ends is None or middle is None or last is None:
        return None
    return text[ours.end() : ends.start()], text[middle.end() : last.start()]


def _next(marks: Iterator[re.Match[str]], wanted: str) -> re.Match[str] | None:
    return next((mark for mark in marks if mark[1] in wanted), None)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
