"""Whether the lock is whole: what is needed is there, and what is there is needed, once."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from poetry_lockguard.freshness.install_walk import InstallWalk, MissingPackage
from poetry_lockguard.freshness.reach import reached_names
from poetry_lockguard.freshness.satisfaction import shown
from poetry_lockguard.outcomes import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.freshness.locked_package import LockedPackage
    from poetry_lockguard.freshness.project_state import ProjectState

_SHOWN = 3


def problems(here: ProjectState) -> Iterator[Problem]:
    """Yield ``closure``, ``duplicate-pin`` and ``orphan-pin``.

    Something missing is an error, and so are two contents for one pin. An orphan is a warning: it
    is installed for nothing, but breaks nothing; so is a pin that is there twice, word by word.

    Of a stale lock only what its own pins lack is told: that it does not serve the manifest is the
    explanation's matter, and no damage.
    """
    unreadable = [*_unreadable(here)]
    yield from unreadable or _closure(here)
    yield from _duplicates(here)
    if here.is_in_step:
        yield from _orphans(here)


def _unreadable(here: ProjectState) -> Iterator[Problem]:
    for pins in here.pins.values():
        for held in pins:
            error = _reading_error(held)
            if error is not None:
                yield Problem(
                    code="closure",
                    message=(
                        f"{held.name}: what {shown(held)} needs cannot be read, so Poetry cannot"
                        f" install from this lock ({error}); `poetry lockguard fix`"
                    ),
                    package=held.name,
                    locked=held.pin.version,
                    line=held.pin.line,
                )


def _reading_error(held: LockedPackage) -> ValueError | None:
    try:
        _ = held.dependencies
    except ValueError as error:
        return error
    return None


def _closure(here: ProjectState) -> Iterator[Problem]:
    found: dict[str, dict[str, MissingPackage]] = defaultdict(dict)
    for missing in InstallWalk(here).missing():
        if missing.by is None and not here.is_in_step:
            continue
        found[missing.name].setdefault(_who(missing), missing)
    for name, by_whom in sorted(found.items()):
        first = next(iter(by_whom.values()))
        pins = here.pins.get(name, [])
        yield Problem(
            code="closure",
            message=(
                f"{name}: needed by {_listed([*by_whom])} ({first.where}), {_state(first, pins)}"
            ),
            package=name,
            requested=first.wanted,
            locked=", ".join(map(shown, pins)) or None,
            line=first.by.pin.line if first.by else pins[0].pin.line if pins else None,
        )


def _who(missing: MissingPackage) -> str:
    who = "pyproject.toml" if missing.by is None else f"{missing.by.name} {missing.by.pin.version}"
    return f"{who} ({missing.wanted})"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _state(missing: MissingPackage, pins: list[LockedPackage]) -> str:
    if not pins:
        return "but locked nowhere"
    if missing.active:
        return f"but locked there at {', '.join(map(shown, missing.active))}: does not fit"
    return f"but locked for other environments only, at {', '.join(map(shown, pins))}"


def _duplicates(here: ProjectState) -> Iterator[Problem]:
    """Yield each pin that is there already: harmless where both say the same, as Poetry 1.7 did."""
    first: dict[tuple[str, str, object], LockedPackage] = {}
    for held in (held for pins in here.pins.values() for held in pins):
        other = first.setdefault((held.name, held.pin.version, held.pin.source), held)
        if other is held:
            continue
        alike = other.pin.raw == held.pin.raw
        yield Problem(
            code="duplicate-pin",
            severity=Severity.WARNING if alike else Severity.ERROR,
            message=(
                f"{held.name}: locked at {shown(held)} twice"
                f"{'' if alike else ', with different contents'}; `poetry lockguard fix`"
            ),
            package=held.name,
            locked=held.pin.version,
            line=held.pin.line,
        )


def _orphans(here: ProjectState) -> Iterator[Problem]:
    reached = reached_names(here.declared.requirements, here.pins)
    for name, pins in here.pins.items():
        for held in pins:
            if name not in reached or (len(pins) > 1 and _is_passed_over(here, held, pins)):
                yield Problem(
                    code="orphan-pin",
                    severity=Severity.WARNING,
                    message=f"{name}: locked at {shown(held)}, but nothing needs it",
                    package=name,
                    locked=held.pin.version,
                    line=held.pin.line,
                )


def _is_passed_over(here: ProjectState, held: LockedPackage, pins: list[LockedPackage]) -> bool:
    """Return whether everybody who needs that name takes another pin of it."""
    needed = [
        requirement.dependency
        for requirement in here.declared.requirements
        if requirement.name == held.name
    ]
    for others in here.pins.values():
        for other in others:
            if held.name in other.pin.dependencies:
                try:
                    needed += [each for each in other.dependencies if each.name == held.name]
                except ValueError:
                    return False
    return not any(held.allows_version(each) for each in needed) and any(
        other.allows_version(each) for each in needed for other in pins
    )
