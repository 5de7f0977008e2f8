"""Sample environments that distinguish markers, built from the values that the markers name.

Two markers that agree in all samples agree everywhere in the project's range of Pythons: each
value that one of them compares with is tried, and one value that neither names. No combination
is excluded as impossible, so that markers never count as equal because of an unknown platform.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

from poetry_lockguard.lockfile.system_releases import system_releases

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from poetry.core.constraints.version import VersionConstraint
    from poetry.core.version.markers import BaseMarker

    Sample = dict[str, Any]

MOST = 20_000  #: samples for one comparison; markers that need more are not compared
_OPERATOR = r"\s*(?:[<>=!~]=?=?|\bnot\s+in\b|\bin\b)\s*"
_ATOM = re.compile(
    rf"""(?<![a-z_.])(?P<name>[a-z_.]+){_OPERATOR}["'](?P<value>[^"']*)["']"""
    rf"""|["'](?P<left>[^"']*)["']{_OPERATOR}(?P<right>[a-z_.]+)"""
)
_PYTHONS = ("python_version", "python_full_version")
_RELEASE = re.compile(r"(?<!\d)(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?")
_OTHER = "other"  #: a value that no marker names
_MINORS = ((2, 7), *((3, minor) for minor in range(21)))
_LATE = 99  #: a patch release later than any that a marker names
_PAIRS = 6  #: with up to this many extras, each pair of them is tried


def samples(markers: Iterable[BaseMarker], python: VersionConstraint) -> list[Sample] | None:
    """Return environments of the project's Pythons, or None if there would be too many.

    Each has all variables that the markers name, extras as a set.
    """
    named = _named(markers)
    pythons = [*_pythons(named, python)]
    extras = [*_extra_sets(sorted(named.pop("extra", ())))]
    axes = [
        [(name, value) for value in _values(name, values)]
        for name, values in sorted(named.items())
        if name not in _PYTHONS
    ]
    count = len(pythons) * len(extras)
    for axis in axes:
        count *= len(axis)
    if count > MOST:
        return None
    return [
        {**version, "extra": extra, **dict(chosen)}
        for version in pythons
        for extra in extras
        for chosen in itertools.product(*axes)
    ]


def _named(markers: Iterable[BaseMarker]) -> dict[str, set[str]]:
    """Return the values that each variable is compared with, by variable."""
    named: dict[str, set[str]] = {}
    for text in {str(marker) for marker in markers}:
        for match in _ATOM.finditer(text):
            name = match["name"] or match["right"]
            named.setdefault(name, set()).add(match["value"] or match["left"] or "")
    return named


def _values(name: str, named: set[str]) -> list[str]:
    """Return the values to try for a variable; ``in`` has several values in one string."""
    parts = {part for value in named for part in re.split(r"[\s,|]+", value) if part}
    if name == "platform_release":
        return system_releases(parts)
    return sorted({*named, *parts, _OTHER})


def _extra_sets(extras: list[str]) -> Iterator[frozenset[str]]:
    yield frozenset()
    yield from (frozenset({extra}) for extra in extras)
    if 1 < len(extras) <= _PAIRS:
        yield from map(frozenset, itertools.combinations(extras, 2))
    if len(extras) > 2:  # noqa: PLR2004 - pairs are done above
        yield frozenset(extras)


def _pythons(named: dict[str, set[str]], python: VersionConstraint) -> Iterator[Sample]:
    """Yield Pythons on both sides of each named version, and those at the ends of the range."""
    texts = [value for name in _PYTHONS for value in named.get(name, ())]
    releases = [_release(match) for text in texts for match in _RELEASE.finditer(text)]
    patches = {patch for *_, patch in releases if patch is not None}
    if "python_full_version" in named:
        patches |= {0}
    allowed = _allowed(python, {(major, minor) for major, minor, _ in releases}, patches)
    for major, minor, patch in allowed:
        full = f"{major}.{minor}.{patch}"
        yield {"python_version": f"{major}.{minor}", "python_full_version": full}


def _release(match: re.Match[str]) -> tuple[int, int, int | None]:
    return int(match[1]), int(match[2]), None if match[3] is None else int(match[3])


def _allowed(
    python: VersionConstraint, named: set[tuple[int, int]], patches: set[int]
) -> list[tuple[int, int, int]]:
    minors = sorted({*_MINORS, *named})
    tried = sorted({near for patch in patches for near in (patch - 1, patch, patch + 1)} - {-1})
    supported = [
        (minor, found) for minor in minors if (found := _patches(minor, tried, python))
    ] or [(minor, [_LATE]) for minor in minors]
    ends = {0, len(supported) - 1}
    return [
        (*minor, patch)
        for number, (minor, found) in enumerate(supported)
        if number in ends or _is_near(minor, named)
        for patch in found
    ]


def _patches(minor: tuple[int, int], tried: list[int], python: VersionConstraint) -> list[int]:
    """Return the patch releases of a minor version to try, of those that the project supports."""
    from poetry.core.constraints.version import Version

    allowed = (
        patch
        for patch in (*tried, _LATE, *reversed(range(_LATE)))
        if python.allows(Version.parse(f"{minor[0]}.{minor[1]}.{patch}"))
    )
    return [*itertools.islice(dict.fromkeys(allowed), len(tried) + 1)]


def _is_near(minor: tuple[int, int], named: set[tuple[int, int]]) -> bool:
    major, number = minor
    return any((major, number + step) in named for step in (-1, 0, 1)) or (
        minor in {(2, 7), (3, 0)} and bool(named)
    )
