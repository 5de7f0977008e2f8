"""The pins of a lock in Poetry's exact shape, with only what derived files are made of."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from poetry_lockguard.lockfile.fast.header import parts
from poetry_lockguard.names import normalized

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Files = Sequence[tuple[str, str]]

_FILES = "\nfiles = ["
_SOURCE = "\n[package.source]\n"
_DEPENDENCIES = "\n[package.dependencies]"


class IndexPin(NamedTuple):
    """One pin from an index; ``url`` is the index's, None for PyPI.

    ``markers`` maps its normalized groups to the marker of each, empty if there is none. ``files``
    are pairs of name and hash, sorted; ``wheels`` and at most one of the ``archives`` are those
    that installers choose from. ``needs`` are the normalized names of its dependencies.
    """

    name: str
    version: str
    python: str
    markers: Mapping[str, str]
    files: Files
    wheels: Files
    archives: Files
    needs: frozenset[str]
    url: str | None


class QuickLock(NamedTuple):
    """The pins of a lock in its order, its extras, and the range of its Pythons."""

    pins: tuple[IndexPin, ...]
    extras: frozenset[str]
    python: str

    @property
    def groups(self) -> frozenset[str]:
        """The normalized names of all groups that a pin is locked for."""
        return frozenset(group for pin in self.pins for group in pin.markers)


def quick_lock(content: bytes) -> QuickLock | None:
    """Return a lock that is written exactly as Poetry writes it; None for any other.

    None also if it is older than format 2.1, or has pins that come from no index.
    """
    found = parts(content)
    if found is None or found.lock_version != "2.1":
        return None
    pins: list[IndexPin] = []
    for text in found.packages:
        pin = _pin(text)
        if pin is None:
            return None
        pins.append(pin)
    python = _python().search(found.metadata)
    extras = map(normalized, _key().findall(f"\n{found.extras or ''}"))
    return None if python is None else QuickLock((*pins,), frozenset(extras), python[1])


def _pin(text: str) -> IndexPin | None:
    head, _, rest = text.partition(_FILES)
    files, _, tail = rest.partition("]\n")
    tables, has_source, source = tail.partition(_SOURCE)
    match, url = _head().fullmatch(head), None
    if has_source:
        address = _source().match(source)
        url = address[1] if address else None
    if match is None or (has_source and url is None):
        return None
    found = sorted(_file().findall(files))
    return IndexPin(
        name=normalized(match["name"]),
        version=match["version"],
        python=match["python"],
        markers=_markers(match["groups"], match["marker"], tables),
        files=found,
        wheels=[file for file in found if file[0].endswith(".whl")],
        archives=_archives(found),
        needs=frozenset(_needed(tables)),
        url=url,
    )


def _archives(files: Files) -> Files:
    """Return the source archive that installers choose, if there is one."""
    found = [file for file in files if not file[0].endswith((".whl", ".egg", ".exe"))]
    return sorted(found, key=lambda file: (not file[0].endswith(".tar.gz"), file[0]))[:1]


def _markers(groups: str, marker: str | None, tables: str) -> dict[str, str]:
    names = [normalized(group) for group in _text().findall(groups)]
    if not tables.startswith("markers = {"):
        return dict.fromkeys(names, _plain(marker or ""))
    line = tables.partition("\n")[0]
    found = {normalized(bare or quoted): text for bare, quoted, text in _pair().findall(line)}
    return {group: _plain(found.get(group, "")) for group in names}


def _plain(text: str) -> str:
    return text.replace('\\"', '"')


def _needed(tables: str) -> Iterable[str]:
    _, _, rest = tables.partition(_DEPENDENCIES)
    return (normalized(name) for name in _key().findall(rest.partition("\n\n")[0]))


@cache
def _head() -> re.Pattern[str]:
    return re.compile(
        r'name = "(?P<name>.*)"\nversion = "(?P<version>.*)"\n(?:description|category).*\n'
        r'(?:category.*\n)?optional.*\npython-versions = "(?P<python>.*)"\n'
        r'groups = (?P<groups>.*)(?:\nmarkers = "(?P<marker>.*)")?'
    )


@cache
def _source() -> re.Pattern[str]:
    return re.compile(r'type = "legacy"\nurl = "([^"\\]*)"\n')


@cache
def _text() -> re.Pattern[str]:
    return re.compile(r'"([^"]*)"')


@cache
def _pair() -> re.Pattern[str]:
    return re.compile(r'(?:(?<![\w-])([\w-]+)|"([^"]*)") = "((?:[^"\\]|\\.)*)"')


@cache
def _file() -> re.Pattern[str]:
    return re.compile(r'\{file = "([^"]*)", hash = "([^"]*)"\}')


@cache
def _key() -> re.Pattern[str]:
    return re.compile(r'\n"?([A-Za-z0-9][\w.-]*)"? = ')


@cache
def _python() -> re.Pattern[str]:
    return re.compile(r'^python-versions = "(.*)"$', re.MULTILINE)
