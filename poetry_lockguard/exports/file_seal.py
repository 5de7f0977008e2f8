"""The seal of a derived file shows whether it was edited by hand.

Text files have a comment with the hash of all other lines, a CycloneDX file has a serial number
that is derived from its content. A file without a seal was made by another program.
"""

from __future__ import annotations

import hashlib
import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER = "# Made from poetry.lock by `poetry lockguard export`. Do not edit."
# Compiled on first use: a check needs none of them for files that are in step.
_SEAL = r"^# sha256: ([0-9a-f]{64})\n"
_SERIAL = r'"serialNumber": "urn:uuid:([0-9a-f-]{36})"'
_MARK = r"^([<|=>])\1{6,}(?: .*)?$"
NO_SERIAL = "00000000-0000-0000-0000-000000000000"
_URLS = "6ba7b8119dad11d180b400c04fd430c8"  #: the namespace, as in ``uuid.NAMESPACE_URL``


def sealed(text: str) -> str:
    """Return a text with a header, and the seal in its second line."""
    body = f"{HEADER}\n{text}"
    return f"{HEADER}\n# sha256: {_digest(body)}\n{text}"


def unsealed(text: str) -> str:
    """Return what was sealed with a header, without the two lines."""
    return text.split("\n", 2)[-1]


def serial(text: str) -> str:
    """Return the serial number of a CycloneDX document that has NO_SERIAL.

    It is the UUID of version 5 of the text, in the namespace of URLs (RFC 9562).
    """
    content = bytes.fromhex(_URLS) + text.encode()
    found = bytearray(hashlib.sha1(content, usedforsecurity=False).digest()[:16])
    found[6] = found[6] & 0x0F | 0x50
    found[8] = found[8] & 0x3F | 0x80
    return "-".join(found[a:b].hex() for a, b in pairwise((0, 4, 6, 8, 10, 16)))


def with_line_feeds(text: str) -> str:
    """Return a text whose lines end as in a file that was just made."""
    return text.replace("\r\n", "\n") if "\r" in text else text


def is_as_made(text: str) -> bool:
    """Whether a file has a seal, and its content is what was sealed."""
    plain = with_line_feeds(text)
    if match := re.search(_SEAL, plain, re.MULTILINE):
        return _digest(plain.replace(match[0], "", 1)) == match[1]
    return without_serial(plain) is not None


def without_serial(text: str) -> str | None:
    """Return a CycloneDX document with NO_SERIAL, or None if its serial number is not its own."""
    if match := re.search(_SERIAL, text):
        bare = text.replace(match[1], NO_SERIAL, 1)
        if serial(bare.removesuffix("\n")) == match[1]:
            return bare
    return None


def is_unmerged(text: str) -> bool:
    """Whether git left its conflict markers in a file that was made here, where it is sealed."""
    sides = _sides(with_line_feeds(text))
    return sides is not None and all(map(_has_seal, sides))


def _sides(text: str) -> tuple[str, str] | None:
    """Return both sides of the first conflict, without their common base, or None."""
    marks = re.finditer(_MARK, text, re.MULTILINE)
    ours, ends = _next(marks, "<"), _next(marks, "|=")
    middle = ends if ends is None or ends[1] == "=" else _next(marks, "=")
    last = _next(marks, ">")
    if ours is None or ends is None or middle is None or last is None:
        return None
    return text[ours.end() : ends.start()], text[middle.end() : last.start()]


def _next(marks: Iterator[re.Match[str]], wanted: str) -> re.Match[str] | None:
    return next((mark for mark in marks if mark[1] in wanted), None)


def _has_seal(text: str) -> bool:
    return any(re.search(pattern, text, re.MULTILINE) for pattern in (_SEAL, _SERIAL))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
