"""The environments that markers distinguish, as the bits of one number.

A set of environments is an ``int``: one bit for each Python, platform, machine, implementation and
choice of the project's extras. Union, intersection and the subset test are then ``|``, ``&`` and
one comparison, however many environments there are, so that one walk over a lock covers all of
them.

Each value that a marker names is an environment of its own, and so is one value that no marker
names. Impossible combinations (Windows with the ``os_name`` of Linux) are left out. If there are
too many all the same, values of a platform that no marker tells apart count as one.
"""

from __future__ import annotations

import math
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from packaging.utils import canonicalize_name

from poetry_lockguard.lockfile.system_releases import system_releases

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from poetry.core.constraints.version import VersionConstraint
    from poetry.core.version.markers import BaseMarker

    Values = dict[str, Any]

MOST = 400_000  #: environments; a lock whose markers distinguish more is not kept
_OTHER = "other"
_SYSTEM = ("os_name", "sys_platform", "platform_system")
_SYSTEMS = (
    ("posix", "linux", "Linux"),
    ("posix", "darwin", "Darwin"),
    ("nt", "win32", "Windows"),
    ("posix", "cygwin", "CYGWIN_NT-10.0"),
    ("posix", "emscripten", "Emscripten"),
    ("posix", "ios", "iOS"),
    ("posix", "android", "Android"),
    ("java", "java", "Java"),
    (_OTHER, _OTHER, _OTHER),
)
_IMPLEMENTATION = ("implementation_name", "platform_python_implementation")
_IMPLEMENTATIONS = (("cpython", "CPython"), ("pypy", "PyPy"), (_OTHER, _OTHER))
_MACHINES = ("x86_64", "AMD64", "aarch64", "arm64", "wasm32")
_PYTHON = ("python_version", "python_full_version", "implementation_version")
_FREE = ("platform_machine", "platform_release", "platform_version")
_MINORS = ((2, 7), *((3, minor) for minor in range(4, 16)))
_LATE = 50  #: a patch release later than any that a marker names
_RELEASE = re.compile(r"(?<!\d)(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?")
_MAJOR = re.compile(r"(?<![\d.])(\d{1,9})(?![\d.])")  # of a range like ``>=3.10,<4``
_MOST_PAIRED = 6  #: with up to this many extras, each pair of them is tried


class Axis(NamedTuple):
    """Mutually exclusive values of marker variables; ``stride`` is the axis's place in the bits."""

    names: tuple[str, ...]
    values: tuple[Values, ...]
    stride: int


