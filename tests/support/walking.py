"""Follows a configuration's requirements by ``packaging`` alone.

Neither Poetry nor any code of the product has a say in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.version import Version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from poetry_lockguard.snapshots.document import ConfigurationEntry, Snapshot


def walk(
    requirements: Iterable[str], snapshot: Snapshot, entry: ConfigurationEntry
) -> Iterator[str]:
    """Follow every requirement that applies there; say what is not met, and what is not needed."""
    versions = {name: one.version for name, one in entry.packages.items()}

    def dependencies(name: str) -> Iterable[str]:
        one = entry.packages[name]
        return snapshot.entry(name, (one.version, one.source)).dependencies

    return follow(requirements, entry, versions, dependencies)


def follow(
    requirements: Iterable[str],
    entry: ConfigurationEntry,
    versions: Mapping[str, str],
    dependencies: Callable[[str], Iterable[str]],
) -> Iterator[str]:
    """Say what any set of packages lacks, or has in excess, in a configuration's environment."""
    reached: set[tuple[str, frozenset[str]]] = set()
    ahead = [(Requirement(text), frozenset(entry.extras)) for text in requirements]
    while ahead:
        wanted, extras = ahead.pop()
        if not _applies(wanted, extras, entry):
            continue
        found = versions.get(wanted.name)
        if found is None or not wanted.specifier.contains(Version(found)):
            yield f"{wanted} is not met by {found}"
            continue
        step = wanted.name, frozenset(wanted.extras)
        if step not in reached:
            reached.add(step)
            ahead += [(Requirement(text), step[1]) for text in dependencies(wanted.name)]
    yield from (f"{name} is not needed" for name in {*versions} - {name for name, _ in reached})


def _applies(wanted: Requirement, extras: frozenset[str], entry: ConfigurationEntry) -> bool:
    markers: dict[str, str] = {**entry.target.markers}
    return wanted.marker is None or any(
        wanted.marker.evaluate({**markers, "extra": extra}) for extra in ("", *extras)
    )
