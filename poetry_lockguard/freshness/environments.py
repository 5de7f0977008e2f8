"""Sample environments: the Pythons and platforms of a project that its markers distinguish."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from poetry_lockguard.freshness.locked_package import parsed_marker
from poetry_lockguard.targets.pythons import platforms, pythons

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from poetry.core.constraints.version import VersionConstraint
    from poetry.core.version.markers import BaseMarker

#: the markers that an environment has values for, as poetry-core spells them
VARIABLES = (
    "os_name",
    "sys_platform",
    "platform_machine",
    "platform_system",
    "platform_python_implementation",
    "implementation_name",
    "implementation_version",
    "python_full_version",
    "python_version",
)
_TERM = r"""(?:(?<![\w.])[\w.]+|"[^"]*"|'[^']*')"""
_ATOM = re.compile(rf"{_TERM}\s*(?:[<>=!~]+|\bnot\s+in\b|\bin\b)\s*{_TERM}")


@dataclass(frozen=True, slots=True, eq=False)
class Environment:
    """One environment: ``label`` for messages, ``values`` for every marker but ``extra``."""

    label: str
    values: dict[str, str]

    @property
    def python(self) -> str:
        """The whole Python version."""
        return self.values["python_full_version"]


def environments(
    python: VersionConstraint, variables: Iterable[str], texts: Iterable[str] = ()
) -> tuple[Environment, ...]:
    """Sample the Pythons of the range ``python`` on every platform that ``texts`` distinguish.

    ``texts`` are the markers and Python ranges to consider. Environments that agree in all the
    marker ``variables`` are returned once. If ``python_full_version`` matters, each minor version
    is sampled at its first and last patch release and at those that a text names.
    """
    wanted, texts = {*variables}, {*texts}
    counts_patches = not wanted.isdisjoint({"python_full_version", "implementation_version"})
    versions = pythons(python, texts, first=counts_patches)
    times = Counter(map(_minor, versions))
    known = platforms(texts)
    found: dict[tuple[str, ...], Environment] = {}
    for version in versions:
        minor = _minor(version)
        shown = version if counts_patches or times[minor] > 1 else minor
        for label, platform in known:
            key = (version, *(platform[name] for name in sorted(wanted & platform.keys())))
            if key not in found:
                values = _values(version, platform)
                found[key] = Environment(f"Python {shown} on {label}", values)
    return tuple(found.values())


def distinct(
    found: Iterable[Environment], markers: Iterable[str], ranges: Iterable[str]
) -> tuple[Environment, ...]:
    """Keep one of all environments that no marker and no Python range distinguishes.

    Markers with extras are split into atoms, because an environment has no extras.
    """
    found = [*found]
    holding = Holding(found)
    atoms = {atom for text in markers for atom in _atoms(text)}
    answers = [holding.of(parsed_marker(atom)) for atom in sorted(atoms)]
    versions = [*{*ranges}]
    known = {
        python: tuple(supports(text, python) for text in versions)
        for python in {environment.python for environment in found}
    }
    kept: dict[tuple[bool, ...], Environment] = {}
    for place, environment in enumerate(found):
        there = tuple(bool(answer >> place & 1) for answer in answers)
        kept.setdefault(known[environment.python] + there, environment)
    return tuple(kept.values())


class Holding:
    """The environments in which markers hold, as sets of bits; the first environment is bit 0.

    A marker is evaluated once for all environments that agree in the variables that it uses.
    """

    def __init__(self, found: Sequence[Environment]) -> None:
        self._found = found
        self._everywhere = (1 << len(found)) - 1
        self._alike: dict[tuple[str, ...], dict[tuple[str, ...], int]] = {}
        self._answers: dict[tuple[str, frozenset[str]], int] = {}

    def of(self, marker: BaseMarker, extras: frozenset[str] = frozenset()) -> int:
        """Return the environments in which ``marker`` holds with these extras."""
        if marker.is_any():
            return self._everywhere
        text = str(marker)
        key = (text, extras if "extra" in text else frozenset[str]())
        if key not in self._answers:
            groups = self._groups(tuple(name for name in VARIABLES if name in text))
            self._answers[key] = sum(
                bits for bits in groups.values() if self._is_true(marker, extras, bits)
            )
        return self._answers[key]

    def _is_true(self, marker: BaseMarker, extras: frozenset[str], bits: int) -> bool:
        environment = self._found[bits.bit_length() - 1]
        return marker.validate({**environment.values, "extra": extras})

    def _groups(self, names: tuple[str, ...]) -> dict[tuple[str, ...], int]:
        """Return the sets of environments that agree in these variables."""
        if names not in self._alike:
            groups: dict[tuple[str, ...], int] = {}
            for place, environment in enumerate(self._found):
                values = tuple(environment.values[name] for name in names)
                groups[values] = groups.get(values, 0) | 1 << place
            self._alike[names] = groups
        return self._alike[names]


def as_bits(answers: Iterable[bool]) -> int:
    """Return the set of the environments whose answer is true; answers are in their order."""
    return sum(1 << place for place, answer in enumerate(answers) if answer)


def _atoms(marker: str) -> Iterator[str]:
    if "extra" not in marker:
        yield marker
        return
    for match in _ATOM.finditer(marker):
        if "extra" not in match[0]:
            yield match[0]


def supports(versions: str, python: str) -> bool:
    """Whether a Python range allows this version; an invalid range allows every version."""
    from poetry.core.constraints.version import Version, parse_marker_version_constraint

    try:
        return parse_marker_version_constraint(versions).allows(Version.parse(python))
    except ValueError:
        return True


def _minor(version: str) -> str:
    return version.rpartition(".")[0]


def _values(version: str, platform: dict[str, str]) -> dict[str, str]:
    return platform | {
        "python_version": _minor(version),
        "python_full_version": version,
        "implementation_version": version,
    }
