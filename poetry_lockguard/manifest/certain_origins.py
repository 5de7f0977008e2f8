"""Recognizes PEP 508 requirements with an address (``name @ URL``) that Poetry surely reads.

Like ``certain``, whatever is not recognized is left to Poetry. It is a module of its own because
most manifests have no such requirement.
"""

from __future__ import annotations

import re

from poetry_lockguard.manifest import certain

_LONGEST = 1000
_NAME = r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?"
_DIRECT = re.compile(
    rf"(?P<name>{_NAME}) ?(?:\[ ?{_NAME}(?:, ?{_NAME})* ?\])? ?@ ?(?P<address>[^\s;\[\]]+)"
    r"(?: +; *(?P<marker>\S.*))?",
    re.ASCII,
)
_FILE = re.compile(
    r"https?://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::[0-9]{1,5})?/(?:[\w.~+-]+/)*(?P<file>[\w.~+-]+)",
    re.ASCII,
)
_WHEEL = re.compile(
    r"[A-Za-z0-9][\w.]*-[0-9]{1,9}(?:\.[0-9]{1,9}){1,9}(?:(?:a|b|rc)[0-9]{1,9})?"
    r"(?:\.post[0-9]{1,9})?(?:\.dev[0-9]{1,9})?(?:\+[a-z0-9]{1,40}(?:\.[a-z0-9]{1,40}){0,9})?"
    r"(?:-[\w.]+){3}\.whl",
    re.ASCII,
)
_REVISION = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)


def is_direct(text: str) -> bool:
    """Whether a requirement is certainly one on a file or a repository on a server."""
    match = _DIRECT.fullmatch(text) if len(text) < _LONGEST else None
    if match is None or certain.is_archive(match["name"]):
        return False
    if match["marker"] is not None and not certain.is_marker(match["marker"].rstrip(" ")):
        return False
    address = match["address"]
    return _is_repository(address[4:]) if address.startswith("git+") else _is_file(address)


def _is_file(address: str) -> bool:
    """Whether this is the URL of a file; Poetry reads name and version of a wheel's."""
    match = _FILE.fullmatch(address)
    if match is None:
        return False
    name = match["file"]
    return _WHEEL.fullmatch(name) is not None if "whl" in name.lower() else True


def _is_repository(address: str) -> bool:
    """Whether this is the URL of a repository, with or without a revision."""
    head, at, revision = address.rpartition("@")
    if at and "/" not in revision:
        return _REVISION.fullmatch(revision) is not None and _is_server(head)
    return _is_server(address)


def _is_server(address: str) -> bool:
    return "://" in address and "whl" not in address.lower() and certain.is_repository(address)
