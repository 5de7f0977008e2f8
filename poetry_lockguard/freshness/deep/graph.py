"""Whether the lock is complete: it contains what is needed, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from poetry_lockguard.freshness.deep.install_walk import InstallWalk, MissingPackage
from poetry_lockguard.freshness.reach import reached_names
from poetry_lockguard.freshness.satisfaction import shown
from poetry_lockguard.lockfile.damage import NEXT_STEP
from poetry_lockguard.outcomes import Problem, Severity
from poetry_lockguard.plurals import first_few

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.freshness.locked_package import LockedPackage
    from poetry_lockguard.freshness.project_state import ProjectState

_SHOWN = 3


def problems(state: ProjectState) -> Iterator[Problem]:
    """Yield ``closure`` and ``orphan-pin``.

    A missing package is an error. An orphan is a warning: it is installed for nothing, but breaks
    nothing.

    In a stale lock, only what its own pins need is checked: what the manifest needs is part of the
    explanation of why it is stale.
    """
    unreadable = [*_unreadable(state)]
    yield from unreadable or _closure(state)
    if state.is_in_step:
        yield from _orphans(state)


def _unreadable(state: ProjectState) -> Iterator[Problem]:
    for pins in state.pins.values():
        for locked in pins:
            error = _reading_error(locked)
            if error is not None:
                yield Problem(
                    code="closure",
                    message=(
                        f"{locked.name}: the requirements of {shown(locked)} cannot be read, so"
                        f" Poetry cannot install from this lock ({error})"
                    ),
                    package=locked.name,
                    locked=locked.pin.version,
                    line=locked.pin.line,
                ).with_next_step(NEXT_STEP)


def _reading_error(locked: LockedPackage) -> ValueError | None:
    try:
        _ = locked.dependencies
    except ValueError as error:
        return error
    return None


def _closure(state: ProjectState) -> Iterator[Problem]:
    found: dict[str, dict[str, MissingPackage]] = defaultdict(dict)
    for missing in InstallWalk(state).missing():
        if missing.by is None and not state.is_in_step:
            continue
        found[missing.name].setdefault(_who(missing), missing)
    for name, by_whom in sorted(found.items()):
        first = next(iter(by_whom.values()))
        needers = first_few([*by_whom], _SHOWN)
        pins = state.pins.get(name, [])
        yield Problem(
            code="closure",
            message=(f"{name}: needed by {needers} ({first.where}), {_state(first, pins)}"),
            package=name,
            requested=first.wanted,
            locked=", ".join(map(shown, pins)) or None,
            line=first.by.pin.line if first.by else pins[0].pin.line if pins else None,
        )


def _who(missing: MissingPackage) -> str:
    who = "pyproject.toml" if missing.by is None else f"{missing.by.name} {missing.by.pin.version}"
    return f"{who} ({missing.wanted})"


def _state(missing: MissingPackage, pins: list[LockedPackage]) -> str:
    if not pins:
        return "but not in the lock"
    if missing.active:
        fits = "which does not fit" if len(missing.active) == 1 else "which do not fit"
        return f"but locked there at {', '.join(map(shown, missing.active))}, {fits}"
    return f"but locked for other environments only, at {', '.join(map(shown, pins))}"


def _orphans(state: ProjectState) -> Iterator[Problem]:
    reached = reached_names(state.declared.requirements, state.pins)
    for name, pins in state.pins.items():
        for locked in pins:
            if name not in reached or (len(pins) > 1 and _is_passed_over(state, locked, pins)):
                yield Problem(
                    code="orphan-pin",
                    severity=Severity.WARNING,
                    message=f"{name}: locked at {shown(locked)}, but nothing needs it",
                    package=name,
                    locked=locked.pin.version,
                    line=locked.pin.line,
                )


def _is_passed_over(state: ProjectState, locked: LockedPackage, pins: list[LockedPackage]) -> bool:
    """Whether all that need this name use another pin of it."""
    needed = [
        requirement.dependency
        for requirement in state.declared.requirements
        if requirement.name == locked.name
    ]
    for others in state.pins.values():
        for other in others:
            if locked.name in other.pin.dependencies:
                try:
                    needed += [each for each in other.dependencies if each.name == locked.name]
                except ValueError:
                    return False
    return not any(locked.allows_version(each) for each in needed) and any(
        other.allows_version(each) for each in needed for other in pins
    )
