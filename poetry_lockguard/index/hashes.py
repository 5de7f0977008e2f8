"""Whether the bytes that came are the file that was asked for."""

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
    """Return the hashes that an index's page tells of a file, as the lock writes them."""
    return {f"{name}:{digest}" for name, digest in link.hashes.items()}


def has_any(path: Path, known: set[str]) -> bool:
    """Return whether a file has one of these hashes; any file does where there are none."""
    kinds = {one.partition(":")[0] for one in known}
    best = get_highest_priority_hash_type(kinds, path.name)
    return best is None or f"{best}:{get_file_hash(path, best)}" in known


def is_archive(path: Path) -> bool:
    """Return whether a file is a wheel or source archive at all, and not a page for people, say."""
    return zipfile.is_zipfile(path) or tarfile.is_tarfile(path)
