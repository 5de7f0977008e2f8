"""The canonical forms of a snapshot's JSON: the one that is sealed and the one that is written."""

from __future__ import annotations

import hashlib
import json
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

UNSEALED = frozenset({"generated", "generator", "sha256"})


class Seal(str, Enum):
    """The state of a file's seal."""

    OK = "ok"
    MISSING = "missing"
    WRONG = "wrong"


def seal(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of everything except the seal, and when and by what it was made."""
    sealed = {key: value for key, value in document.items() if key not in UNSEALED}
    compact = json.dumps(sealed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(compact.encode()).hexdigest()


def state(document: Mapping[str, Any]) -> Seal:
    """Compare the seal that a document carries with the correct one.

    Raises UnicodeEncodeError for a document that cannot be encoded.
    """
    right = seal(document)
    match document.get("sha256"):
        case None:
            return Seal.MISSING
        case carried:
            return Seal.OK if carried == right else Seal.WRONG


def written(document: Mapping[str, Any]) -> bytes:
    """Return the bytes of the file."""
    text = json.dumps(document, sort_keys=True, indent=2, ensure_ascii=False)
    return f"{text}\n".encode()
