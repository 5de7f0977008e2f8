"""Whether a lock installs the same when it does not say for which groups and markers its pins are.

From a lock of format 2.0 Poetry resolves again over the pins: of several versions of one package it
takes the highest that fits all who need it in the running environment. Where that is not the one
that the markers of format 2.1 choose, the lock needs them.
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
    """A need of the manifest or of an entry, and where whoever has it is installed."""

    need: equal_meaning.Need
    owner: BaseMarker

    def holds(self, sample: Sample) -> bool:
        return self.owner.validate(sample) and self.need.where.validate(sample)


def why_not(
    entries: Sequence[Entry],
    roots: Mapping[str, Sequence[equal_meaning.Need]],
    python: VersionConstraint,
) -> str:
    """Name a package for which such a lock would not do; nothing where it does.

    ``entries`` are of format 2.1, ``roots`` what the manifest needs, by normalized name.
    """
    by_name: dict[str, list[Entry]] = {}
    for entry in entries:
        by_name.setdefault(canonicalize_name(entry["name"]), []).append(entry)
    for name, candidates in by_name.items():
        if len(candidates) == 1:
            continue
        try:
            demands = [*_demands(name, entries, roots)]
            is_told_apart = _is_told_apart(candidates, demands, python)
        except (equal_meaning.UnreadableError, InvalidVersionError):
            return name
        if not is_told_apart:
            return name
    return ""


def _is_told_apart(
    candidates: Sequence[Entry], demands: Sequence[_Demand], python: VersionConstraint
) -> bool:
    """Whether the right one of several versions is taken in every environment.

    Where the markers choose two at once, the lock of format 2.1 is of no use either.
    """
    places = [_place(entry) for entry in candidates]
    if any("extra !=" in str(place) for place in places):
        return False  # extras that exclude one another are no older Poetry's
    asking = [marker for one in demands for marker in (one.need.where, one.owner)]
    drawn = samples([*places, *asking], python)
    return drawn is not None and all(
        _taken(candidates, demands, sample) == chosen[0]
        for sample in drawn
        if len(chosen := _chosen(places, sample)) == 1
    )


def _chosen(places: Sequence[BaseMarker], sample: Sample) -> list[int]:
    return [number for number, place in enumerate(places) if place.validate(sample)]


def _taken(candidates: Sequence[Entry], demands: Sequence[_Demand], sample: Sample) -> int | None:
    """Return the highest candidate that fits all who need one in an environment."""
    asked = [demand.need for demand in demands if demand.holds(sample)]
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
    """Return where an entry is installed, with whatever groups and extras."""
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
