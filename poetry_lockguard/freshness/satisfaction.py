"""Whether the pins serve a requirement: version, source, extras, groups and environments."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from poetry_lockguard.freshness.locked_package import marker_of
from poetry_lockguard.freshness.renames import Renames, locked_extras
from poetry_lockguard.outcomes import Problem
from poetry_lockguard.plurals import enumerated
from poetry_lockguard.urls import redact, same_index

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from poetry.core.version.markers import BaseMarker

    from poetry_lockguard.freshness.locked_package import LockedPackage
    from poetry_lockguard.freshness.project_state import ProjectState
    from poetry_lockguard.manifest.requirement import Requirement

REFRESH = "`poetry lockguard fix` refreshes the hash"  #: what to do about a new spelling
_PLACES = {"directory", "file", "git", "url"}


class UnservedRequirement(NamedTuple):
    """A requirement that the lock does not serve, and why; ``pins`` are those of its name."""

    code: str
    requirement: Requirement
    reason: str
    pins: tuple[LockedPackage, ...] = ()

    @property
    def cause(self) -> tuple[object, ...]:
        """What is the same for a requirement that several groups share."""
        return self.code, self.requirement.name, self.requirement.wanted, self.reason, self.pins

    @property
    def place(self) -> tuple[str, str, str]:
        """Code, package and group."""
        return self.code, self.requirement.name, self.requirement.group

    def problem(self, groups: Sequence[str]) -> Problem:
        """Return the problem, reported once for these groups."""
        requirement = self.requirement
        where = f" in {in_words(groups)}" if groups[1:] else ""
        return Problem(
            code=self.code,
            message=f"{requirement.name}: declared ({requirement.wanted}){where}, {self.reason}",
            package=requirement.name,
            group=groups[0],
            requested=requirement.wanted,
            locked=", ".join(map(shown, self.pins)) or None,
            line=self.pins[0].pin.line if self.pins else None,
            file="poetry.lock" if self.pins else "pyproject.toml",
        )


def in_words(groups: Sequence[str]) -> str:
    """Return groups for a message: ``groups docs, lint``."""
    return f"group{'s' * (len(groups) > 1)} {', '.join(groups)}"


def unsatisfied(
    state: ProjectState, requirement: Requirement, names: Renames | None = None
) -> UnservedRequirement | None:
    """Return what keeps the lock from serving ``requirement``, if anything does.

    ``names`` are the extras and groups that the lock knows by another name.
    """
    names = names or Renames(extras={}, groups={})
    pins = state.pins.get(requirement.name, [])
    if not pins:
        return UnservedRequirement(
            code="requirement-added", requirement=requirement, reason="not in the lock"
        )
    fitting = [locked for locked in pins if locked.fits(requirement.dependency)]
    reason = (
        _unfitting(requirement, pins)
        if not fitting
        else _from_elsewhere(state, requirement, fitting)
        or _moved_index(state, requirement, fitting)
        or _without_extras(state, requirement, fitting)
        or _uncovered(state, requirement, pins, names)
    )
    if reason:
        return UnservedRequirement(
            code="requirement-unsatisfied",
            requirement=requirement,
            reason=reason,
            pins=tuple(pins),
        )
    group = names.locked_group(requirement.group)
    if state.has_groups and not any(group in locked.groups for locked in fitting):
        others = sorted({group for locked in fitting for group in locked.groups})
        return UnservedRequirement(
            code="group-changed",
            requirement=requirement,
            reason=f"for group {requirement.group}, locked for {', '.join(others)} only",
            pins=tuple(fitting),
        )
    return None


def shown(locked: LockedPackage) -> str:
    """Return a pin's version, and where it comes from unless that is PyPI."""
    source = locked.pin.source
    if source is None:
        return locked.pin.version
    if source.kind == "legacy":
        return f"{locked.pin.version} from {source.reference or redact(source.url)}"
    place = redact(source.url)
    if source.kind == "git":
        commit, reference = source.resolved_reference or "", source.reference or ""
        named = "" if reference == commit else f" {reference}"  # who names a commit names it twice
        place += f"{named} {commit[:12]}".rstrip()
    return f"{locked.pin.version} ({source.kind} {place})"


def _unfitting(requirement: Requirement, pins: list[LockedPackage]) -> str:
    locked = ", ".join(map(shown, pins))
    if any(locked.allows_version(requirement.dependency) for locked in pins):
        is_git = all(_is_of_repository(locked, requirement) for locked in pins)
        return f"locked at {locked}, {'at another reference' if is_git else 'from another source'}"
    fits = "which does not fit" if len(pins) == 1 else "which do not fit"
    return f"locked at {locked}, {fits}"


def _is_of_repository(locked: LockedPackage, requirement: Requirement) -> bool:
    """Whether a pin is from the git repository, and its folder, that the requirement names."""
    dependency, package = requirement.dependency, locked.package
    return (
        package is not None
        and package.source_type == dependency.source_type == "git"
        and package.source_url == dependency.source_url
        and package.source_subdirectory == dependency.source_subdirectory
    )


