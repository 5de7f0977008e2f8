"""What Poetry would install from a lock of format 2.1: by environment, groups and extras."""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from packaging.markers import Marker
from packaging.utils import canonicalize_name
from poetry.core.version.markers import EmptyMarker, parse_marker

from poetry_lockguard.toml import loads

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from poetry.core.version.markers import BaseMarker

SYSTEMS = (
    {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux"},
    {"os_name": "posix", "sys_platform": "darwin", "platform_system": "Darwin"},
    {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows"},
)
PYTHONS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
CPYTHON = {"implementation_name": "cpython", "platform_python_implementation": "CPython"}

Installed = frozenset[tuple[str, str, str]]


def environments(pythons: Iterable[str] = PYTHONS) -> Iterator[dict[str, Any]]:
    """Yield environments of common Pythons and platforms, each as markers see it."""
    for python, system, machine in itertools.product(pythons, SYSTEMS, ("x86_64", "arm64")):
        yield {
            "python_version": python,
            "python_full_version": f"{python}.3",
            "implementation_version": f"{python}.3",
            "platform_machine": machine,
            **system,
            **CPYTHON,
        }


def installed(
    text: str, environment: dict[str, Any], groups: Iterable[str], extras: Iterable[str]
) -> Installed:
    """Return name, version and source of what Poetry would install there, as it decides."""
    values = {**environment, "extra": {*extras}}
    return frozenset(
        pin for pin, marker in _marked(text, frozenset(groups)) if marker.validate(values)
    )


@lru_cache(maxsize=64)
def _marked(text: str, groups: frozenset[str]) -> list[tuple[tuple[str, str, str], BaseMarker]]:
    """Return the pins of a lock with the markers under which some groups install them."""
    return [
        ((entry["name"], entry["version"], str(entry.get("source", ""))), _marker(entry, groups))
        for entry in loads(text)["package"]
    ]


def reached(
    text: str, environment: dict[str, Any], required: Iterable[tuple[str, tuple[str, ...]]]
) -> frozenset[tuple[str, str]]:
    """Follow requirements (name and extras) through a lock that has one version of each package.

    By ``packaging`` alone: Poetry's own markers are now and then too narrow or too wide, mostly
    where packages require each other and where a group requires more widely than another.
    """
    entries = {entry["name"]: entry for entry in loads(text)["package"]}
    ahead = [*required]
    seen: set[tuple[str, tuple[str, ...]]] = set()
    while ahead:
        step = name, extras = ahead.pop()
        if name not in entries or step in seen:
            continue
        seen.add(step)
        for needed, written in entries[name].get("dependencies", {}).items():
            for table in written if isinstance(written, list) else [written]:
                whole = {"version": table} if isinstance(table, str) else table
                if _applies(whole.get("markers", ""), environment, extras):
                    ahead.append((needed, tuple(whole.get("extras", ()))))
    return frozenset((name, entries[name]["version"]) for name, _ in seen)


def _applies(marker: str, environment: dict[str, Any], extras: tuple[str, ...]) -> bool:
    return not marker or any(
        Marker(marker).evaluate({**environment, "extra": extra}) for extra in ("", *extras)
    )


def _marker(entry: dict[str, Any], groups: frozenset[str]) -> BaseMarker:
    """Unite the markers of the groups that are wanted (``TransitivePackageInfo.get_marker``)."""
    written = entry.get("markers", "*")
    found: BaseMarker = EmptyMarker()
    for group in sorted(groups.intersection(map(canonicalize_name, entry["groups"]))):
        text = written if isinstance(written, str) else written.get(group, "*")
        found = found.union(parse_marker("" if text == "*" else text))
    return found
