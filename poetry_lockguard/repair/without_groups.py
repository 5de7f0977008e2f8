"""Decides whether a lock installs the same without the groups and markers of its pins.

From a lock of format 2.0 Poetry resolves again over the pins: of several versions of a package it
takes the highest that satisfies everything that needs it in the running environment, and whose own
needs the pins satisfy. If the markers of format 2.1 choose another one, the lock needs them.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from poetry.core.constraints.version import Version
from poetry.core.version.exceptions import InvalidVersionError

from poetry_lockguard.lockfile import notation
from poetry_lockguard.lockfile.samples import samples
from poetry_lockguard.repair import equal_meaning

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from poetry.core.constraints.version import VersionConstraint
    from poetry.core.version.markers import BaseMarker

    from poetry_lockguard.lockfile.samples import Sample

    Entry = Mapping[str, Any]

_DIRECT = {"git", "url", "file", "directory"}
_NEEDS = "dependencies"
_MOST = 1000  #: choices among several versions of several packages that are compared


@dataclass(frozen=True, slots=True)
class _Demand:
    """A need of the manifest or of an entry, and where its owner is installed.

    ``by`` is the owner if it is one of several versions itself: its name and its number.
    """

    need: equal_meaning.Need
    owner: BaseMarker
    by: tuple[str, int] | None = None

    def applies(self, sample: Sample, chosen: Mapping[str, int]) -> bool:
        """Whether it has to be satisfied by what is chosen of each package."""
        if not self.need.where.validate(sample):
            return False
        if self.by is None:
            return self.owner.validate(sample)
        return chosen.get(self.by[0]) == self.by[1]


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
    for cluster in _clusters({name: those for name, those in by_name.items() if len(those) > 1}):
        try:
            is_clear = _Cluster.of(cluster, by_name, roots).is_unambiguous(python)
        except (notation.UnreadableError, InvalidVersionError):
            return cluster[0]
        if not is_clear:
            return cluster[0]
    return ""


def _clusters(several: Mapping[str, Sequence[Entry]]) -> list[list[str]]:
    """Put together names whose versions depend on the versions of one another."""
    needs = {
        name: {str(canonicalize_name(key)) for entry in entries for key in entry.get(_NEEDS, {})}
        for name, entries in several.items()
    }
    found: list[list[str]] = []
    for name in several:
        near = [
            those
            for those in found
            if any(one in needs[name] or name in needs[one] for one in those)
        ]
        found = [those for those in found if those not in near]
        found.append([*itertools.chain(*near), name])
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cluster:
    """Packages with several versions that depend on one another.

    ``demands`` are those on each of them, ``single`` the entries of all other packages.
    """

    candidates: Mapping[str, Sequence[Entry]]
    demands: Mapping[str, Sequence[_Demand]]
    single: Mapping[str, Entry]

    @classmethod
    def of(
        cls,
        names: Sequence[str],
        by_name: Mapping[str, Sequence[Entry]],
        roots: Mapping[str, Sequence[equal_meaning.Need]],
    ) -> _Cluster:
        """Gather what matters for some names of a lock."""
        return cls(
            candidates={name: by_name[name] for name in names},
            demands={name: [*_demands(name, by_name, roots, names)] for name in names},
            single={name: those[0] for name, those in by_name.items() if len(those) == 1},
        )

    def is_unambiguous(self, python: VersionConstraint) -> bool:
        """Whether Poetry takes the right one of several versions in every environment.

        Environments in which the markers choose several are ignored: format 2.1 fails there, too.
        """
        places = {name: [_place(one) for one in those] for name, those in self.candidates.items()}
        flat = [place for those in places.values() for place in those]
        if any("extra !=" in str(place) for place in flat):
            return False  # older Poetry has no mutually exclusive extras
        every = [demand for those in self.demands.values() for demand in those]
        markers = [marker for demand in every for marker in (demand.need.where, demand.owner)]
        drawn = samples([*flat, *markers], python)
        if drawn is None or math.prod(map(len, self.candidates.values())) > _MOST:
            return False
        return all(self._is_taken(_chosen(places, sample), sample) for sample in drawn)

    def _is_taken(self, right: Mapping[str, int], sample: Sample) -> bool:
        """Whether a resolver that prefers high versions comes to the right choice.

        It does if that is a solution, and every other one has lower versions where it differs.
        """
        choices = [
            dict(zip(right, numbers, strict=True))
            for numbers in itertools.product(*(range(len(self.candidates[n])) for n in right))
        ]
        solutions = [one for one in choices if self._is_solution(one, sample)]
        return right in solutions and all(
            one[name] == number or self._version(name, one[name]) < self._version(name, number)
            for one in solutions
            for name, number in right.items()
        )

    def _is_solution(self, chosen: Mapping[str, int], sample: Sample) -> bool:
        return all(self._fits(name, number, chosen, sample) for name, number in chosen.items())

    def _fits(self, name: str, number: int, chosen: Mapping[str, int], sample: Sample) -> bool:
        asked = [one.need for one in self.demands[name] if one.applies(sample, chosen)]
        entry = self.candidates[name][number]
        return _fits(entry, self._version(name, number), asked, sample) and all(
            self._is_met(key, need)
            for key, value in entry.get(_NEEDS, {}).items()
            for need in equal_meaning.needs(value)
            if not need.optional and "extra" not in str(need.where) and need.where.validate(sample)
        )

    def _is_met(self, name: str, need: equal_meaning.Need) -> bool:
        """Whether a package of one version satisfies a need; others are in ``demands``."""
        found = self.single.get(canonicalize_name(name))
        return found is None or need.versions.allows(Version.parse(found["version"]))

    def _version(self, name: str, number: int) -> Version:
        return Version.parse(self.candidates[name][number]["version"])


def _chosen(places: Mapping[str, Sequence[BaseMarker]], sample: Sample) -> dict[str, int]:
    """Return the number of each version that the markers choose, unless they choose several."""
    found = {
        name: [number for number, place in enumerate(those) if place.validate(sample)]
        for name, those in places.items()
    }
    return {name: numbers[0] for name, numbers in found.items() if len(numbers) == 1}


def _demands(
    name: str,
    by_name: Mapping[str, Sequence[Entry]],
    roots: Mapping[str, Sequence[equal_meaning.Need]],
    cluster: Sequence[str],
) -> Iterator[_Demand]:
    everywhere = notation.marker("")
    for need in roots.get(name, ()):
        yield _Demand(need, everywhere)
    for owner, entries in by_name.items():
        for number, entry in enumerate(entries):
            for key, value in entry.get(_NEEDS, {}).items():
                if canonicalize_name(key) == name:
                    by = (owner, number) if owner in cluster else None
                    for need in equal_meaning.needs(value):
                        yield _Demand(need.without_extras, _place(entry), by)


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
    return notation.constraint(entry["python-versions"]).allows(python) and all(
        need.versions.allows(version)
        and bool(need.origin) <= (source.get("type") in _DIRECT)
        and need.source in {"", str(source.get("reference", "")).lower()}
        for need in asked
    )
