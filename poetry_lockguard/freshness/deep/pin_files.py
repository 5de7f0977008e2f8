"""Whether a pin's files belong to it: names, versions, hashes, and the content of local files."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from poetry_lockguard.digests import has_hash
from poetry_lockguard.lockfile.damage import NEXT_STEP
from poetry_lockguard.outcomes import Problem, Severity
from poetry_lockguard.plurals import counted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from poetry_lockguard.freshness.project_state import ProjectState
    from poetry_lockguard.lockfile.document import File, Pin

_ARCHIVE = re.compile(r"(?P<stem>.+)\.(?:tar\.(?:gz|bz2|xz|Z|lzma)|tgz|tbz|tbz2|txz|tar|zip)$")
_WITHOUT_FILES = ("git", "directory", "url")
_NAME = re.compile(r"(?!\.{0,2}\Z)[^/\\:\x00]+")
_HEX = re.compile(r"[0-9a-f]+", re.IGNORECASE)


def problems(state: ProjectState) -> Iterator[Problem]:
    """Yield ``version-files``, ``file-hash`` and ``local-file``: errors that break an install.

    A hash that was replaced by another valid one cannot be recognized without the file itself.
    """
    for pin in state.lock.pins:
        yield from _foreign(state, pin)
        yield from _hashes(pin)
        if pin.source is not None and pin.source.kind == "file":
            yield from _local(pin, state.manifest.folder / pin.source.url)


def _foreign(state: ProjectState, pin: Pin) -> Iterator[Problem]:
    """Compare a pin with the names of its files.

    Formats before 2.0 list the files of all versions of a package in one place: there, each file
    has to belong to one of the versions, and each version needs at least one file.
    """
    if pin.files and all(_is_plainly_of(pin, file.name) for file in pin.files):
        return
    paths = [file.name for file in pin.files if not _NAME.fullmatch(file.name)]
    if paths:
        yield _no_name(pin, paths[0])
        return
    together = (state.lock.lock_version or "").startswith("1.")
    siblings = [locked.pin for locked in state.pins[pin.name]] if together else [pin]
    identities = {file.name: _identity(unquote(file.name), pin.name) for file in pin.files}
    named = {name: identity for name, identity in identities.items() if identity is not None}
    foreign = [
        name
        for name, identity in named.items()
        if not any(_is_of(other, identity) for other in siblings)
    ]
    if named and not any(_is_of(pin, identity) for identity in named.values()):
        foreign = [*named]
    if foreign:
        more = len(foreign) - 1
        belong = f" and {more} more belong" if more else " belongs"
        yield Problem(
            code="version-files",
            message=(
                f"{pin.name}: locked at {pin.version}, but its file {foreign[0]}{belong}"
                " to another package or version; the lock was edited"
            ),
            package=pin.name,
            locked=pin.version,
            line=pin.line,
        ).with_next_step(NEXT_STEP)


def _no_name(pin: Pin, path: str) -> Problem:
    """Return the problem of a file whose name leads elsewhere: Poetry lists bare names."""
    return Problem(
        code="version-files",
        message=(
            f"{pin.name}: locked at {pin.version}, but {path!r} is not the name of a file; the lock"
            " was edited"
        ),
        package=pin.name,
        locked=pin.version,
        line=pin.line,
    ).with_next_step(NEXT_STEP)


def _is_plainly_of(pin: Pin, filename: str) -> bool:
    """Whether a file's name starts exactly like its pin; most do, and this test is fast."""
    stem = f"{pin.name.replace('-', '_')}-{pin.version}"
    is_wheel = filename.endswith(".whl") and filename.startswith(f"{stem}-")
    is_wheel = is_wheel and "/" not in filename and "\\" not in filename
    return is_wheel or filename == f"{stem}.tar.gz"


def own_files(pin: Pin) -> tuple[File, ...]:
    """Return the files of a pin without those of other versions (formats before 2.0)."""
    identities = ((file, _identity(unquote(file.name), pin.name)) for file in pin.files)
    return tuple(file for file, known in identities if known is None or _is_of(pin, known))


