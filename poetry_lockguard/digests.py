"""Checks whether the content of a file on disk has an expected hash."""

from __future__ import annotations

import errno
import hashlib
import os
from typing import TYPE_CHECKING

from poetry_lockguard.files import opened

if TYPE_CHECKING:
    from pathlib import Path


def has_hash(path: Path, expected: str) -> bool:
    """Whether a file has the hash ``algorithm:digest``. Raises OSError if it cannot be read.

    Hashes of unknown algorithms or without a fixed size pass: other checks report them.
    """
    algorithm, _, digest = expected.partition(":")
    if algorithm not in hashlib.algorithms_available:
        return True
    found = hashlib.new(algorithm, usedforsecurity=False)
    with opened(path) as file:
        remaining = os.fstat(file.fileno()).st_size
        while block := file.read(1 << 20):
            remaining -= len(block)
            if remaining < 0:  # a virtual file, which may never end
                raise OSError(errno.EFBIG, "larger than its reported size", str(path))
            found.update(block)
    return not found.digest_size or found.hexdigest() == digest.lower()
