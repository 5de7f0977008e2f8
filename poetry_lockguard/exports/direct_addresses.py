"""Paths of local sources, as installers read them."""

from __future__ import annotations

import posixpath


def from_here(path: str, root: str) -> str:
    """Return the path from the exported file's folder to a path of the snapshot, with ``/``."""
    return posixpath.normpath(posixpath.join(root, path))


def dotted(path: str) -> str:
    """Begin a path with ``./`` unless it leads up, so that it is not read as a name."""
    return path if path.startswith("..") else f"./{path.removeprefix('./')}"
