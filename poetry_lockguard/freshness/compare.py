"""What changed between the manifest a lock was made for and the one beside it now."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from poetry_lockguard.freshness.reach import reached_names
from poetry_lockguard.freshness.renames import renames
from poetry_lockguard.freshness.satisfaction import REFRESH, in_words, shown, without_extras
from poetry_lockguard.manifest.dependency_groups import lists
from poetry_lockguard.outcomes import Problem, Severity
from poetry_lockguard.urls import redact, same_index

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from poetry_lockguard.freshness.project_state import ProjectState
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.manifest.requirement import Requirement
    from poetry_lockguard.manifest.requirements import Declaration

    Place = tuple[str, str | None, str | None]

_MOST = 3
_SAME = "only spelled differently"
_TOLD = ("requirement-added", "requirement-unsatisfied", "group-changed")


def differences(
    before: Declaration, state: ProjectState, explained: Collection[Place], previous: Manifest
) -> Iterator[Problem]:
    """Yield what changed since ``before``, the declaration of ``previous``.

    ``explained`` holds code, package and group of what has been said already.
    """
    yield from _python(before, state)
    yield from _requirements(before, state, explained)
    yield from _groups(before, state.declared)
    yield from _sources(previous.poetry.get("source", []), state.manifest.poetry.get("source", []))


def _python(before: Declaration, state: ProjectState) -> Iterator[Problem]:
    """Tell of a range that moved in manifest and lock alike; otherwise the lock's own tells it."""
    was, now = before.python_versions, state.declared.python_versions
    if before.python != state.declared.python and now == state.lock.python_versions:
        yield Problem(
            code="python-changed",
            message=(
                f"Python: {was} -> {now}; the lock names the new range, but its pins are for the"
                " old one"
            ),
            requested=now,
            locked=now,
            file="pyproject.toml",
        )


def _requirements(
    before: Declaration, state: ProjectState, explained: Collection[Place]
) -> Iterator[Problem]:
    """Yield what became of each requirement; one edit that several groups share is one problem."""
    changes: list[_Edit] = []
    names = renames(state)
    old = _placed(replace(each, group=names.new_group(each.group)) for each in before.requirements)
    new = _placed(state.declared.requirements)
    has_other_extras = any(code == "extras-changed" for code, _, _ in explained)
    for name, group in sorted(old.keys() | new.keys()):
        gone, come, respelled = _matched(old[name, group], new[name, group])
        if not gone and not come:
            yield from (_note(state, was, now) for was, now in respelled)
            continue
        codes = {code for code, package, _ in explained if package == name}
        is_told = any((code, name, group) in explained for code in _TOLD)
        if is_told or (not come and codes & {"requirement-removed", "group-changed"}):
            continue
        edit = _Edit(name=name, groups=(group,), gone=gone, come=come)
        if not (has_other_extras and edit.is_only_in_extras):
            changes.append(edit)
    for change in _moved(_merged(changes)):
        yield _changed(state, change)


class _Edit(NamedTuple):
    """What became of the requirements on one package in some groups."""

    name: str
    groups: tuple[str, ...]
    gone: list[Requirement]
    come: list[Requirement]
    left: tuple[str, ...] = ()  # groups that no longer have what has come here

    @property
    def edit(self) -> tuple[object, ...]:
        """What is equal for groups that share the edited requirement."""
        return self.name, _texts(self.gone, flags=True), _texts(self.come, flags=True)

    @property
    def is_only_in_extras(self) -> bool:
        """Whether only the project's extras that list the requirement changed."""
        return _texts(self.gone, flags=True) == _texts(self.come, flags=True)


def _merged(changes: Iterable[_Edit]) -> Iterator[_Edit]:
    edits: defaultdict[tuple[object, ...], list[_Edit]] = defaultdict(list)
    for change in changes:
        edits[change.edit].append(change)
    for first, *more in edits.values():
        groups = (*first.groups, *(group for change in more for group in change.groups))
        yield first._replace(groups=groups)


def _moved(changes: Iterable[_Edit]) -> Iterator[_Edit]:
    """Yield the edits with a requirement that left groups and came to others as one."""
    changes = [*changes]
    left = {(one.name, _texts(one.gone, flags=True)): one for one in changes if not one.come}
    arrivals = [one for one in changes if not one.gone]
    moved = {
        id(one): left.pop(key)
        for one in arrivals
        if (key := (one.name, _texts(one.come, flags=True))) in left
    }
    departures = {id(one) for one in moved.values()}
    for one in changes:
        if id(one) in moved:
            yield one._replace(left=moved[id(one)].groups)
        elif id(one) not in departures:
            yield one


def _placed(
    requirements: Iterable[Requirement],
) -> defaultdict[tuple[str, str], list[Requirement]]:
    places: defaultdict[tuple[str, str], list[Requirement]] = defaultdict(list)
    for requirement in requirements:
        places[requirement.name, requirement.group].append(requirement)
    return places


def _matched(
    old: list[Requirement], new: list[Requirement]
) -> tuple[list[Requirement], list[Requirement], list[tuple[Requirement, Requirement]]]:
    """Pair what means the same; give what is gone, what has come, and what was respelled."""
    gone, come, respelled = [*old], [], []
    for now in new:
        alike = [was for was in gone if was.means_the_same(now)]
        if not alike:
            come.append(now)
            continue
        was = next((was for was in alike if was.text == now.text), alike[0])
        gone.remove(was)
        if was.text != now.text:
            respelled.append((was, now))
    return _not_only_in_extras(gone, new), _not_only_in_extras(come, old), respelled


