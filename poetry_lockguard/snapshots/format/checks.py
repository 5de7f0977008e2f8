"""Checks of single texts in a snapshot; each returns what is wrong, or None."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from poetry_lockguard.snapshots.format import file_facts
from poetry_lockguard.snapshots.format.sealing import DIGITS
from poetry_lockguard.urls import has_credentials

Check = Callable[[str], str | None]

# Merged snapshots repeat the same texts: each text is checked once.
_REMEMBERED = 1 << 16
_DIGITS = re.compile(r"[0-9a-f]+")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_PYTHON = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}(?![0-9!])")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/\s]\S*")
_SCP = re.compile(r"[\w.-]+@[\w.-]+:\S+")  # git's own form
_ABSOLUTE = re.compile(r"(?:^|@\s*)(?:(?:git\+)?file:/|[/\\]|[A-Za-z]:[/\\])")


@lru_cache(maxsize=_REMEMBERED)
def text(value: str) -> str | None:
    """Check any text: something printable, without credentials or paths of one machine."""
    if not value.strip():
        return "is empty"
    if not value.isprintable():
        return "contains a control character"
    if has_credentials(value):
        return "contains credentials; remove them and change them"
    if _ABSOLUTE.search(value):
        return "contains an absolute path"
    return None


def marker(value: str) -> str | None:
    """Check the value of a marker, which may be empty."""
    return "contains a control character" if value and not value.isprintable() else None


@lru_cache(maxsize=_REMEMBERED)
def name(value: str) -> str | None:
    """Check the name of a package: valid and normalised (PEP 503)."""
    if not _NAME.fullmatch(value):
        return "is not a package name"
    normal = canonicalize_name(value)
    return None if value == normal else f"is not normalised; it should be {normal}"


@lru_cache(maxsize=_REMEMBERED)
def version(value: str) -> str | None:
    """Check a version (PEP 440)."""
    try:
        Version(value)
    except ValueError:
        return "is not a version (PEP 440)"
    return None


def python(value: str) -> str | None:
    """Check the version of an interpreter, two or three numbers."""
    known = None if _PYTHON.match(value) else 'is not a version of Python, such as "3.11.7"'
    return version(value) or known


@lru_cache(maxsize=_REMEMBERED)
def requirement(value: str) -> str | None:
    """Check a requirement (PEP 508)."""
    try:
        Requirement(value)
    except ValueError:
        return text(value) or "is not a requirement (PEP 508)"
    return text(value)


@lru_cache(maxsize=_REMEMBERED)
def url(value: str) -> str | None:
    """Check an address: absolute, not of this machine's disk, without credentials."""
    if has_credentials(value):
        return "contains credentials; remove them and change them"
    if value.lower().startswith("file:"):
        return "contains an absolute path"
    return None if _URL.fullmatch(value) else "is not a URL"


@lru_cache(maxsize=_REMEMBERED)
def repository(value: str) -> str | None:
    """Check the address of a repository on a server: a URL, or what git reads as one."""
    flaw = url(value)
    is_scp = _SCP.fullmatch(value) is not None and not has_credentials(value)
    return None if is_scp else flaw


@lru_cache(maxsize=_REMEMBERED)
def file_name(value: str) -> str | None:
    """Check the name of a file without folder."""
    if value in {"", ".", ".."} or "/" in value or "\\" in value or not value.isprintable():
        return "is not a plain file name"
    return None


@lru_cache(maxsize=_REMEMBERED)
def digest(value: str) -> str | None:
    """Check ``algorithm:digest``."""
    algorithm, _, digits = value.partition(":")
    if algorithm not in DIGITS:
        return f"is not a hash; expected algorithm:digest with one of {', '.join(DIGITS)}"
    if len(digits) != DIGITS[algorithm] or not _DIGITS.fullmatch(digits):
        return f"is not a valid {algorithm} hash, which has {DIGITS[algorithm]} hexadecimal digits"
    return None


def moment(value: str) -> str | None:
    """Check a time: ISO 8601, with its time zone."""
    try:
        parsed = at(value)
    except ValueError:
        return "is not a time (ISO 8601)"
    return None if parsed.tzinfo else "has no time zone"


@lru_cache(maxsize=_REMEMBERED)
def upload_time(value: str) -> str | None:
    """Check the time of an upload: in UTC, and in its one form."""
    if file_facts.upload_time(value) == value:
        return None
    return "is not a time in UTC, such as 2026-01-01T00:00:00Z"


def at(value: str) -> datetime:
    """Return the time that a text gives; raise ValueError if it is invalid."""
    return datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", value))


def below(levels: int) -> Check:
    """Return a check for relative paths that lead at most ``levels`` folders up."""

    def check(value: str) -> str | None:
        parts = value.split("/")
        up = climb(value)
        if not value or "\\" in value or not value.isprintable():
            return "is not a relative path with /"
        if value.startswith("/") or re.match(r"[A-Za-z]:", value):
            return "is an absolute path"
        if {"", ".."} & {*parts[up:]} or ("." in parts and parts != ["."]):
            return "is not in its shortest form"
        return "leads out of the project" if up > levels else None

    return check


def climb(path: str) -> int:
    """Count how many folders a path leads up."""
    parts = path.split("/")
    return next((number for number, part in enumerate(parts) if part != ".."), len(parts))


def upward(value: str) -> str | None:
    """Check a path that leads up and nowhere else."""
    return None if {*value.split("/")} == {".."} else "is not a path such as ../.."


def is_relative(address: str) -> bool:
    """Return whether the address of a repository is a path beside the project."""
    return address.startswith((".", "..")) and "://" not in address
