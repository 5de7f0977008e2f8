"""Checks whether downloaded bytes are the requested file."""

from __future__ import annotations

import tarfile
import zipfile
from typing import TYPE_CHECKING

from poetry_lockguard.poetry_api.imports.utilities import (
    get_file_hash,
    get_highest_priority_hash_type,
)

if TYPE_CHECKING:
    from pathlib import Path

    from poetry.core.packages.utils.link import Link


def hashes(link: Link) -> set[str]:
    """Return the hashes that an index page gives for a file, as the lock writes them."""
    return {f"{name}:{digest}" for name, digest in link.hashes.items()}


def has_any(path: Path, known: set[str]) -> bool:
    """Return whether a file has one of these hashes; True if there are none to compare with."""
    kinds = {one.partition(":")[0] for one in known}
    best = get_highest_priority_hash_type(kinds, path.name)
    return best is None or f"{best}:{get_file_hash(path, best)}" in known


def is_archive(path: Path) -> bool:
    """Return whether a file is a wheel or source archive, and not an HTML page, for example."""
    return zipfile.is_zipfile(path) or tarfile.is_tarfile(path)
