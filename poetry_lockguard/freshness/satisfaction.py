"""Whether the pins serve a requirement: version, source, extras, groups and environments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.freshness.locked_package import marker_of
from poetry_lockguard.outcomes import Problem
from poetry_lockguard.urls import redact, same_index

if TYPE_CHECKING:
    from collections.abc import Iterable

    from poetry.core.version.markers import BaseMarker

    from poetry_lockguard.freshness.locked_package import LockedPackage
    from poetry_lockguard.freshness.project_state import ProjectState
    from poetry_lockguard.manifest.requirement import Requirement


def unsatisfied(situation: ProjectState, requirement: Requirement) -> Problem | None:
    """Say what keeps the lock from serving ``requirement``, or None where it does."""
    pins = situation.pins.get(requirement.name, [])
    if not pins:
        return _problem(
            "requirement-added", requirement, pins, "is locked nowhere", file="pyproject.toml"
        )
    fitting = [held for held in pins if held.fits(requirement.dependency)]
    reason = (
        _unfitting(requirement, pins)
        if not fitting
        else _moved_index(situation, requirement, fitting)
        or _without_extras(situation, requirement, fitting)
        or _uncovered(situation, requirement, pins)
    )
    if reason:
        return _problem("requirement-unsatisfied", requirement, pins, reason)
    if situation.has_groups and not any(requirement.group in held.groups for held in fitting):
        locked = sorted({group for held in fitting for group in held.groups})
        return _problem(
            "group-changed",
            requirement,
            fitting,
            f"for group {requirement.group}, locked for {', '.join(locked)} only",
        )
    return None


def shown(held: LockedPackage) -> str:
    """Return a pin's version, and where it comes from unless that is PyPI."""
    source = held.pin.source
    if source is None:
        return held.pin.version
    if source.kind == "legacy":
        return f"{held.pin.version} from {source.reference or redact(source.url)}"
    place = redact(source.url)
    if source.kind == "git":
        commit = (source.resolved_reference or "")[:12]
        place += f" {source.reference or ''} {commit}".rstrip()
    return f"{held.pin.version} ({source.kind} {place})"


def _problem(
    code: str,
    requirement: Requirement,
    pins: Iterable[LockedPackage],
    reason: str,
    file: str = "poetry.lock",
) -> Problem:
    pins = list(pins)
    return Problem(
        code=code,
        message=f"{requirement.name}: declared ({requirement.wanted}), {reason}",
        package=requirement.name,
        group=requirement.group,
        requested=requirement.wanted,
        locked=", ".join(map(shown, pins)) or None,
        line=pins[0].pin.line if pins else None,
        file=file,
    )


def _unfitting(requirement: Requirement, pins: list[LockedPackage]) -> str:
    locked = ", ".join(map(shown, pins))
    if any(held.allows_version(requirement.dependency) for held in pins):
        return f"locked at {locked}: not from there"
    return f"locked at {locked}: does not fit"


def _moved_index(
    situation: ProjectState, requirement: Requirement, fitting: list[LockedPackage]
) -> str | None:
    """Say where a bound index was when the lock was made: Poetry compares its name alone."""
    declared = situation.declared.source_url(requirement.source_name or "")
    if not declared:
        return None
    for held in fitting:
        source = held.pin.source
        if source is not None and not same_index(declared, source.url):
            return f"locked at {shown(held)}, whose address was {redact(source.url)}"
    return None


def _without_extras(
    situation: ProjectState, requirement: Requirement, fitting: list[LockedPackage]
) -> str | None:
    for held in fitting:
        for name in sorted(held.brought_by(requirement.features)):
            if name not in situation.pins and _applies(situation, held, name):
                extras = ",".join(requirement.features)
                return f"locked at {shown(held)}, but {name}, which [{extras}] needs, is not"
    return None


def _applies(situation: ProjectState, held: LockedPackage, name: str) -> bool:
    """Return whether the project's Pythons have any for which ``held`` needs ``name``."""
    try:
        needed = [needed for needed in held.dependencies if needed.name == name]
    except ValueError:
        return False
    if not needed:  # Poetry drops what the project's Pythons rule out; what nobody asked for,
        # it drops from direct origins only
        return held.pin.source is not None and held.pin.source.kind != "legacy"
    return any(situation.declared.python.allows_any(each.python_constraint) for each in needed)


def _uncovered(
    situation: ProjectState, requirement: Requirement, pins: list[LockedPackage]
) -> str | None:
    """Say where the requirement applies but no fitting pin is installed (format 2.1)."""
    if not any(held.pin.markers for held in pins):
        return None
    markers = [(held, marker) for held in pins for marker in _markers(held, requirement.group)]
    for extras in _selections(requirement):
        for environment in situation.environments:
            values = {**environment.values, "extra": extras}
            if not requirement.marker.validate(values):
                continue
            active = [held for held, marker in markers if marker.validate(values)]
            if any(held.fits(requirement.dependency) for held in active):
                continue
            locked = ", ".join(map(shown, active)) or "not"
            return f"locked for other environments only: {locked} for {environment.label}"
    return None


def _markers(held: LockedPackage, group: str) -> list[BaseMarker]:
    groups = [group] if group in held.groups else held.groups
    return [marker_of(held.pin, name) for name in groups]


def _selections(requirement: Requirement) -> list[set[str]]:
    """Return the project's extras to try: each that brings the requirement, alone."""
    if requirement.in_extras:
        return [{extra} for extra in requirement.in_extras]
    return [] if requirement.is_optional else [set()]
