"""Whether a file on disk has the bytes that a hash was made of."""

from __future__ import annotations

import errno
import hashlib
import os
from typing import TYPE_CHECKING

from poetry_lockguard.files import opened

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
    with opened(path) as file:
        remaining = os.fstat(file.fileno()).st_size
        while block := file.read(1 << 20):
            remaining -= len(block)
            if remaining < 0:  # no file on a disk: what the system makes up may never end
                raise OSError(errno.EFBIG, "larger than it says", str(path))
            found.update(block)
    return not found.digest_size or found.hexdigest() == digest.lower()