class Grid:
    """All environments of a project.

    ``full`` is the set of all of them. ``python`` is the project's range of Pythons, ``ranges`` are
    the other ranges that matter, ``extras`` the project's own extras.
    """

    def __init__(
        self,
        markers: Iterable[BaseMarker],
        ranges: Iterable[VersionConstraint],
        python: VersionConstraint,
        extras: Sequence[str],
    ) -> None:
        leaves = {str(leaf): leaf for marker in markers for leaf in _leaves(marker)}
        named = _named(leaves.values())
        self.python = python
        self._extras = tuple(extras)
        texts = [str(versions) for versions in ranges] + [str(python)]
        pythons = _pythons(python, [*texts, *(v for n in _PYTHON for v in named.get(n, ()))])
        systems = [*_systems(named)]
        sets = [{"extra": one} for one in _extra_sets(self._extras)]
        if len(pythons) * len(sets) * math.prod(len(one) for _, one in systems) > MOST:
            systems = [(names, _told_apart(one, names, leaves)) for names, one in systems]
        choices = [(_PYTHON, pythons), *systems, (("extra",), sets)]
        self._axes: dict[str, Axis] = {}
        size = 1
        for names, values in choices:
            axis = Axis(names, tuple(values), size)
            self._axes.update(dict.fromkeys(names, axis))
            size *= len(values)
        self.size = size
        self.full = (1 << size) - 1
        self._slices: dict[tuple[str, int], int] = {}
        self._known: dict[tuple[str, frozenset[str] | None], int] = {}
        self._ranges: dict[str, int] = {}

    def where(self, marker: BaseMarker, extras: frozenset[str] | None = None) -> int:
        """Return the environments in which a marker is true.

        Extras in it are the project's own, or ``extras`` if given: those requested of a package.
        """
        if marker.is_any():
            return self.full
        text = str(marker)
        key = (text, extras if "extra" in text else None)
        if key not in self._known:
            self._known[key] = self._evaluated(marker, extras)
        return self._known[key]

    def _evaluated(self, marker: BaseMarker, extras: frozenset[str] | None) -> int:
        from poetry.core.version.markers import MarkerUnion, MultiMarker

        match marker:
            case MultiMarker():
                found = self.full
                for part in marker.markers:
                    found &= self.where(part, extras)
                return found
            case MarkerUnion():
                found = 0
                for part in marker.markers:
                    found |= self.where(part, extras)
                return found
        if marker.is_empty():
            return 0
        return self._leaf(marker, extras)

    def _leaf(self, leaf: Any, extras: frozenset[str] | None) -> int:
        if leaf.name == "extra" and extras is not None:
            return self.full if leaf.validate({"extra": extras}) else 0
        axis = self._axes[leaf.name]
        found = 0
        for number, values in enumerate(axis.values):
            if leaf.validate(values):
                found |= self._slice(axis, number)
        return found

    def supporting(self, versions: VersionConstraint) -> int:
        """Return the environments whose Python is in a range."""
        from poetry.core.constraints.version import Version

        if versions.is_any():
            return self.full
        key = str(versions)
        if key not in self._ranges:
            axis = self._axes["python_full_version"]
            found = 0
            for number, values in enumerate(axis.values):
                if versions.allows(Version.parse(values["python_full_version"])):
                    found |= self._slice(axis, number)
            self._ranges[key] = found
        return self._ranges[key]

    def with_extra(self, names: Iterable[str]) -> int:
        """Return the environments that choose at least one of these extras of the project."""
        wanted = frozenset(names)
        axis = self._axes["extra"]
        found = 0
        for number, values in enumerate(axis.values):
            if not wanted.isdisjoint(values["extra"]):
                found |= self._slice(axis, number)
        return found

    def whatever_extras(self, environments: int) -> int:
        """Return the same environments, and each of them with every other choice of extras."""
        axis = self._axes["extra"]  # the last axis: a value is a block of bits
        block = (1 << axis.stride) - 1
        folded = 0
        for number in range(len(axis.values)):
            folded |= (environments >> (number * axis.stride)) & block
        return folded * self._every_block

    def whatever_platform(self, environments: int) -> int:
        """Return the same Pythons on every platform, with every choice of extras."""
        axis = self._axes["python_full_version"]
        found = 0
        for number in range(len(axis.values)):
            part = self._slice(axis, number)
            if environments & part:
                found |= part
        return found

    @cached_property
    def _every_block(self) -> int:
        axis = self._axes["extra"]
        return sum(1 << (number * axis.stride) for number in range(len(axis.values)))

    def label(self, environments: int) -> str:
        """Describe one of these environments for a message."""
        bit = (environments & -environments).bit_length() - 1
        values: Values = {}
        for axis in {id(axis): axis for axis in self._axes.values()}.values():
            values |= axis.values[bit // axis.stride % len(axis.values)]
        words = [f"Python {values['python_version']}"]
        words += [
            str(values[name])
            for name in ("sys_platform", "platform_machine")
            if values.get(name, _OTHER) != _OTHER
        ]
        if values["extra"]:
            words.append(f"extras {', '.join(sorted(values['extra']))}")
        return ", ".join(words)

    def _slice(self, axis: Axis, number: int) -> int:
        """Return all environments with one value of an axis."""
        key = (axis.names[0], number)
        if key not in self._slices:
            period = axis.stride * len(axis.values)
            block = ((1 << axis.stride) - 1) << (number * axis.stride)
            times = self.size // period
            self._slices[key] = block * (((1 << (period * times)) - 1) // ((1 << period) - 1))
        return self._slices[key]


def _leaves(marker: BaseMarker) -> Iterator[Any]:
    parts = getattr(marker, "markers", None)
    if parts is not None:
        for part in parts:
            yield from _leaves(part)
    elif hasattr(marker, "name"):
        yield marker


def _named(leaves: Iterable[Any]) -> dict[str, set[str]]:
    """Return the values that each variable is compared with, by variable."""
    named: dict[str, set[str]] = {}
    for leaf in leaves:
        found = re.findall(r"""["']([^"']*)["']""", str(leaf))
        named.setdefault(leaf.name, set()).update(found)
    return named


def _systems(named: dict[str, set[str]]) -> Iterator[tuple[tuple[str, ...], list[Values]]]:
    """Yield the axes of the platform variables that markers use."""
    for names, usual in ((_SYSTEM, _SYSTEMS), (_IMPLEMENTATION, _IMPLEMENTATIONS)):
        if asked := [name for name in names if name in named]:
            yield names, [*_together(names, usual, named, asked)]
    for name in _FREE:
        if name in named:
            yield (name,), [{name: value} for value in _free(name, _split(named[name]))]


def _told_apart(
    values: list[Values], names: tuple[str, ...], leaves: dict[str, Any]
) -> list[Values]:
    """Return the first of all values for which the same comparisons are true."""
    compared = [leaf for leaf in leaves.values() if leaf.name in names]
    found: dict[tuple[bool, ...], Values] = {}
    for one in values:
        found.setdefault(tuple(leaf.validate(one) for leaf in compared), one)
    return [*found.values()]


def _free(name: str, named: list[str]) -> Iterable[str]:
    """Return the values of a variable that depends on no other one."""
    if name == "platform_release":
        return system_releases(named)
    machines = _MACHINES if name == "platform_machine" else ()
    return dict.fromkeys([*machines, *named, _OTHER])


def _together(
    names: tuple[str, ...],
    usual: tuple[tuple[str, ...], ...],
    named: dict[str, set[str]],
    asked: list[str],
) -> Iterator[Values]:
    """Yield the values that related variables take together, distinct in those of ``asked``."""
    rows = [dict(zip(names, values, strict=True)) for values in usual]
    for name in asked:
        known = {row[name] for row in rows}
        rows += [
            {**dict.fromkeys(names, _OTHER), name: value}
            for value in _split(named[name])
            if value not in known
        ]
    seen = set()
    for row in rows:
        key = tuple(row[name] for name in asked)
        if key not in seen:
            seen.add(key)
            yield row


def _split(values: Iterable[str]) -> list[str]:
    """Split values that name several things at once, as those of ``in`` do."""
    parts = {part for value in values for part in re.split(r"[\s,|]+", value) if part}
    return sorted({*values, *parts} - {""})


def _extra_sets(extras: Sequence[str]) -> list[frozenset[str]]:
    sets = [frozenset[str](), *(frozenset({extra}) for extra in extras)]
    if len(extras) <= _MOST_PAIRED:
        sets += [frozenset({one, other}) for one in extras for other in extras if one < other]
    return list(dict.fromkeys([*sets, frozenset(extras)]))


def _pythons(python: VersionConstraint, texts: Iterable[str]) -> list[Values]:
    """Return Pythons on both sides of each version that a text names."""
    from poetry.core.constraints.version import Version

    texts = [_MAJOR.sub(r"\1.0", text) for text in texts]
    releases = {match.groups() for text in texts for match in _RELEASE.finditer(text)}
    near: dict[tuple[int, int], set[int]] = {minor: set() for minor in _MINORS}
    for major, minor, patch in releases:
        around = near.setdefault((int(major), int(minor)), set())
        near.setdefault((int(major), int(minor) + 1), set())
        if patch is not None:
            around.update({max(0, int(patch) - 1), int(patch), int(patch) + 1})
    found = []
    for (major, minor), patches in sorted(near.items()):
        if major < 2:  # noqa: PLR2004 - nobody runs Python 1
            continue
        tried = [f"{major}.{minor}.{patch}" for patch in sorted({0, _LATE, *patches})]
        allowed = [text for text in tried if python.allows(Version.parse(text))]
        if not patches:  # only a range like ``3.9`` ends between the first and a late one
            allowed = allowed[-1:]
        found += [
            dict(zip(_PYTHON, (f"{major}.{minor}", text, text), strict=True)) for text in allowed
        ]
    return found


def normalized(names: Iterable[str]) -> frozenset[str]:
    """Return names of extras or groups in one spelling."""
    return frozenset(str(canonicalize_name(name)) for name in names)
