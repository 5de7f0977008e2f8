"""Checks one value of a configuration against the project that declares it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from poetry_lockguard.errors import UsageError
from poetry_lockguard.nearest_names import nearest
from poetry_lockguard.targets.platforms import platform
from poetry_lockguard.targets.target import check_implementation, whole_version
from poetry_lockguard.targets.variant import constraint_mistakes, source_mistakes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from poetry_lockguard.targets.variant import VariantSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The values that a project allows: its range of Pythons as written, its groups and extras.

    Names are normalized; ``main`` is a group. ``sources`` are the indexes that it declares, by
    name in lower case.
    """

    python: str
    groups: frozenset[str]
    extras: frozenset[str]
    sources: Mapping[str, VariantSource] = field(default_factory=dict)


def mistakes_of_value(axis: str, value: Any, place: str, bounds: Bounds) -> Iterator[str]:
    """Yield what is wrong with the value of an axis; nothing if it is right."""
    match axis:
        case "groups":
            yield from _unknown(value, place, "group", bounds.groups)
        case "extras":
            yield from _unknown(value, place, "extra", bounds.extras)
        case "sources":
            yield from source_mistakes(value, place, bounds.sources)
        case "constraints":
            yield from constraint_mistakes(value, place)
        case _:
            try:
                _CHECKS[axis](value, bounds)
            except UsageError as error:
                yield f"{place}: {error}"


def check_python(python: str, bounds: Bounds) -> None:
    """Raise UsageError for an invalid Python, or one outside the project's range."""
    from poetry.core.constraints.version import Version, parse_constraint

    version = whole_version(python)
    if not parse_constraint(bounds.python).allows(Version.parse(version.rstrip("+"))):
        shown = python if python.rstrip("t") == version else f"{python} (that is {version})"
        raise UsageError(f"Python {shown} is outside the project's range, {bounds.python}")


def _unknown(names: list[str], place: str, kind: str, known: frozenset[str]) -> Iterator[str]:
    from packaging.utils import canonicalize_name

    for name in names:
        if canonicalize_name(name) not in known:
            similar = nearest(name, known)
            advice = f"the nearest is {similar}" if similar else f"it declares no {kind}s"
            yield f"{place}: the project has no {kind} {name}; {advice}"


def _check_platform(name: str, _: Bounds) -> None:
    platform(name)


def _check_implementation(name: str, _: Bounds) -> None:
    check_implementation(name)


_CHECKS: dict[str, Callable[[str, Bounds], None]] = {
    "python": check_python,
    "platform": _check_platform,
    "implementation": _check_implementation,
}
