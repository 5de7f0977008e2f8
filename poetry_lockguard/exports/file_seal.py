"""The seal of a derived file shows whether it was edited by hand.

Text files have a comment with the hash of all other lines, a CycloneDX file has a serial number
that is derived from its content. A file without a seal was made by another program.
"""

from __future__ import annotations

import hashlib
import re
import uuid

HEADER = "# Made from poetry.lock by `poetry lockguard export`. Do not edit."
_SEAL = re.compile(r"^# sha256: ([0-9a-f]{64})\n", re.MULTILINE)
_SERIAL = re.compile(r'"serialNumber": "urn:uuid:([0-9a-f-]{36})"')
_SEALED = re.compile(rf"{_SEAL.pattern}|{_SERIAL.pattern}", re.MULTILINE)
_CONFLICT = re.compile(
    r"^<{7,}(?: .*)?\n((?:.*\n)*?)(?:\|{7,}(?: .*)?\n(?:.*\n)*?)?={7,}\n((?:.*\n)*?)>{7,}",
    re.MULTILINE,
)
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
    found = _CONFLICT.search(text.replace("\r\n", "\n"))
    return found is not None and all(_SEALED.search(side) for side in found.groups())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
