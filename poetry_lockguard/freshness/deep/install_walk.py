"""Walks a lock as an install would, in every environment, and reports what is missing."""

from __future__ import annotations

from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from poetry_lockguard.freshness.environments import Holding, as_bits, supports
from poetry_lockguard.freshness.locked_package import marker_text, parsed_marker
from poetry_lockguard.lockfile.notation import holds_without_extras
from poetry_lockguard.reachability import Frontier

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


class MissingPackage(NamedTuple):
    """A needed package that no pin provides in some environment.

    ``by`` is the pin that needs it, None for the manifest. ``wanted`` is the required version
    range. ``active`` are the pins of that name that are installed there; none of them fits.
    """

    name: str
    by: LockedPackage | None
    wanted: str
    where: str
    active: tuple[LockedPackage, ...]


class InstallScenario(NamedTuple):
    """One install: an environment, a group (None for all at once), and the project's extras."""

    environment: Environment
    group: str | None
    extras: frozenset[str]

    @property
    def label(self) -> str:
        """The scenario as messages name it."""
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
    """The walks over one lock, in all environments at once (see ``reachability``)."""

    def __init__(self, state: ProjectState) -> None:
        self._state = state
        self._environments = state.environments
        self._everywhere = (1 << len(self._environments)) - 1
        self._holding = Holding(self._environments)
        self._pythons: dict[str, int] = {"*": self._everywhere}
        self._fits: dict[tuple[LockedPackage, int], bool] = {}
        self._active: dict[tuple[LockedPackage, Part], int] = {}

    def missing(self) -> Iterator[MissingPackage]:
        """Walk every group and every selection of extras, and yield what is missing in each.

        A package that is missing in several environments is reported once, with the first.
        """
        for group in self._groups:
            for extras in self._selections if group in (None, "main") else [frozenset[str]()]:
                yield from self._walk((group, extras))

    @cached_property
    def _groups(self) -> list[str | None]:
        if not self._state.has_groups:
            return [None]
        return [*sorted({requirement.group for requirement in self._state.requirements})]

    @cached_property
    def _selections(self) -> list[frozenset[str]]:
        """Return the extras to try: none, all, and each alone if markers name extras.

        Without such markers, more extras only ever add packages, so trying all is enough.
        """
        extras = self._state.declared.extras.keys()
        alone: Iterable[str] = extras if self._has_extra_markers else ()
        tried = [frozenset[str](), frozenset(extras), *(frozenset({extra}) for extra in alone)]
        return list(dict.fromkeys(tried))

    @property
    def _has_extra_markers(self) -> bool:
        pins = (locked.pin for pins in self._state.pins.values() for locked in pins)
        return any("extra" in str(pin.markers) for pin in pins)

    def _walk(self, part: Part) -> Iterator[MissingPackage]:
        frontier: Frontier[Visit] = Frontier()
        lacking: dict[tuple[LockedPackage | None, int], tuple[Dependency, int]] = {}
        for by, needed, asked, where in self._all_needs(frontier, part):
            rest = where
            for locked, there in self._serving(needed, by, part):
                rest &= ~there
                frontier.reach((locked, asked), where & there)
            if rest:
                _, before = lacking.get((by, id(needed)), (needed, 0))
                lacking[by, id(needed)] = needed, before | rest
        firsts = [(_first(where), by, needed) for (by, _), (needed, where) in lacking.items()]
        for first, by, needed in sorted(firsts, key=itemgetter(0)):
            yield self._lacking(needed, by, part, first)

    def _all_needs(
        self, frontier: Frontier[Visit], part: Part
    ) -> Iterator[tuple[LockedPackage | None, Dependency, frozenset[str], int]]:
        """Yield what the manifest needs, then what each pin of the frontier needs."""
        for requirement in self._state.requirements:
            if where := self._applies(requirement, part):
                yield None, requirement.dependency, frozenset(requirement.features), where
        for visit, new in frontier:
            for needed, asked, there in self._needs(*visit):
                if new & there:
                    yield visit[0], needed, asked, new & there

    def _serving(
        self, needed: Dependency, by: LockedPackage | None, part: Part
    ) -> Iterator[tuple[LockedPackage, int]]:
        for locked in self._state.pins.get(needed.name, ()):
            if self._serves(locked, needed, by):
                yield locked, self._is_active(locked, part)

    def _serves(self, locked: LockedPackage, needed: Dependency, by: LockedPackage | None) -> bool:
        key = (locked, id(needed))  # parsed dependencies are kept, so their ids are stable
        if key not in self._fits:
            self._fits[key] = (
                self._serves_manifest(locked, needed)
                if by is None
                else locked.allows_version(needed)
            )
        return self._fits[key]

    def _serves_manifest(self, locked: LockedPackage, needed: Dependency) -> bool:
        """Whether a pin is what the manifest requires.

        When Poetry made a lock that is in step, it knew the commit of each branch and tag.
        """
        return locked.may_fit(needed) if self._state.is_in_step else locked.fits(needed)

    def _lacking(
        self, needed: Dependency, by: LockedPackage | None, part: Part, first: int
    ) -> MissingPackage:
        group, extras = part
        scenario = InstallScenario(
            environment=self._environments[first], group=group, extras=extras
        )
        pins = self._state.pins.get(needed.name, ())
        return MissingPackage(
            name=str(needed.name),
            by=by,
            wanted=needed.pretty_constraint or str(needed.constraint),
            where=scenario.label,
            active=tuple(locked for locked in pins if self._is_active(locked, part) >> first & 1),
        )

    def _applies(self, requirement: Requirement, part: Part) -> int:
        group, extras = part
        if group is not None and requirement.group != group:
            return 0
        is_extra = requirement.is_optional or requirement.in_extras  # either is enough for Poetry
        if is_extra and extras.isdisjoint(requirement.in_extras):
            return 0
        return self._holding.of(requirement.marker, extras)

    def _is_active(self, locked: LockedPackage, part: Part) -> int:
        """Return the environments in which a pin is installed for this group and these extras."""
        if (locked, part) not in self._active:
            supported = self._choosable.get(locked, self._supported(locked.pin.python_versions))
            self._active[locked, part] = supported & self._marked(locked, *part)
        return self._active[locked, part]

    @cached_property
    def _choosable(self) -> dict[LockedPackage, int]:
        if self._state.has_groups:
            return {}
        from poetry_lockguard.freshness.deep.alternatives import Alternatives

        return Alternatives(
            pins=self._state.pins,
            supported=lambda locked: self._supported(locked.pin.python_versions),
            needs=lambda locked: ((one, at) for one, _, at in self._needs(locked, frozenset())),
            serves=self._serves,
        ).choosable()

    def _marked(self, locked: LockedPackage, group: str | None, extras: frozenset[str]) -> int:
        if group is None:
            return self._everywhere
        if group not in locked.groups:
            return 0
        text = marker_text(locked.pin, group)
        return self._holding.of(parsed_marker(text), extras) if text else self._everywhere

    def _needs(
        self, locked: LockedPackage, features: frozenset[str]
    ) -> Iterator[tuple[Dependency, frozenset[str], int]]:
        """Yield what a pin needs with these extras, which extras it requests of it, and where."""
        found, brought = locked.expanded(features), locked.brought_by(features)
        for needed in locked.dependencies:
            name = str(needed.name)
            if name in self._state.never_locked:
                continue
            if not self._is_joined(needed):
                if needed.is_optional() and name not in brought:
                    continue
                if needed.in_extras and found.isdisjoint(needed.in_extras):
                    continue
            asked = {str(feature) for feature in needed.features}
            where = self._holding.of(needed.marker, found)
            yield needed, frozenset(asked) | brought.get(name, frozenset()), where

    def _is_joined(self, needed: Dependency) -> bool:
        """Whether a dependency of an extra is also needed without it.

        A Poetry that installs from an older format does not install it then.
        """
        is_of_extra = needed.is_optional() and bool(needed.in_extras)
        return is_of_extra and self._state.has_groups and holds_without_extras(needed.marker)

    def _supported(self, versions: str) -> int:
        """Return the environments whose Python a pin supports; an invalid range allows all."""
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
