"""Walks a lock as an install would, environment by environment, and notes what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING

from poetry_lockguard.freshness.environments import Holding, as_bits, supports
from poetry_lockguard.freshness.locked_package import marker_text, parsed_marker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from poetry.core.packages.dependency import Dependency

    from poetry_lockguard.freshness.environments import Environment
    from poetry_lockguard.freshness.locked_package import LockedPackage
    from poetry_lockguard.freshness.project_state import ProjectState
    from poetry_lockguard.manifest.requirement import Requirement

    #: a group (None for all at once), and the extras of the project
    Part = tuple[str | None, frozenset[str]]
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
    """One lock's walks, in all environments at once.

    A set of environments is a whole number: its bit ``n`` stands for the environment ``n``. So a
    pin is visited again only where it is reached in environments in which it was not before.
    """

    def __init__(self, here: ProjectState) -> None:
        self._here = here
        self._environments = here.environments
        self._everywhere = (1 << len(self._environments)) - 1
        self._holding = Holding(self._environments)
        self._pythons: dict[str, int] = {"*": self._everywhere}
        self._fits: dict[tuple[LockedPackage, int], bool] = {}
        self._active: dict[tuple[LockedPackage, Part], int] = {}

    def missing(self) -> Iterator[MissingPackage]:
        """Walk for every group and every choice of extras; each time, tell what is missing.

        What is missing in several environments is told once, with the first of them.
        """
        for group in self._groups:
            for extras in self._selections if group in (None, "main") else [frozenset[str]()]:
                yield from self._walk((group, extras))

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

    def _walk(self, part: Part) -> Iterator[MissingPackage]:
        seen: dict[Visit, int] = {}
        waiting: list[tuple[Visit, int]] = []
        lacking: dict[tuple[LockedPackage | None, int], tuple[Dependency, int]] = {}
        for by, needed, asked, where in self._all_needs(seen, waiting, part):
            rest = where
            for held, there in self._serving(needed, by, part):
                rest &= ~there
                if where & there:
                    waiting.append(((held, asked), where & there))
            if rest:
                _, before = lacking.get((by, id(needed)), (needed, 0))
                lacking[by, id(needed)] = needed, before | rest
        firsts = [(_first(where), by, needed) for (by, _), (needed, where) in lacking.items()]
        for first, by, needed in sorted(firsts, key=itemgetter(0)):
            yield self._lacking(needed, by, part, first)

    def _all_needs(
        self, seen: dict[Visit, int], waiting: list[tuple[Visit, int]], part: Part
    ) -> Iterator[tuple[LockedPackage | None, Dependency, frozenset[str], int]]:
        """Yield what the manifest needs, and then what each pin needs that is ``waiting``."""
        for requirement in self._here.requirements:
            if where := self._applies(requirement, part):
                yield None, requirement.dependency, frozenset(requirement.features), where
        while waiting:
            visit, where = waiting.pop()
            new = where & ~seen.get(visit, 0)
            if new:
                seen[visit] = seen.get(visit, 0) | new
                for needed, asked, there in self._needs(*visit):
                    if new & there:
                        yield visit[0], needed, asked, new & there

    def _serving(
        self, needed: Dependency, by: LockedPackage | None, part: Part
    ) -> Iterator[tuple[LockedPackage, int]]:
        for held in self._here.pins.get(needed.name, ()):
            if self._serves(held, needed, by):
                yield held, self._is_active(held, part)

    def _serves(self, held: LockedPackage, needed: Dependency, by: LockedPackage | None) -> bool:
        key = (held, id(needed))  # what a pin needs is parsed once, and kept
        if key not in self._fits:
            self._fits[key] = (
                self._serves_manifest(held, needed) if by is None else held.allows_version(needed)
            )
        return self._fits[key]

    def _serves_manifest(self, held: LockedPackage, needed: Dependency) -> bool:
        """Whether a pin is what the manifest asks for.

        Poetry made a lock that is in step knowing of which commit each branch and tag is a name.
        """
        return held.may_fit(needed) if self._here.is_in_step else held.fits(needed)

    def _lacking(
        self, needed: Dependency, by: LockedPackage | None, part: Part, first: int
    ) -> MissingPackage:
        group, extras = part
        trip = InstallScenario(environment=self._environments[first], group=group, extras=extras)
        pins = self._here.pins.get(needed.name, ())
        return MissingPackage(
            name=str(needed.name),
            by=by,
            wanted=needed.pretty_constraint or str(needed.constraint),
            where=trip.label,
            active=tuple(held for held in pins if self._is_active(held, part) >> first & 1),
        )

    def _applies(self, requirement: Requirement, part: Part) -> int:
        group, extras = part
        if group is not None and requirement.group != group:
            return 0
        is_extra = requirement.is_optional or requirement.in_extras  # either is enough for Poetry
        if is_extra and extras.isdisjoint(requirement.in_extras):
            return 0
        return self._holding.of(requirement.marker, extras)

    def _is_active(self, held: LockedPackage, part: Part) -> int:
        """Return the environments in which a pin is installed for a group and these extras."""
        if (held, part) not in self._active:
            self._active[held, part] = self._supported(held.pin.python_versions) & self._marked(
                held, *part
            )
        return self._active[held, part]

    def _marked(self, held: LockedPackage, group: str | None, extras: frozenset[str]) -> int:
        if group is None:
            return self._everywhere
        if group not in held.groups:
            return 0
        text = marker_text(held.pin, group)
        return self._holding.of(parsed_marker(text), extras) if text else self._everywhere

    def _needs(
        self, held: LockedPackage, features: frozenset[str]
    ) -> Iterator[tuple[Dependency, frozenset[str], int]]:
        """Yield what a pin needs with these extras, the extras asked of that, and where."""
        found, brought = held.expanded(features), held.brought_by(features)
        for needed in held.dependencies:
            name = str(needed.name)
            if name in self._here.never_locked:
                continue
            if needed.is_optional() and name not in brought:
                continue
            if needed.in_extras and found.isdisjoint(needed.in_extras):
                continue
            asked = {str(feature) for feature in needed.features}
            where = self._holding.of(needed.marker, found)
            yield needed, frozenset(asked) | brought.get(name, frozenset()), where

    def _supported(self, versions: str) -> int:
        """Return where a pin's Pythons have the environment's; no range keeps nobody out."""
        if versions not in self._pythons:
            pythons = {environment.python for environment in self._environments}
            allowed = {python for python in pythons if supports(versions, python)}
            self._pythons[versions] = as_bits(
                environment.python in allowed for environment in self._environments
            )
        return self._pythons[versions]


def _first(where: int) -> int:
    """Return the number of the first environment of a set."""
    return (where & -where).bit_length() - 1
