"""Walks a lock as an install would, environment by environment, and notes what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from poetry_lockguard.freshness.environments import distinct, supports
from poetry_lockguard.freshness.locked_package import marker_text, parsed_marker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from poetry.core.packages.dependency import Dependency
    from poetry.core.version.markers import BaseMarker

    from poetry_lockguard.freshness.environments import Environment
    from poetry_lockguard.freshness.locked_package import LockedPackage
    from poetry_lockguard.freshness.project_state import ProjectState
    from poetry_lockguard.manifest.requirement import Requirement

    Visit = tuple[LockedPackage, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPackage:
    """Something needed that no pin provides there.

    ``by`` is the pin that needs it, None for the manifest. ``wanted`` are the versions asked for.
    ``active`` are the pins of that name that are installed there, none of which fits.
    """

    name: str
    by: LockedPackage | None
    wanted: str
    where: str
    active: tuple[LockedPackage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallScenario:
    """One install: an environment, a group (None for all at once), and the project's extras."""

    environment: Environment
    group: str | None
    extras: frozenset[str]

    @property
    def label(self) -> str:
        """How a message calls it."""
        parts = [self.environment.label]
        if self.group not in (None, "main"):
            parts.append(f"group {self.group}")
        if self.extras:
            shown = sorted(self.extras)[:3]
            parts.append(
                f"extras {', '.join(shown)}{' …' if len(self.extras) > len(shown) else ''}"
            )
        return ", ".join(parts)


class InstallWalk:
    """One lock's walks. Markers are evaluated once an environment, however many pins share them."""

    def __init__(self, here: ProjectState) -> None:
        self._here = here
        self._truths: dict[tuple[str, str, frozenset[str]], bool] = {}
        self._pythons: dict[tuple[str, str], bool] = {}
        self._fits: dict[tuple[LockedPackage, int], bool] = {}

    def missing(self) -> Iterator[MissingPackage]:
        """Walk every trip; what is missing in several of them comes several times."""
        for trip in self._trips():
            yield from self._walk(trip)

    def _trips(self) -> Iterator[InstallScenario]:
        for group in self._groups:
            for extras in self._selections if group in (None, "main") else [frozenset[str]()]:
                for environment in self._environments:
                    yield InstallScenario(environment=environment, group=group, extras=extras)

    @cached_property
    def _environments(self) -> tuple[Environment, ...]:
        pins = [held for pins in self._here.pins.values() for held in pins]
        markers = {str(requirement.marker) for requirement in self._here.requirements}
        for held in pins:
            markers.update(str(needed.marker) for needed in held.dependencies)
            markers.update(marker_text(held.pin, group) for group in held.groups)
        ranges = {held.pin.python_versions for held in pins}
        return distinct(self._here.environments, markers - {""}, ranges - {"*"})

    @cached_property
    def _groups(self) -> list[str | None]:
        if not self._here.has_groups:
            return [None]
        return [*sorted({requirement.group for requirement in self._here.requirements})]

    @cached_property
    def _selections(self) -> list[frozenset[str]]:
        """Return the extras to try: none, all, and each alone where markers speak of extras.

        Without such markers more extras only ever bring more, so that all of them suffices.
        """
        extras = self._here.declared.extras.keys()
        alone: Iterable[str] = extras if self._has_extra_markers else ()
        tried = [frozenset[str](), frozenset(extras), *(frozenset({one}) for one in alone)]
        return list(dict.fromkeys(tried))

    @property
    def _has_extra_markers(self) -> bool:
        pins = (held.pin for pins in self._here.pins.values() for held in pins)
        return any("extra" in str(pin.markers) for pin in pins)

    def _walk(self, trip: InstallScenario) -> Iterator[MissingPackage]:
        seen: set[Visit] = set()
        waiting: list[Visit] = []
        for requirement in self._here.requirements:
            if self._applies(requirement, trip):
                needed = requirement.dependency
                active = self._active(needed.name, trip)
                found = [held for held in active if self._serves(held, needed)]
                if not found:
                    yield self._lacking(needed, None, trip)
                waiting += [(held, frozenset(requirement.features)) for held in found]
        while waiting:
            visit = waiting.pop()
            if visit in seen:
                continue
            seen.add(visit)
            held, features = visit
            for needed, asked in self._needs(held, features, trip):
                active = self._active(needed.name, trip)
                found = [other for other in active if self._allows(other, needed)]
                if not found:
                    yield self._lacking(needed, held, trip)
                waiting += [(other, asked) for other in found]

    def _serves(self, held: LockedPackage, needed: Dependency) -> bool:
        """Whether a pin is what the manifest asks for.

        Poetry made a lock that is in step knowing of which commit each branch and tag is a name.
        """
        return held.may_fit(needed) if self._here.is_in_step else held.fits(needed)

    def _allows(self, held: LockedPackage, needed: Dependency) -> bool:
        key = (held, id(needed))  # what a pin needs is parsed once, and kept
        if key not in self._fits:
            self._fits[key] = held.allows_version(needed)
        return self._fits[key]

    def _lacking(
        self, needed: Dependency, by: LockedPackage | None, trip: InstallScenario
    ) -> MissingPackage:
        return MissingPackage(
            name=str(needed.name),
            by=by,
            wanted=needed.pretty_constraint or str(needed.constraint),
            where=trip.label,
            active=tuple(self._active(needed.name, trip)),
        )

    def _applies(self, requirement: Requirement, trip: InstallScenario) -> bool:
        if trip.group is not None and requirement.group != trip.group:
            return False
        if requirement.is_optional and trip.extras.isdisjoint(requirement.in_extras):
            return False
        return self._holds(requirement.marker, trip.environment, trip.extras)

    def _active(self, name: str, trip: InstallScenario) -> list[LockedPackage]:
        return [held for held in self._here.pins.get(name, ()) if self._is_active(held, trip)]

    def _is_active(self, held: LockedPackage, trip: InstallScenario) -> bool:
        if not self._supports(held.pin.python_versions, trip.environment.python):
            return False
        if trip.group is None:
            return True
        if trip.group not in held.groups:
            return False
        text = marker_text(held.pin, trip.group)
        return not text or self._holds(parsed_marker(text), trip.environment, trip.extras)

    def _needs(
        self, held: LockedPackage, features: frozenset[str], trip: InstallScenario
    ) -> Iterator[tuple[Dependency, frozenset[str]]]:
        """Yield what ``held`` needs there, and the extras asked of it, by the resolver's rules."""
        found, brought = held.expanded(features), held.brought_by(features)
        for needed in held.dependencies:
            name = str(needed.name)
            if name in self._here.never_locked:
                continue
            if needed.is_optional() and name not in brought:
                continue
            if needed.in_extras and found.isdisjoint(needed.in_extras):
                continue
            if self._holds(needed.marker, trip.environment, found):
                asked = {str(feature) for feature in needed.features}
                yield needed, frozenset(asked) | brought.get(name, frozenset())

    def _holds(self, marker: BaseMarker, where: Environment, extras: frozenset[str]) -> bool:
        if marker.is_any():
            return True
        text = str(marker)
        key = (text, where.label, extras if "extra" in text else frozenset[str]())
        if key not in self._truths:
            self._truths[key] = marker.validate({**where.values, "extra": extras})
        return self._truths[key]

    def _supports(self, versions: str, python: str) -> bool:
        """Return whether a pin's Pythons have this one; a range that is none keeps nobody out."""
        if versions == "*":
            return True
        key = (versions, python)
        if key not in self._pythons:
            self._pythons[key] = supports(versions, python)
        return self._pythons[key]
