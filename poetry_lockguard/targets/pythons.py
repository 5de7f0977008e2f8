"""Chooses the Pythons and platforms to try: those that a project's markers distinguish.

To prove something for all environments it is enough to try those at which the answer could change.
For Python these are the ends of the project's range and every version that a marker or a range
names, with the versions before and after it. For platforms these are the common ones, and one for
each value that a marker names. So no list has to be updated for a new Python or processor.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from poetry_lockguard.targets.systems import LINUX, MACOS, WINDOWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from poetry.core.constraints.version import Version, VersionConstraint

    Minor = tuple[int, int]
    Platform = tuple[str, dict[str, str]]

#: the oldest Pythons that a project may still support
_OLDEST = ((2, 7), (3, 4))
#: more than the highest patch release of any minor version
_LAST_PATCH = 30
#: a gap of more minor versions between two named ones is not filled: nothing changes in it
_GAP = 30

_PYODIDE = {"os_name": "posix", "sys_platform": "emscripten", "platform_system": "Emscripten"}
_CPYTHON = {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
_PYPY = {"implementation_name": "pypy", "platform_python_implementation": "PyPy"}
_COMMON: tuple[Platform, ...] = (
    ("Linux", LINUX | _CPYTHON | {"platform_machine": "x86_64"}),
    ("Linux on ARM", LINUX | _CPYTHON | {"platform_machine": "aarch64"}),
    ("macOS", MACOS | _CPYTHON | {"platform_machine": "arm64"}),
    ("macOS on Intel", MACOS | _CPYTHON | {"platform_machine": "x86_64"}),
    ("Windows", WINDOWS | _CPYTHON | {"platform_machine": "AMD64"}),
    ("Pyodide", _PYODIDE | _CPYTHON | {"platform_machine": "wasm32"}),
    ("PyPy on Linux", LINUX | _PYPY | {"platform_machine": "x86_64"}),
    ("PyPy on macOS", MACOS | _PYPY | {"platform_machine": "arm64"}),
    ("PyPy on Windows", WINDOWS | _PYPY | {"platform_machine": "AMD64"}),
)
_SYSTEMS = (("Linux", LINUX), ("macOS", MACOS), ("Windows", WINDOWS))
_MACHINES = {"Linux": "x86_64", "macOS": "arm64", "Windows": "AMD64"}
_SYSTEM_NAMES = {
    "aix": "AIX",
    "freebsd": "FreeBSD",
    "ios": "iOS",
    "netbsd": "NetBSD",
    "openbsd": "OpenBSD",
    "sunos": "SunOS",
    "win": "Windows",
}
_IMPLEMENTATION_NAMES = {"graalpy": "GraalVM", "ironpython": "IronPython", "rustpy": "RustPython"}

_ALIASES = {
    "os.name": "os_name",
    "sys.platform": "sys_platform",
    "platform.machine": "platform_machine",
    "platform.python_implementation": "platform_python_implementation",
    "python_implementation": "platform_python_implementation",
    "python_full_version": "python_version",
    "implementation_version": "python_version",
}
_VARIABLE = (
    r"\b(os[._]name|sys[._]platform|platform[._]machine|platform_system|implementation_name"
    r"|(?:platform[._])?python_implementation|python_version|python_full_version"
    r"|implementation_version)\b"
)
_OPERATOR = r"\s{0,9}(?:[<>=!~]{1,3}|not\s{1,9}in\b|in\b)\s{0,9}"
_LITERAL = r"""["']([^"']{0,999})["']"""
_FORWARDS = re.compile(_VARIABLE + _OPERATOR + _LITERAL)
_BACKWARDS = re.compile(_LITERAL + _OPERATOR + _VARIABLE)
_VERSION = re.compile(r"(?<![\w.])(\d{1,4})(?:\.(\d{1,4}))?(?:\.(\d{1,4}))?")
_NEXT_MAJOR = re.compile(r"\^\s*(\d{1,4})|~=?\s*(\d{1,4})(?:\.\d{1,4})?(?![\d.])|(\d{1,4})\.\*")
_SEPARATOR = re.compile(r"[ ,|]+")


def pythons(
    python: VersionConstraint, texts: Iterable[str] = (), *, first: bool = False
) -> tuple[str, ...]:
    """Return the Pythons of a range, in order, that it or the ``texts`` may distinguish.

    ``texts`` are markers and ranges of Pythons. For each minor version these are the last patch
    release, with ``first`` also the first, and those that a text names. An open range continues
    beyond the highest version that a text names.
    """
    ends = [*_ends(python)]
    named = {version for text in {*texts} for version in _versions(text)}
    patches: dict[Minor, set[int]] = defaultdict(set)
    for version in named:
        if version[2] is not None:
            patches[version[:2]].update(_around(version[2]))
    found: list[str] = []
    for minor in _minors({version[:2] for version in (*ends, *named)}):
        lines = patches[minor]
        tried = sorted({0, _LAST_PATCH, *lines, *_patches_at(ends, minor)})
        releases = {patch: f"{minor[0]}.{minor[1]}.{patch}" for patch in tried}
        allowed = [patch for patch in tried if python.allows(_parsed(releases[patch]))]
        if allowed:
            kept = {allowed[-1], *(lines & {*allowed}), *(allowed[:1] if first else ())}
            found += [releases[patch] for patch in sorted(kept)]
    return tuple(found)


@cache
def _parsed(version: str) -> Version:
    from poetry.core.constraints.version import Version

    return Version.parse(version)


def _ends(python: VersionConstraint) -> Iterator[tuple[int, int, int]]:
    for part in python.flatten():
        for end in (part.min, part.max):
            if end is not None:
                yield end.major, end.minor or 0, end.patch or 0


def _patches_at(ends: Iterable[tuple[int, int, int]], minor: Minor) -> Iterator[int]:
    for end in ends:
        if end[:2] == minor:
            yield from _around(end[2])


def _around(patch: int) -> set[int]:
    return {max(patch - 1, 0), patch, patch + 1}


def _minors(named: set[Minor]) -> list[Minor]:
    """Return the minor versions to try: the named ones, their neighbours, and those between."""
    found = {*_OLDEST, *named}
    for major, minor in (*_OLDEST, *named):
        found |= {(major, max(minor - 1, 0)), (major, minor + 1)}
    for (major, low), (other, high) in pairwise(sorted(found)):
        if major == other and high - low <= _GAP:
            found.update((major, minor) for minor in range(low, high))
    return sorted(found)


def _versions(text: str) -> Iterator[tuple[int, int, int | None]]:
    literals = [text]
    if '"' in text or "'" in text:
        literals = [literal for name, literal in _atoms(text) if name == "python_version"]
    for literal in literals:
        for major, minor, patch in _VERSION.findall(literal):
            yield int(major), int(minor or 0), int(patch) if patch else None
        for parts in _NEXT_MAJOR.findall(literal):
            yield int("".join(parts)) + 1, 0, None


def _atoms(marker: str) -> Iterator[tuple[str, str]]:
    """Yield the variables of a marker, each with a text that it is compared with."""
    for name, literal in _FORWARDS.findall(marker):
        yield _ALIASES.get(name, name), literal
    for literal, name in _BACKWARDS.findall(marker):
        yield _ALIASES.get(name, name), literal


def platforms(markers: Iterable[str] = ()) -> tuple[Platform, ...]:
    """Return the common platforms, and one for each value that one of the ``markers`` names.

    Each has a label and the values of all marker variables for platforms. A named processor or
    implementation is tried on every common system.
    """
    found = {tuple(sorted(values.items())): label for label, values in _COMMON}
    for name, value in sorted({*_values(markers)}):
        if not any(values[name] == value for _, values in _COMMON):
            for label, values in _with_value(name, value):
                found.setdefault(tuple(sorted(values.items())), label)
    return tuple((label, dict(values)) for values, label in found.items())


def _values(markers: Iterable[str]) -> Iterator[tuple[str, str]]:
    for marker in {*markers}:
        for name, literal in _atoms(marker):
            if name != "python_version":
                yield from ((name, value) for value in _SEPARATOR.split(literal) if value)


def _with_value(name: str, value: str) -> Iterator[Platform]:
    match name:
        case "platform_machine":
            for label, system in _SYSTEMS:
                yield f"{label} on {value}", system | _CPYTHON | {name: value}
        case "implementation_name" | "platform_python_implementation":
            implementation = _implementation(name, value)
            called = implementation["platform_python_implementation"]
            if called.lower() != implementation["implementation_name"]:
                called += f" ({implementation['implementation_name']})"
            for label, system in _SYSTEMS:
                machine = {"platform_machine": _MACHINES[label]}
                yield f"{called} on {label}", system | implementation | machine
        case _:
            system = _system(name, value)
            yield _label(system), system | _CPYTHON | {"platform_machine": "x86_64"}


def _implementation(name: str, value: str) -> dict[str, str]:
    by_variable = {name: value}
    if name == "implementation_name":
        called = _IMPLEMENTATION_NAMES.get(value, value.capitalize())
        return {"platform_python_implementation": called} | by_variable
    backwards = {called: short for short, called in _IMPLEMENTATION_NAMES.items()}
    return {"implementation_name": backwards.get(value, value.lower())} | by_variable


def _system(name: str, value: str) -> dict[str, str]:
    """Return all variables of a system with this value, such as those on FreeBSD 14."""
    if name == "platform_system":
        known = next((system for _, system in _SYSTEMS if system[name] == value), None)
        short = value.lower()
        return known or {"os_name": _os_name(short), "sys_platform": short, name: value}
    called = value.rstrip("0123456789") or value
    system = {
        "os_name": _os_name(called),
        "sys_platform": value,
        "platform_system": _SYSTEM_NAMES.get(called, called.capitalize()),
    }
    return system | {name: value}


def _os_name(system: str) -> str:
    return {"java": "java", "win": "nt"}.get(system, "posix")


def _label(system: dict[str, str]) -> str:
    """Return a unique label for a system, a short one if its values are the usual ones."""
    expected = _system("sys_platform", system["sys_platform"])
    others = [f"{name} {value}" for name, value in system.items() if expected[name] != value]
    short = system["sys_platform"]
    known = any(short == label for label, _ in _COMMON)
    return " with ".join([f"sys_platform {short}" if known else short, *others])