def _from_elsewhere(
    state: ProjectState, requirement: Requirement, fitting: list[LockedPackage]
) -> str | None:
    """Say that a version is required, but a folder, file, URL or commit locked, unless asked for.

    To Poetry such a pin fits a version, for another requirement may ask for its place.
    """
    is_elsewhere = all(
        locked.pin.source is not None and locked.pin.source.kind in _PLACES for locked in fitting
    )
    if not is_elsewhere or _is_place_asked_for(state, requirement.name):
        return None
    return f"locked at {', '.join(map(shown, fitting))}, from another source"


def _is_place_asked_for(state: ProjectState, name: str) -> bool:
    declared = (one.dependency for one in state.declared.requirements if one.name == name)
    if any(dependency.is_direct_origin() for dependency in declared):
        return True
    others = (one for pins in state.pins.values() for one in pins if name in one.pin.dependencies)
    try:
        return any(
            each.name == name and each.is_direct_origin()
            for other in others
            for each in other.dependencies
        )
    except ValueError:  # reported by the deep check
        return True


def _moved_index(
    state: ProjectState, requirement: Requirement, fitting: list[LockedPackage]
) -> str | None:
    """Return where a bound index was when the lock was made: Poetry compares its name alone."""
    declared = state.declared.source_url(requirement.source_name or "")
    if not declared:
        return None
    for locked in fitting:
        source = locked.pin.source
        if source is not None and not same_index(declared, source.url):
            return f"locked at {shown(locked)}, whose address was {redact(source.url)}"
    return None


def _without_extras(
    state: ProjectState, requirement: Requirement, fitting: list[LockedPackage]
) -> str | None:
    for locked in fitting:
        for name in sorted(locked.brought_by(requirement.features)):
            if name not in state.pins and _applies(state, locked, name):
                extras = ",".join(requirement.features)
                return f"locked at {shown(locked)}, but {name}, which [{extras}] needs, is not"
    return None


def without_extras(
    state: ProjectState, locked: LockedPackage, features: Iterable[str]
) -> str | None:
    """Say that an index's pin is locked without some of these extras, if nothing of them is."""
    for feature in sorted(features):
        brought = locked.brought_by([feature]).keys()
        if brought and brought.isdisjoint({*state.pins, *locked.pin.dependencies}):
            are = "is" if len(brought) == 1 else "are"
            names = enumerated(sorted(brought))
            return f"locked at {shown(locked)} without [{feature}]: {names} {are} not in the lock"
    return None


def _applies(state: ProjectState, locked: LockedPackage, name: str) -> bool:
    """Whether ``locked`` needs ``name`` on any Python of the project."""
    if name in locked.pin.dependencies:
        return locked.needs_on(name, state.declared.python)
    # Poetry leaves out what the project's Pythons rule out; what nobody asked for, it leaves out
    # for direct origins alone.
    return locked.pin.source is not None and locked.pin.source.kind != "legacy"


def _uncovered(
    state: ProjectState, requirement: Requirement, pins: list[LockedPackage], names: Renames
) -> str | None:
    """Return where the requirement applies but no fitting pin is installed (format 2.1)."""
    if not any(locked.pin.markers for locked in pins):
        return None
    group = names.locked_group(requirement.group)
    markers = [(locked, marker) for locked in pins for marker in _markers(locked, group)]

    def active(values: Mapping[str, object]) -> list[LockedPackage]:
        return [locked for locked, marker in markers if marker.validate(dict(values))]

    extras = set(locked_extras(state))
    for selected in _selections(requirement):
        for environment in state.environments:
            if not requirement.marker.validate({**environment.values, "extra": selected}):
                continue
            values = {**environment.values, "extra": {*map(names.locked_extra, selected)}}
            installed = active(values)
            if any(locked.fits(requirement.dependency) for locked in installed):
                continue
            with_extras = active({**environment.values, "extra": extras})
            if not installed and not selected and any(with_extras):
                return f"locked at {', '.join(map(shown, with_extras))} for an extra only"
            return _elsewhere(requirement, pins, installed, environment.label)
    return None


def _elsewhere(
    requirement: Requirement, pins: list[LockedPackage], installed: list[LockedPackage], label: str
) -> str:
    """Return what an environment gets in place of a pin that fits, and which pins would."""
    if installed:
        return f"locked at {', '.join(map(shown, installed))} for {label}, which does not fit"
    fitting = [locked for locked in pins if locked.fits(requirement.dependency)]
    return f"locked at {', '.join(map(shown, fitting or pins))}, but not for {label}"


def _markers(locked: LockedPackage, group: str) -> list[BaseMarker]:
    groups = [group] if group in locked.groups else locked.groups
    return [marker_of(locked.pin, name) for name in groups]


def _selections(requirement: Requirement) -> list[set[str]]:
    """Return the project's extras to try: each that brings the requirement, alone."""
    if requirement.in_extras:
        return [{extra} for extra in requirement.in_extras]
    return [] if requirement.is_optional else [set()]
