"""Decides whether a lock installs the same without the groups and markers of its pins.

From a lock of format 2.0 Poetry resolves again over the pins: of several versions of a package it
takes the highest that satisfies everything that needs it in the running environment. If the markers
of format 2.1 choose another one, the lock needs them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from poetry.core.constraints.version import Version
from poetry.core.version.exceptions import InvalidVersionError

from poetry_lockguard.repair import equal_meaning
from poetry_lockguard.repair.samples import samples

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from poetry.core.constraints.version import VersionConstraint
    from poetry.core.version.markers import BaseMarker

    from poetry_lockguard.repair.samples import Sample

    Entry = Mapping[str, Any]

_DIRECT = {"git", "url", "file", "directory"}


@dataclass(frozen=True, slots=True)
class _Demand:
    """A need of the manifest or of an entry, and where its owner is installed."""

    need: equal_meaning.Need
    owner: BaseMarker

    def applies(self, sample: Sample) -> bool:
        return self.owner.validate(sample) and self.need.where.validate(sample)


def why_not(
    entries: Sequence[Entry],
    roots: Mapping[str, Sequence[equal_meaning.Need]],
    python: VersionConstraint,
) -> str:
    """Return the name of a package that needs groups and markers, or ``""`` if none does.

    ``entries`` are of format 2.1, ``roots`` the manifest's requirements by normalized name.
    """
    by_name: dict[str, list[Entry]] = {}
    for entry in entries:
        by_name.setdefault(canonicalize_name(entry["name"]), []).append(entry)
    for name, candidates in by_name.items():
        if len(candidates) == 1:
            continue
        try:
            demands = [*_demands(name, entries, roots)]
            is_unambiguous = _is_unambiguous(candidates, demands, python)
        except (equal_meaning.UnreadableError, InvalidVersionError):
            return name
        if not is_unambiguous:
            return name
    return ""


def _is_unambiguous(
    candidates: Sequence[Entry], demands: Sequence[_Demand], python: VersionConstraint
) -> bool:
    """Whether Poetry takes the right one of several versions in every environment.

    Environments in which the markers choose several are ignored: format 2.1 fails there, too.
    """
    places = [_place(entry) for entry in candidates]
    if any("extra !=" in str(place) for place in places):
        return False  # older Poetry has no mutually exclusive extras
    markers = [marker for demand in demands for marker in (demand.need.where, demand.owner)]
    drawn = samples([*places, *markers], python)
    return drawn is not None and all(
        _taken(candidates, demands, sample) == chosen[0]
        for sample in drawn
        if len(chosen := _chosen(places, sample)) == 1
    )


def _chosen(places: Sequence[BaseMarker], sample: Sample) -> list[int]:
    return [number for number, place in enumerate(places) if place.validate(sample)]


def _taken(candidates: Sequence[Entry], demands: Sequence[_Demand], sample: Sample) -> int | None:
    """Return the highest candidate that satisfies every need in an environment."""
    asked = [demand.need for demand in demands if demand.applies(sample)]
    fitting = {
        number: version
        for number, entry in enumerate(candidates)
        if _fits(entry, version := Version.parse(entry["version"]), asked, sample)
    }
    return max(fitting, key=fitting.__getitem__, default=None)


def _demands(
    name: str, entries: Sequence[Entry], roots: Mapping[str, Sequence[equal_meaning.Need]]
) -> Iterator[_Demand]:
    everywhere = equal_meaning.marker("")
    for need in roots.get(name, ()):
        yield _Demand(need, everywhere)
    for entry in entries:
        for key, value in entry.get("dependencies", {}).items():
            if canonicalize_name(key) == name:
                place = _place(entry)
                for need in equal_meaning.needs(value):
                    yield _Demand(need.without_extras, place)


def _place(entry: Entry) -> BaseMarker:
    """Return where an entry is installed, over all groups and extras."""
    from poetry.core.version.markers import MarkerUnion

    by_group = equal_meaning.markers_by_group(entry, entry["groups"])
    return MarkerUnion.of(*by_group.values())


def _fits(
    entry: Entry, version: Version, asked: Sequence[equal_meaning.Need], sample: Sample
) -> bool:
    source = entry.get("source", {})
    python = Version.parse(sample["python_full_version"])
    return equal_meaning.constraint(entry["python-versions"]).allows(python) and all(
        need.versions.allows(version)
        and bool(need.origin) <= (source.get("type") in _DIRECT)
        and need.source in {"", str(source.get("reference", "")).lower()}
        for need in asked
    )
