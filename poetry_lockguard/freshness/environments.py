"""Sample environments: the Pythons and platforms of a project that its markers tell apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from poetry_lockguard.freshness.locked_package import parsed_marker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from poetry.core.constraints.version import VersionConstraint

_TERM = r"""(?:[\w.]+|"[^"]*"|'[^']*')"""
_ATOM = re.compile(rf"{_TERM}\s*(?:[<>=!~]+|\bnot\s+in\b|\bin\b)\s*{_TERM}")
_MINORS = ((2, 7), *((3, minor) for minor in range(4, 16)))
_PATCHES = tuple(range(31))
_LINUX = {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux"}
_MACOS = {"os_name": "posix", "sys_platform": "darwin", "platform_system": "Darwin"}
_WINDOWS = {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows"}
_PYODIDE = {"os_name": "posix", "sys_platform": "emscripten", "platform_system": "Emscripten"}
_CPYTHON = {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
_PYPY = {"implementation_name": "pypy", "platform_python_implementation": "PyPy"}
_PLATFORMS = (
    ("Linux", _LINUX | _CPYTHON | {"platform_machine": "x86_64"}),
    ("Linux on ARM", _LINUX | _CPYTHON | {"platform_machine": "aarch64"}),
    ("macOS", _MACOS | _CPYTHON | {"platform_machine": "arm64"}),
    ("macOS on Intel", _MACOS | _CPYTHON | {"platform_machine": "x86_64"}),
    ("Windows", _WINDOWS | _CPYTHON | {"platform_machine": "AMD64"}),
    ("Pyodide", _PYODIDE | _CPYTHON | {"platform_machine": "wasm32"}),
    ("PyPy on Linux", _LINUX | _PYPY | {"platform_machine": "x86_64"}),
)


@dataclass(frozen=True, slots=True, eq=False)
class Environment:
    """One environment: ``label`` for messages, ``values`` for every marker but ``extra``."""

    label: str
    values: dict[str, str]

    @property
    def python(self) -> str:
        """The whole Python version."""
        return self.values["python_full_version"]


def environments(python: VersionConstraint, variables: Iterable[str]) -> tuple[Environment, ...]:
    """Sample every minor Python of the range ``python`` on every common platform.

    Environments that differ in none of the marker ``variables`` are given once. Of each minor
    version the first and the last patch release are taken when ``python_full_version`` counts.
    """
    wanted = {*variables}
    found: dict[tuple[str, ...], Environment] = {}
    for version in _pythons(python, all_patches=_counts_patches(wanted)):
        for label, platform in _PLATFORMS:
            values = _values(version, platform)
            key = (version, *(values[name] for name in sorted(wanted & platform.keys())))
            minor = values["python_version"]
            shown = version if _counts_patches(wanted) else minor
            found.setdefault(key, Environment(f"Python {shown} on {label}", values))
    return tuple(found.values())


def distinct(
    found: Iterable[Environment], markers: Iterable[str], ranges: Iterable[str]
) -> tuple[Environment, ...]:
    """Keep one of those environments that no marker and no range of Pythons tells apart.

    Markers with extras are taken apart, for extras are no part of an environment.
    """
    atoms = {atom for text in markers for atom in _atoms(text)}
    tests = [parsed_marker(atom) for atom in sorted(atoms)]
    versions = [*{*ranges}]
    pythons: dict[str, tuple[bool, ...]] = {}
    kept: dict[tuple[bool, ...], Environment] = {}
    for environment in found:
        if environment.python not in pythons:
            pythons[environment.python] = tuple(
                supports(text, environment.python) for text in versions
            )
        answers = tuple(test.validate(environment.values) for test in tests)
        kept.setdefault(pythons[environment.python] + answers, environment)
    return tuple(kept.values())


def _atoms(marker: str) -> Iterator[str]:
    if "extra" not in marker:
        yield marker
        return
    for match in _ATOM.finditer(marker):
        if "extra" not in match[0]:
            yield match[0]


def supports(versions: str, python: str) -> bool:
    """Return whether a range of Pythons has this one; what is no range keeps nobody out."""
    from poetry.core.constraints.version import Version, parse_marker_version_constraint
    from poetry.core.constraints.version.exceptions import ParseConstraintError

    try:
        return parse_marker_version_constraint(versions).allows(Version.parse(python))
    except ParseConstraintError:
        return True


def _counts_patches(variables: set[str]) -> bool:
    return not variables.isdisjoint({"python_full_version", "implementation_version"})


def _pythons(python: VersionConstraint, *, all_patches: bool) -> Iterator[str]:
    from poetry.core.constraints.version import Version

    for major, minor in _MINORS:
        allowed = [
            text
            for text in (f"{major}.{minor}.{patch}" for patch in _PATCHES)
            if python.allows(Version.parse(text))
        ]
        if allowed:
            yield from dict.fromkeys([allowed[0], allowed[-1]] if all_patches else allowed[-1:])


def _values(version: str, platform: dict[str, str]) -> dict[str, str]:
    return platform | {
        "python_version": version.rpartition(".")[0],
        "python_full_version": version,
        "implementation_version": version,
    }