def _is_of(pin: Pin, identity: tuple[str, Version]) -> bool:
    name, version = identity
    try:
        locked = Version(pin.version)
    except ValueError:
        return True  # nothing to compare with
    return name == pin.name and version in (locked, Version(locked.public))


def _identity(filename: str, expected: str) -> tuple[str, Version] | None:
    """Return name and version from a file's name, if they are unambiguous."""
    try:
        if filename.endswith(".whl"):
            name, version, _, _ = parse_wheel_filename(filename)
            return str(name), version
    except InvalidWheelFilename:
        return None
    match = _ARCHIVE.match(filename)
    if match is None:
        return None
    return _after(match["stem"], expected) or _of_sdist(filename)


def _after(stem: str, expected: str) -> tuple[str, Version] | None:
    """Split ``expected`` off the front of an sdist's name; old versions contain dashes."""
    pieces = re.split(r"[-_.]+", stem)
    width = len(expected.split("-"))
    if canonicalize_name("-".join(pieces[:width])) != expected:
        return None
    rest = re.match(rf"(?:[^-_.]+[-_.]+){{{width}}}", stem)
    try:
        return expected, Version(stem[rest.end() :]) if rest else Version("")
    except ValueError:
        return None


def _of_sdist(filename: str) -> tuple[str, Version] | None:
    try:
        name, version = parse_sdist_filename(filename)
    except InvalidSdistFilename:
        return None
    return str(name), version


def _hashes(pin: Pin) -> Iterator[Problem]:
    """Yield pins without valid hashes: Poetry installs their files unverified.

    PyPI has a hash for every file, so a pin of PyPI without hashes is an error. Other indexes may
    not provide hashes.
    """
    kind = pin.source.kind if pin.source is not None else None
    if not pin.files and kind not in _WITHOUT_FILES:
        severity = Severity.ERROR if kind is None else Severity.WARNING
        yield _hash_problem(pin, "has no files, so its installation is not verified", severity)
    for file in pin.files:
        reason = _malformed(file)
        if reason:
            yield _hash_problem(pin, f"{file.name}: {reason}", Severity.ERROR)


def _malformed(file: File) -> str | None:
    algorithm, colon, digest = file.hash.partition(":")
    if not colon:
        return f"hash {file.hash!r} is not algorithm:digest"
    if algorithm not in hashlib.algorithms_available:
        return f"hash algorithm {algorithm!r} is unknown"
    length = _digits(algorithm)
    if not _HEX.fullmatch(digest):
        return f"hash {file.hash!r} is not hexadecimal"
    if length and len(digest) != length:
        return f"{algorithm} hash has {counted(len(digest), 'digit')} instead of {length}"
    return None


@cache
def _digits(algorithm: str) -> int:
    """Return the number of hexadecimal digits of a digest; 0 if it varies."""
    return hashlib.new(algorithm, usedforsecurity=False).digest_size * 2


def _hash_problem(pin: Pin, reason: str, severity: Severity) -> Problem:
    return Problem(
        code="file-hash",
        severity=severity,
        message=f"{pin.name}: locked at {pin.version}, {reason}",
        package=pin.name,
        locked=pin.version,
        line=pin.line,
    ).with_next_step(NEXT_STEP)


def _local(pin: Pin, path: Path) -> Iterator[Problem]:
    try:
        path.stat()
        differing = [file.hash for file in pin.files if not has_hash(path, file.hash)]
    except OSError as error:
        reason = f"cannot be read ({error.strerror}); restore it or remove the requirement"
    else:
        if not differing:
            return
        reason = "has changed since it was locked; restore it, or run `poetry lockguard fix`"
    yield Problem(
        code="local-file",
        message=f"{pin.source.url if pin.source else path} {reason}",
        package=pin.name,
        locked=pin.version,
        line=pin.line,
    ).about(pin.name)
