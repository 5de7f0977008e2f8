"""Addresses and paths of direct sources, as installers read them."""

from __future__ import annotations

import posixpath
import re

_SCP = re.compile(r"([\w.-]+@[\w.-]+):(?!//)(.+)")


def from_here(path: str, root: str) -> str:
    """Lead from the exported file's folder to a path of the snapshot, with ``/``."""
    return posixpath.normpath(posixpath.join(root, path))


def dotted(path: str) -> str:
    """Begin a path with ``./`` unless it leads up, so that nobody takes it for a name."""
    return path if path.startswith("..") else f"./{path.removeprefix('./')}"


def repository(url: str) -> str:
    """Spell the address of a repository as a URL: git's own ``user@host:path`` is none."""
    match = _SCP.fullmatch(url)
    return f"ssh://{match[1]}/{match[2].lstrip('/')}" if match else url


def has_scheme(url: str) -> bool:
    """Tell a URL from a path."""
    return "://" in url


def without_user(url: str) -> str:
    """Take the user and password, if any, out of an http address."""
    return re.sub(r"(?<=^http://)[^/?#@]*@|(?<=^https://)[^/?#@]*@", "", url)