def _not_only_in_extras(
    changed: list[Requirement], other_side: list[Requirement]
) -> list[Requirement]:
    """Leave out what only moved between the project's extras: ``extras-changed`` tells it."""
    in_extras = {(other.text, other.flags) for other in other_side if other.in_extras}
    return [
        each for each in changed if not (each.in_extras and (each.text, each.flags) in in_extras)
    ]


def _locked(state: ProjectState, name: str) -> str | None:
    return ", ".join(map(shown, state.pins.get(name, []))) or None


def _note(state: ProjectState, was: Requirement, now: Requirement) -> Problem:
    return Problem(
        code="requirement-changed",
        severity=Severity.NOTE,
        message=f"{now.name}: {was.text} -> {now.text}, {_SAME}",
        package=now.name,
        group=now.group,
        requested=now.wanted,
        locked=_locked(state, now.name),
        file="pyproject.toml",
    ).with_next_step(REFRESH)


def _changed(state: ProjectState, change: _Edit) -> Problem:
    name, groups = change.name, change.groups
    if change.come:
        listed = [group for group in groups if lists(state.manifest, group, name)]
        groups = tuple(listed) or groups
    became = _pins_now(state, change) if change.come else _pins_left(state, name)
    return Problem(
        code="requirement-changed",
        message=f"{name}: {_what_changed(change, groups)}, {became}",
        package=name,
        group=groups[0],
        requested=_texts(change.come) or None,
        locked=_locked(state, name),
        file="pyproject.toml",
    )


def _what_changed(change: _Edit, groups: tuple[str, ...]) -> str:
    was, now = _texts(change.gone), _texts(change.come)
    if change.left:
        return f"{now}, in {in_words(groups)} now, was in {in_words(change.left)}"
    if was == now:
        was, now = _texts(change.gone, flags=True), _texts(change.come, flags=True)
    where = "" if groups == ("main",) else f" in {in_words(groups)}"
    return f"{was or 'not declared'} -> {now or 'no longer declared'}{where}"


def _pins_now(state: ProjectState, change: _Edit) -> str:
    """Say how a package is locked whose requirement changed."""
    name = change.name
    locked = _locked(state, name)
    asked = {extra for each in change.come for extra in each.features}
    asked -= {extra for each in change.gone for extra in each.features}
    for pin in state.pins.get(name, []):
        if words := without_extras(state, pin, asked):
            return words
    if locked:
        return f"locked at {locked}, which still fits"
    if any(requirement.name == name for requirement in state.requirements):
        return "not locked"
    return "not locked, because none of the project's Pythons needs it"


def _pins_left(state: ProjectState, name: str) -> str:
    """Say why a package is still locked that a group no longer declares."""
    locked = _locked(state, name)
    if not locked:
        return "and not locked"
    groups = sorted({each.group for each in state.requirements if each.name == name})
    if groups:
        others = "" if groups == ["main"] else f" in {in_words(groups)}"
        return f"locked at {locked}, still declared{others or ' in main'}"
    needing = _needing(state, name)
    if needing:
        listed = ", ".join(needing[:_MOST]) + (", …" if needing[_MOST:] else "")
        return f"locked at {locked}, still needed by {listed}"
    return f"locked at {locked}, which nothing else needs"


def _needing(state: ProjectState, name: str) -> list[str]:
    """Return the pins that need a package on some Python of the project."""
    python = state.declared.python
    reached = reached_names(state.requirements, state.pins, python)
    return sorted(
        {
            locked.name
            for pins in state.pins.values()
            for locked in pins
            if locked.name in reached
            and name in locked.pin.dependencies
            and locked.needs_on(name, python)
        }
    )


def _texts(requirements: list[Requirement], *, flags: bool = False) -> str:
    return ", ".join(
        " ".join([requirement.wanted, *(f"({flag})" for flag in requirement.flags if flags)])
        for requirement in requirements
    )


def _groups(before: Declaration, now: Declaration) -> Iterator[Problem]:
    for group in sorted(before.groups.keys() & now.groups.keys()):
        if before.groups[group] != now.groups[group]:
            is_optional = "optional now" if now.groups[group] else "no longer optional"
            yield Problem(
                code="group-changed",
                message=f"group {group}: {is_optional}",
                group=group,
                file="pyproject.toml",
            )


def _sources(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Iterator[Problem]:
    before, now = _by_name(old), _by_name(new)
    for name in sorted(before.keys() | now.keys()):
        was, is_now = before.get(name), now.get(name)
        if was == is_now:
            continue
        same = was is not None and is_now is not None and _same_source(was, is_now)
        found = Problem(
            code="content-hash",
            severity=Severity.NOTE if same else Severity.ERROR,
            message=f"source {name}: {_SAME if same else _what_became(was, is_now)}",
            requested=_url(is_now),
            file="pyproject.toml",
        )
        yield found.with_next_step(REFRESH) if same else found


def _by_name(tables: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {str(table.get("name", "")).lower(): table for table in tables}


def _same_source(one: dict[str, Any], other: dict[str, Any]) -> bool:
    keys = (one.keys() | other.keys()) - {"url", "name"}
    return same_index(str(one.get("url", "")), str(other.get("url", ""))) and all(
        one.get(key) == other.get(key) for key in keys
    )


def _what_became(was: dict[str, Any] | None, now: dict[str, Any] | None) -> str:
    if was is None:
        return f"newly declared ({_url(now)})"
    if now is None:
        return f"no longer declared (was {_url(was)})"
    changed = sorted(key for key in was.keys() | now.keys() if was.get(key) != now.get(key))
    return ", ".join(
        f"{key} {redact(str(was.get(key)))} -> {redact(str(now.get(key)))}" for key in changed
    )


def _url(table: dict[str, Any] | None) -> str | None:
    return None if table is None else redact(str(table.get("url", "")))
