"""Extracts the part of a lock that concerns path dependencies, so that only that is parsed."""

from __future__ import annotations

import re

from poetry_lockguard.names import spellings

_PACKAGE = "[[package]]\n"
_TAIL = re.compile(r"^\[(?:extras|metadata)\]$", re.MULTILINE)
_FOLDER = re.compile(rb"""type\s*=\s*["']directory["']""")
_IS_FOLDER = '\ntype = "directory"\n'
_HAS_EXTRAS = "\n[package.extras]\n"
_NAME = re.compile(r'^name = "([^"\n]+)"$', re.MULTILINE)


def holds_folders(content: bytes) -> bool:
    """Whether a lock seems to contain path dependencies that are folders."""
    return _FOLDER.search(content) is not None


def of_folders(content: bytes) -> bytes:
    """Return the lock with only the pins that are folders, or may request extras of a folder.

    A lock without Poetry's layout is returned unchanged.
    """
    text = content.decode("utf-8", "replace").replace("\r\n", "\n")
    tail = _TAIL.search(text)
    if tail is None:
        return content
    head, *packages = text[: tail.start()].split(_PACKAGE)
    kept = [package for package in packages if _IS_FOLDER in package]
    if len(kept) != len(_FOLDER.findall(content)):
        return content
    if any(_HAS_EXTRAS in package for package in kept):
        names = [name[1] for package in kept if (name := _NAME.search(package))]
        needs = re.compile(
            rf"^(?:{'|'.join(map(spellings, names))}) = ", re.MULTILINE | re.IGNORECASE
        )
        kept = [text for text in packages if _IS_FOLDER in text or needs.search(text)]
    return "".join([head, *(_PACKAGE + package for package in kept), text[tail.start() :]]).encode()
