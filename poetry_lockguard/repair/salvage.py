"""Recovers pins from a damaged lock, so that a repair does not move them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from poetry_lockguard import toml
from poetry_lockguard.plurals import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_OURS, _BASE, _THEIRS, _END = "<<<<<<<", "|||||||", "=======", ">>>>>>>"
_BLOCK = re.compile(r"^\[\[package\]\][ \t]*\r?$", re.MULTILINE)
_REST = re.compile(r"^\[(?:metadata|extras)(?:\.[^\]\n]*)?\][ \t]*\r?$", re.MULTILINE)
_LINE = re.compile(r'^(name|version) = ("[^"\\\n]*")[ \t]*\r?$', re.MULTILINE)
_SOURCES = {"legacy", "git", "url", "file", "directory"}
_BARE = {"description": "", "optional": False, "python-versions": "*", "files": []}


@dataclass(frozen=True, slots=True)
class Salvaged:
    """Entries of pins in the form that Poetry's locker reads, and how many were found where.

    If there are ``both_sides`` of a merge conflict, a package without a pin was removed, not lost.
    """

    entries: tuple[dict[str, Any], ...]
    origins: tuple[tuple[int, str], ...] = ()
    both_sides: bool = False

    @property
    def preferences(self) -> dict[str, Any]:
        """The data of a lock with these pins, for Poetry's locker."""
        metadata = {"lock-version": "2.1", "python-versions": "*", "content-hash": ""}
        return {"package": [*self.entries], "metadata": metadata}

    @property
    def bare(self) -> Salvaged:
        """The same pins with only their identity, in case the rest is unreadable."""
        keys = ("name", "version", "source", "develop")
        entries = ({**_BARE, **{k: e[k] for k in keys if k in e}} for e in self.entries)
        return Salvaged(tuple(entries), self.origins)

    @property
    def summary(self) -> str:
        """What was found where, as text: ``17 pins salvaged from its readable parts``."""
        (number, origin), *more = self.origins
        others = (f", {count} from {place}" for count, place in more)
        return f"{counted(number, 'pin')} salvaged from {origin}{''.join(others)}"

    def completed(self, older: Salvaged) -> Salvaged:
        """Add the older pins of packages that have none here."""
        known = {canonicalize_name(entry["name"]) for entry in self.entries}
        added = [one for one in older.entries if canonicalize_name(one["name"]) not in known]
        return Salvaged(
            (*self.entries, *added),
            (*self.origins, *((len(added), place) for _, place in older.origins if added)),
        )


def salvage(content: bytes) -> Salvaged:
    """Recover every readable pin, from both sides if there are merge conflict markers.

    A package that the sides pin differently is returned twice: Poetry takes the highest that fits.
    """
    text = content.decode("utf-8", "replace").removeprefix("\ufeff").replace("\0", "")
    sides = split(text)
    found = {_identity(entry): entry for side in sides for entry in _entries(side)}
    both = len(sides) > 1
    origin = "both sides of the merge conflict" if both else "its readable parts"
    return Salvaged(tuple(found.values()), ((len(found), origin),) if found else (), both)


def split(text: str) -> tuple[str, ...]:
    """Return the sides of a text with merge conflict markers (also diff3's), or the text itself."""
    lines = text.splitlines(keepends=True)
    if not any(line.startswith(_OURS) for line in lines):
        return (text,)
    ours: list[str] = []
    theirs: list[str] = []
    inside = ""
    for line in lines:
        if (marker := line[:7]) in {_OURS, _END} or (inside and marker in {_BASE, _THEIRS}):
            inside = "" if marker == _END else marker
            continue
        if inside in {"", _OURS}:
            ours.append(line)
        if inside in {"", _THEIRS}:
            theirs.append(line)
    return "".join(ours), "".join(theirs)


def _entries(text: str) -> Iterator[dict[str, Any]]:
    for block in _blocks(text):
        entry = _whole(block) or _identity_only(block)
        if entry is not None:
            yield entry


def _blocks(text: str) -> Iterator[str]:
    """Split the text at each ``[[package]]``: each part is read alone, so damage stays local."""
    starts = [match.start() for match in _BLOCK.finditer(text)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=False):
        block = text[start:end]
        rest = _REST.search(block)
        yield block[: rest.start()] if rest else block


def _whole(block: str) -> dict[str, Any] | None:
    try:
        entry: dict[str, Any] = toml.loads(block)["package"][0]
    except (ValueError, RecursionError, KeyError, TypeError, IndexError):
        return None
    return {**_BARE, **entry} if _is_pin(entry) else None


def _identity_only(block: str) -> dict[str, Any] | None:
    """Read name and version from their own lines if the rest of the block is damaged."""
    entry: dict[str, Any] = {}
    for key, value in _LINE.findall(block):
        entry.setdefault(key, value[1:-1])
    return {**_BARE, **entry} if _is_pin(entry) else None


def _is_pin(entry: dict[str, Any]) -> bool:
    name, version, source = entry.get("name"), entry.get("version"), entry.get("source", {})
    if not (isinstance(name, str) and isinstance(version, str) and isinstance(source, dict)):
        return False
    if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", name):
        return False
    try:
        Version(version)
    except ValueError:
        return False
    return not source or (
        source.get("type") in _SOURCES and all(isinstance(v, str) for v in source.values())
    )


def _identity(entry: dict[str, Any]) -> tuple[Any, ...]:
    source = entry.get("source", {})
    return (canonicalize_name(entry["name"]), entry["version"], *sorted(source.items()))


def count(entries: Iterable[dict[str, Any]]) -> str:
    """Return the number of pins as text: ``1 pin``, ``12 pins``."""
    return counted(sum(1 for _ in entries), "pin")
