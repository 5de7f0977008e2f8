"""What changed between the manifest a lock was made for and the one beside it now."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from poetry_lockguard.freshness.satisfaction import shown
from poetry_lockguard.outcomes import Problem, Severity
from poetry_lockguard.urls import redact, same_index

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from poetry_lockguard.freshness.project_state import ProjectState
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.manifest.requirement import Requirement
    from poetry_lockguard.manifest.requirements import Declaration

    Place = tuple[str, str | None, str | None]

_SAME = "only spelled differently: a refresh of the hash suffices (`poetry lockguard fix`)"
_TOLD = ("requirement-added", "requirement-unsatisfied", "group-changed")


def differences(
    before: Declaration, here: ProjectState, told: Collection[Place], previous: Manifest
) -> Iterator[Problem]:
    """Yield what changed since ``before``, the declaration of ``previous``.

    ``told`` holds code, package and group of what has been said already.
    """
    yield from _python(before, here)
    yield from _requirements(before, here, told)
    yield from _groups(before, here.declared)
    yield from _sources(previous.poetry.get("source", []), here.manifest.poetry.get("source", []))


def _python(before: Declaration, here: ProjectState) -> Iterator[Problem]:
    """Tell of a range that moved in manifest and lock alike; otherwise the lock's own tells it."""
    was, now = before.python_versions, here.declared.python_versions
    if before.python != here.declared.python and now == here.lock.python_versions:
        yield Problem(
            code="python-changed",
            message=f"Python: {was} -> {now}, the lock names the new one, its pins are for the old",
            requested=now,
            locked=now,
            file="pyproject.toml",
        )


def _requirements(
    before: Declaration, here: ProjectState, told: Collection[Place]
) -> Iterator[Problem]:
    old, new = _placed(before.requirements), _placed(here.declared.requirements)
    for name, group in sorted(old.keys() | new.keys()):
        gone, come, respelled = _matched(old[name, group], new[name, group])
        if not gone and not come:
            yield from (_note(here, was, now) for was, now in respelled)
            continue
        codes = {code for code, package, _ in told if package == name}
        is_told = any((code, name, group) in told for code in _TOLD)
        if is_told or (not come and "requirement-removed" in codes):
            continue
        yield _changed(here, name, group, gone, come)


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
    in_extras = {other.text for other in other_side if other.in_extras}
    return [each for each in changed if not (each.in_extras and each.text in in_extras)]


def _locked(here: ProjectState, name: str) -> str | None:
    return ", ".join(map(shown, here.pins.get(name, []))) or None


def _note(here: ProjectState, was: Requirement, now: Requirement) -> Problem:
    return Problem(
        code="requirement-changed",
        severity=Severity.NOTE,
        message=f"{now.name}: {was.text} -> {now.text}, {_SAME}",
        package=now.name,
        group=now.group,
        requested=now.wanted,
        locked=_locked(here, now.name),
        file="pyproject.toml",
    )


def _changed(
    here: ProjectState, name: str, group: str, gone: list[Requirement], come: list[Requirement]
) -> Problem:
    was, now = _texts(gone), _texts(come)
    requested = now
    if was == now:
        was, now = _texts(gone, flags=True), _texts(come, flags=True)
    was, now = was or "not declared", now or "no longer declared"
    locked = _locked(here, name)
    state = f"locked at {locked}, which still fits" if locked else "not locked, nor needed"
    if not come:
        state = f"still locked at {locked} for what else needs it" if locked else "nor locked"
    where = "" if group == "main" else f" in group {group}"
    return Problem(
        code="requirement-changed",
        message=f"{name}: {was} -> {now}{where}, {state}",
        package=name,
        group=group,
        requested=requested or None,
        locked=locked,
        file="pyproject.toml",
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
        yield Problem(
            code="content-hash",
            severity=Severity.NOTE if same else Severity.ERROR,
            message=f"source {name}: {_SAME if same else _what_became(was, is_now)}",
            requested=_url(is_now),
            file="pyproject.toml",
        )


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
