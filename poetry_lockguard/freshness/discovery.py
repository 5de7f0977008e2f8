"""Finds the manifests that a command line names."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from poetry_lockguard import files
from poetry_lockguard.errors import ManifestError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MANIFEST = "pyproject.toml"
_SKIPPED = {"node_modules", "site-packages", "__pycache__"}
_MOST_FOLDERS = 5_000  # to look into for a message
_FILES = {MANIFEST, "poetry.lock"}


def find(paths: Iterable[Path], start: Path, *, recursive: bool = False) -> Iterator[Path]:
    """Yield the manifest of each project that ``paths`` name, each once, in that order.

    A path is a project's folder, its manifest or its lock. Without paths, the project is the one
    in ``start`` or in the nearest folder above it that has a manifest, as in Poetry.
    ``recursive`` also yields every project below. Raises UsageError or ManifestError for a path
    that cannot be a project.
    """
    folders = [_folder(path) for path in paths]
    seen: set[Path] = set()
    for manifest in _candidates(folders, start, recursive=recursive):
        real = manifest.resolve()
        if real not in seen:
            seen.add(real)
            yield manifest


def _candidates(folders: list[Path], start: Path, *, recursive: bool) -> Iterator[Path]:
    if recursive:
        for folder in folders or [start]:
            yield from _below(folder)
    elif folders:
        yield from (folder / MANIFEST for folder in folders)
    else:
        yield _nearest(start)


def _nearest(start: Path) -> Path:
    """Return what ``locate`` finds; without a manifest, the error counts the projects below."""
    try:
        return locate(start)
    except ManifestError as error:
        count = _count_below(start)
        if not count:
            raise
        lie, them = ("project lies", "it") if count == 1 else ("projects lie", "all of them")
        raise ManifestError(
            f"{start.absolute() / MANIFEST}: no such file, nor in any parent folder,"
            f" but {count} Poetry {lie} below; add -r for {them} (check, fix), or name one with -C"
        ) from error


def locate(start: Path) -> Path:
    """Return the manifest in ``start`` or the nearest folder above, as Poetry finds it.

    Raises ManifestError if there is no manifest.
    """
    for folder in (start, *start.absolute().parents):
        if (folder / MANIFEST).exists():
            return folder / MANIFEST
    raise ManifestError(
        f"{start.absolute() / MANIFEST}: no such file, nor in any parent folder;"
        " run this in a Poetry project's folder"
    )


def _folder(path: Path) -> Path:
    if path.is_dir():
        return path
    if not path.exists():
        raise UsageError(f"{path}: no such file or folder; name a project's folder")
    if path.name not in _FILES:
        raise UsageError(
            f"{path}: not a folder, a pyproject.toml or a poetry.lock; name a project's folder"
        )
    return path.parent


def _below(folder: Path) -> Iterator[Path]:
    for place, names in _walk(folder):
        if MANIFEST in names:
            yield Path(place, MANIFEST)


def _walk(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Walk in a fixed order without following links, and skip folders of tools and packages."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_skipped(place, name))
        yield place, names


def _count_below(folder: Path) -> int:
    """Count the Poetry projects in the first folders below, for a message."""
    return sum(
        MANIFEST in names and _is_poetrys(Path(place), names)
        for place, names in islice(_walk(folder), _MOST_FOLDERS)
    )


def _is_poetrys(folder: Path, names: list[str]) -> bool:
    try:
        content = b"" if "poetry.lock" in names else files.read(folder / MANIFEST, files.MANIFEST)
    except OSError:
        return False
    return "poetry.lock" in names or b"poetry" in content


def _is_skipped(place: str, name: str) -> bool:
    if name.startswith(".") or name in _SKIPPED:
        return True
    return Path(place, name, "pyvenv.cfg").exists()
