"""Reads only the part of a lock that the freshness check needs, without parsing all of it.

A TOML parser written in Python takes longer for a lock than everything else in ``check``. The table
that matters is the last one. The rest only has to be *proved* readable, so that no lock is called
fresh that Poetry would refuse. The patterns of ``shape`` do that: they match exactly the text that
Poetry writes, and everything else is left to the parser.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from poetry_lockguard.lockfile.fast import shape
from poetry_lockguard.manifest import certain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from poetry_lockguard.lockfile.document import Lock

_METADATA = "\n\n[metadata]\n"
_PACKAGE = "\n\n[[package]]\n"
_EXTRAS = "\n\n[extras]\n"
_GENERATOR = r"Poetry ([^ ]{1,100})(?= |$)"


class LockHeader(NamedTuple):
    """What the freshness check needs from a lock; ``repeats``: a package has several pins."""

    generator: str | None
    lock_version: str
    content_hash: str | None
    repeats: bool = False


class Parts(NamedTuple):
    """The parts of a lock's text in Poetry's exact shape.

    Each package is without its header and its last line break, the tables are with theirs.
    """

    text: str
    lock_version: str
    content_hash: str
    packages: list[str]
    extras: str | None
    metadata: str

    def only(self, packages: Iterable[str]) -> bytes:
        """Return a lock with these of its packages, without extras."""
        listed = "".join(f"[[package]]\n{text}\n\n" for text in packages)
        return f"{listed}[metadata]\n{self.metadata}".encode()


def read_header(content: bytes) -> LockHeader | None:
    """Return what the freshness check needs, or None if only the parser can tell.

    If there is an answer here, ``parse`` reads the lock, too, with the same answer.
    """
    found = parts(content)
    if found is None:
        return None
    return LockHeader(
        generator=generator(found.text),
        lock_version=found.lock_version,
        content_hash=found.content_hash,
        repeats=_repeat(found.packages),
    )


def _repeat(packages: list[str]) -> bool:
    """Whether two packages have one name, which Poetry usually writes in its normal form."""
    names = {package.partition("\n")[0] for package in packages}
    text = "\n".join(names)
    if text != text.lower() or any(sign in text for sign in ("_", ".", "--")):
        from poetry_lockguard.names import normalized

        names = {*map(normalized, names)}
    return len(names) < len(packages)


@lru_cache(maxsize=2)  # a fix reads the old and the new lock several times
def parts(content: bytes) -> Parts | None:
    """Split a lock that is written exactly as Poetry writes it; return None for any other."""
    try:
        text = content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return None
    head, found, tail = text.rpartition(_METADATA)
    metadata = shape.metadata().fullmatch(tail)
    if not found or metadata is None or not shape.is_clean(text):
        return None

    lock_version, content_hash = metadata.group("lock_version", "content_hash")
    head, found, extras = head.rpartition(_EXTRAS) if _EXTRAS in head else (head, "", "")
    if found and not _are_extras(extras + "\n"):
        return None
    first, *packages = head.split(_PACKAGE)
    if not (_is_header(first + "\n", packages) and _are_packages(packages, lock_version)):
        return None
    return Parts(text, lock_version, content_hash, packages, f"{extras}\n" if found else None, tail)


def _are_extras(table: str) -> bool:
    return shape.extras().fullmatch(table) is not None and not shape.repeats_a_key(table)


def _is_header(text: str, packages: list[str]) -> bool:
    header = shape.header().fullmatch(text)
    return header is not None and (header["empty"] is None) == bool(packages)


def _are_packages(packages: list[str], lock_version: str) -> bool:
    """Whether what follows each ``[[package]]`` is exactly as Poetry writes it."""
    is_package = shape.package(lock_version).fullmatch
    versions: set[str] = set()
    constraints: set[str] = set()
    by_group: list[str] = []
    extras: list[str] = []
    for package in packages:
        match = is_package(package + "\n")
        if match is None or shape.has_key_twice(match):
            return False
        versions.add(match["version"])
        constraints.update(shape.constraints(match))
        by_group += filter(None, [match["markers"]])
        extras += shape.lists(match["extras"])
    text = "\n".join(packages)
    return (
        all(map(certain.version().fullmatch, versions))
        and all(map(certain.constraint().fullmatch, constraints))
        and all(map(certain.is_marker, shape.markers(text, by_group)))
        and all(map(shape.is_requirement, shape.requirements(extras)))
        and shape.are_addresses(text)
    )


def header_of(lock: Lock) -> LockHeader:
    """Return the header of a parsed lock."""
    return LockHeader(
        generator=lock.generator,
        lock_version=lock.lock_version,
        content_hash=lock.content_hash,
        repeats=len({pin.name for pin in lock.pins}) < len(lock.pins),
    )


def generator(text: str) -> str | None:
    """Return the Poetry version that the first line names, or None.

    Some releases of Poetry 1 wrote no version: "generated by Poetry and should not …".
    """
    match = re.search(_GENERATOR, text.partition("\n")[0].rstrip("\r"))
    named = match.group(1) if match else ""
    return named if named.removeprefix("v")[:1].isdigit() else None
