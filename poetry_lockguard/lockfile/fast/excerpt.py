"""Cuts out of a lock the little that concerns path dependencies, so that only that is parsed."""

from __future__ import annotations

import re

_PACKAGE = "[[package]]\n"
_TAIL = re.compile(r"^\[(?:extras|metadata)\]$", re.MULTILINE)
_FOLDER = re.compile(rb"""type\s*=\s*["']directory["']""")
_IS_FOLDER = '\ntype = "directory"\n'
_HAS_EXTRAS = "\n[package.extras]\n"
_NAME = re.compile(r'^name = "([^"\n]+)"$', re.MULTILINE)


def holds_folders(content: bytes) -> bool:
    """Return whether a lock seems to hold path dependencies that are folders."""
    return _FOLDER.search(content) is not None


def of_folders(content: bytes) -> bytes:
    """Return the lock with only those pins that are folders, or may ask a folder for extras.

    A lock that is not laid out as Poetry does it is given as it is.
    """
    text = content.decode("utf-8", "replace").replace("\r\n", "\n")
    tail = _TAIL.search(text)
    if tail is None:
        return content
    head, *packages = text[: tail.start()].split(_PACKAGE)
    kept = [one for one in packages if _IS_FOLDER in one]
    if len(kept) != len(_FOLDER.findall(content)):
        return content
    if any(_HAS_EXTRAS in one for one in kept):
        names = [name[1] for one in kept if (name := _NAME.search(one))]
        needs = re.compile(rf"^(?:{'|'.join(map(_spelt, names))}) = ", re.MULTILINE | re.IGNORECASE)
        kept = [one for one in packages if _IS_FOLDER in one or needs.search(one)]
    return "".join([head, *(_PACKAGE + one for one in kept), text[tail.start() :]]).encode()


def _spelt(name: str) -> str:
    """Return a pattern for a normalized name, however it is spelt."""
    return re.escape(name).replace(r"\-", "[-_.]+")
