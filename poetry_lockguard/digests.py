"""Whether a file on disk has the bytes that a hash was made of."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def has_hash(path: Path, expected: str) -> bool:
    """Compare with ``algorithm:digest``; OSError for a file that cannot be read.

    A hash of an algorithm that nobody here knows, or of no fixed size, is another problem's matter.
    """
    algorithm, _, digest = expected.partition(":")
    if algorithm not in hashlib.algorithms_available:
        return True
    found = hashlib.new(algorithm, usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            found.update(block)
    return not found.digest_size or found.hexdigest() == digest.lower()
