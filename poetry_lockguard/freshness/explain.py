"""Says, requirement by requirement, why a lock's content-hash is not the manifest's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.errors import ManifestError
from poetry_lockguard.freshness.project_state import ProjectState, project_state
from poetry_lockguard.freshness.reach import chain_tops, reached_below, reached_names
from poetry_lockguard.freshness.renames import (
    locked_extras,
    locked_groups,
    moved_between_extras,
    renames,
)
from poetry_lockguard.freshness.satisfaction import (
    REFRESH,
    in_words,
    shown,
    unsatisfied,
    without_extras,
)
from poetry_lockguard.manifest.dependency_groups import lists
from poetry_lockguard.manifest.requirements import declaration
from poetry_lockguard.outcomes import Problem, Severity
from poetry_lockguard.urls import redact, same_index

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from poetry_lockguard.freshness.renames import ExtraMove, Renames
    from poetry_lockguard.freshness.satisfaction import UnservedRequirement
    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.manifest.requirements import Declaration


_SATISFIED = "every requirement is still satisfied"


def explain(manifest: Manifest, lock: Lock, previous: Manifest | None) -> tuple[Problem, ...]:
    """Explain a lock whose content-hash does not match; ``previous`` is the manifest it matches.

    Real drift is an error. What only respells or reorders the manifest is a note: Poetry calls
    the lock stale all the same. There is always at least one problem. Without ``previous`` a
    requirement that changed but is still served cannot be told from one that was respelled.
    Raises ManifestError when poetry-core cannot make sense of the manifest.
    """
    state = project_state(manifest, lock)
    names = renames(state)
    moves = moved_between_extras(state)
    unserved = [*_unserved(state, names)]
    merges = _merged_groups(state, names, unserved)
    single = (each for each in unserved if not (_is_moved(each, moves) or _is_in(each, merges)))
    drift = (
        *_of_requirements(state, single),
        *_needless(state),
        *_groups(state, names, {each.requirement.name for each in unserved}, merges),
        *_python(state),
        *_moved(moves),
        *_extras(state, names, moves),
    )
    before = None if previous is None else _readable(previous)
    changes: tuple[Problem, ...] = ()
    if previous is not None and before is not None:
        from poetry_lockguard.freshness.compare import differences

        explained = {*map(_place, drift), *(each.place for each in unserved)}
        changes = tuple(differences(before, state, explained, previous))
    if drift or changes:
        return (*drift, *changes)
    unknown = () if before else (*_moved_along(state), *_without_extras(state))
    found = (*_sources(state), *unknown)
    return found or (_unexplained(lock, before),)


def repeated_facts(state: ProjectState) -> Iterator[Problem]:
    """Yield where the lock repeats the manifest's Pythons and extras wrongly.

    A content-hash that was copied or kept by hand hides it. More Pythons than the manifest has are
    a warning: the lock is for all of the manifest's, too. Dependabot writes such locks.
    """
    moves = moved_between_extras(state)
    found = (*_moved(moves), *_extras(state, renames(state), moves))
    is_wider = state.locked_python is not None and state.locked_python.allows_all(
        state.declared.python
    )
    for problem in _python(state):
        if problem.severity is Severity.ERROR:
            yield problem._replace(severity=Severity.WARNING) if is_wider else problem
    yield from (problem for problem in found if problem.severity is Severity.ERROR)


def _readable(previous: Manifest) -> Declaration | None:
    """Read an old manifest; one that today's Poetry refuses explains nothing."""
    try:
        return declaration(previous)
    except ManifestError:
        return None


def _place(problem: Problem) -> tuple[str, str | None, str | None]:
    return problem.code, problem.package, problem.group


def _unserved(state: ProjectState, names: Renames) -> Iterator[UnservedRequirement]:
    for requirement in state.requirements:
        found = unsatisfied(state, requirement, names)
        if found is not None:
            yield found


def _of_requirements(
    state: ProjectState, unserved: Iterable[UnservedRequirement]
) -> Iterator[Problem]:
    """Yield one problem for a requirement that several groups share."""
    causes: dict[object, list[UnservedRequirement]] = {}
    for each in unserved:
        causes.setdefault(each.cause, []).append(each)
    for first, *more in causes.values():
        groups = dict.fromkeys(each.requirement.group for each in (first, *more))
        yield first.problem(_that_list(state, first.requirement.name, groups))


def _that_list(state: ProjectState, name: str, groups: Iterable[str]) -> list[str]:
    """Return the groups without those that only include another one of them."""
    groups = list(groups)
    listed = [group for group in groups if lists(state.manifest, group, name)]
    return listed or groups


def _needless(state: ProjectState) -> Iterator[Problem]:
    for name, brought in chain_tops(_unneeded(state), state.pins).items():
        locked = ", ".join(map(shown, state.pins[name]))
        with_it = (
            f"; the same applies to {', '.join(sorted(brought))}, which came with it"
            if brought
            else ""
        )
        yield Problem(
            code="requirement-removed",
            message=f"{name}: locked at {locked}, but nothing declared needs it any more{with_it}",
            package=name,
            locked=locked,
            line=state.pins[name][0].pin.line,
        )


def _unneeded(state: ProjectState) -> set[str]:
    """Return the names of the pins that nothing declared needs."""
    declared = state.declared
    reached = reached_names(state.requirements, state.pins, declared.python)
    return state.pins.keys() - reached - {each.name for each in declared.requirements}


def _merged_groups(
    state: ProjectState, names: Renames, unserved: Iterable[UnservedRequirement]
) -> dict[str, str]:
    """Return the groups that are gone because all they required is in one other group now."""
    moved: dict[str, dict[str, set[str]]] = {}
    for each in unserved:
        if each.code == "group-changed":
            for old in {group for locked in each.pins for group in locked.groups}:
                into = moved.setdefault(old, {}).setdefault(each.requirement.group, set())
                into.add(each.requirement.name)
    locked = locked_groups(state)
    gone = moved.keys() - state.declared.groups.keys() - {"main", *names.groups.values()}
    return {
        old: new
        for old in gone
        if len(moved[old]) == 1
        for new, required in moved[old].items()
        if {*chain_tops(locked[old], state.pins)} <= required
    }


def _is_in(unserved: UnservedRequirement, merges: Mapping[str, str]) -> bool:
    """Whether a requirement changed its group only because that was merged into another one."""
    groups = {group for locked in unserved.pins for group in locked.groups}
    into = {merges.get(group) for group in groups}
    return unserved.code == "group-changed" and into == {unserved.requirement.group}


def _groups(
    state: ProjectState, names: Renames, reported: set[str], merges: Mapping[str, str]
) -> Iterator[Problem]:
    """Yield the groups that are gone or have a new name, and what moved out of the others."""
    declared = {each.name for each in state.declared.requirements}
    for group in sorted(locked_groups(state)):
        if group in merges:
            yield _gone_group(state, group, merges[group], f"merged into {merges[group]}")
            continue
        new = [now for now, old in names.groups.items() if old == group]
        if new or group not in {"main", *state.declared.groups}:
            yield _gone_group(state, group, *new)
            continue
        for name in sorted(_without_need(state, group) & declared - reported):
            yield _lost(state, name, group)


def _without_need(state: ProjectState, group: str) -> set[str]:
    """Return the tops of what is locked for a group that no longer needs it, while others do.

    What came with an unneeded pin is left out: that pin explains it.
    """
    unneeded = _unneeded(state)
    starts = [each for each in state.declared.requirements if each.group == group]
    lost = locked_groups(state)[group] - reached_names(starts, state.pins) - unneeded
    return {*chain_tops(lost - reached_below(unneeded, state.pins), state.pins)}


def _moved_along(state: ProjectState) -> Iterator[Problem]:
    """Yield what left a group though no requirement did, if nothing else explains the lock."""
    for group in sorted(locked_groups(state)):
        for name in sorted(_without_need(state, group)):
            yield _lost(state, name, group)


def _without_extras(state: ProjectState) -> Iterator[Problem]:
    """Yield the requirements with extras of which the lock has nothing: the rest explains nothing.

    Poetry leaves out what an extra brings if nobody asked for it; or else no Python needs it.
    """
    for requirement in state.requirements:
        for pin in state.pins.get(requirement.name, []):
            if words := without_extras(state, pin, requirement.features):
                yield Problem(
                    code="requirement-unsatisfied",
                    message=f"{requirement.name}: declared ({requirement.wanted}), {words}",
                    package=requirement.name,
                    group=requirement.group,
                    requested=requirement.wanted,
                    locked=shown(pin),
                    line=pin.pin.line,
                    file="poetry.lock",
                )


def _gone_group(
    state: ProjectState, group: str, new: str | None = None, what: str | None = None
) -> Problem:
    what = what or ("locked, but no longer declared" if new is None else f"called {new} now")
    lines = (
        locked.pin.line for pins in state.pins.values() for locked in pins if group in locked.groups
    )
    return Problem(
        code="group-changed",
        message=f"group {group}: {what}",
        group=new or group,
        requested=new,
        locked=group,
        line=next(lines),
    )


def _lost(state: ProjectState, name: str, group: str) -> Problem:
    others = sorted(
        {each.group for each in state.declared.requirements if each.name == name} - {group}
    )
    needed = f"declared in {in_words(others)}" if others else "needed by other groups"
    pin = next(locked.pin for locked in state.pins[name] if group in locked.groups)
    return Problem(
        code="group-changed",
        message=f"{name}: locked for group {group}, {needed} only",
        package=name,
        group=group,
        locked=", ".join(map(shown, state.pins[name])),
        line=pin.line,
    )


def _python(state: ProjectState) -> Iterator[Problem]:
    declared, locked = state.declared.python_versions, state.lock.python_versions
    if locked is None or declared == locked:
        return
    respelled = state.locked_python is not None and state.locked_python == state.declared.python
    how = ", only spelled differently" if respelled else ""
    found = Problem(
        code="python-changed",
        severity=Severity.NOTE if respelled else Severity.ERROR,
        message=f"Python: declared {declared}, locked for {locked}{how}",
        requested=declared,
        locked=locked,
    )
    yield found.with_next_step(REFRESH) if respelled else found


def _is_moved(unserved: UnservedRequirement, moves: Mapping[str, ExtraMove]) -> bool:
    """Whether a requirement lacks a pin only because it moved to another extra."""
    requirement = unserved.requirement
    move = moves.get(requirement.name)
    return (
        move is not None
        and requirement.in_extras == (move.new,)
        and any(locked.fits(requirement.dependency) for locked in unserved.pins)
    )


def _moved(moves: Mapping[str, ExtraMove]) -> Iterator[Problem]:
    for name, move in moves.items():
        yield Problem(
            code="extras-changed",
            message=f"{name}: in extra {move.new} now, was in {move.old}",
            package=name,
            requested=move.new,
            locked=move.old,
        )


def _extras(
    state: ProjectState, names: Renames, moves: Mapping[str, ExtraMove]
) -> Iterator[Problem]:
    locked = locked_extras(state)
    declared = {extra: {*packages} for extra, packages in state.declared.extras.items()}
    for name, move in moves.items():
        declared[move.new].discard(name)
        locked[move.old].discard(name)
    old_names = {old: new for new, old in names.extras.items()}
    for extra in sorted((locked.keys() | declared.keys()) - names.extras.keys()):
        new = old_names.get(extra, extra)
        now, then = declared.get(new), locked.get(extra)
        if new == extra and now == then:
            continue
        what = (
            f"called {new} now, with {_listed(now)}"
            if new != extra
            else f"{_names('declared', now)}, {_names('locked', then)}"
        )
        yield Problem(
            code="extras-changed",
            message=f"extra {extra}: {what}",
            requested=_listed(now),
            locked=_listed(then),
        )


def _names(verb: str, names: set[str] | None) -> str:
    if names is None:
        return f"not {verb}"
    return f"{verb} with {_listed(names) or 'nothing in it'}"


def _listed(names: set[str] | None) -> str | None:
    return None if names is None else ", ".join(sorted(names))


def _sources(state: ProjectState) -> Iterator[Problem]:
    """Say which index of the lock's pins the manifest does not declare, or declares elsewhere."""
    seen = set()
    for pins in state.pins.values():
        for source in (locked.pin.source for locked in pins):
            if source is None or source.kind != "legacy" or source in seen:
                continue
            seen.add(source)
            name = source.reference or redact(source.url)
            declared = state.declared.source_url(name)
            if declared is None or not same_index(declared, source.url):
                now = "no longer declared" if declared is None else f"now {redact(declared)}"
                yield Problem(
                    code="content-hash",
                    message=f"source {name}: locked as {redact(source.url)}, {now}",
                    requested=declared and redact(declared),
                    locked=redact(source.url),
                )


def _unexplained(lock: Lock, before: Declaration | None) -> Problem:
    if before is not None:
        return Problem(
            code="content-hash",
            severity=Severity.NOTE,
            message="only the spelling or the order in pyproject.toml changed",
            locked=lock.content_hash,
        ).with_next_step(REFRESH)
    if lock.content_hash is None:
        return Problem(
            code="content-hash",
            message=f"{_SATISFIED}; [metadata] of the lock has no content-hash",
        ).with_next_step("`poetry lockguard fix` writes it")
    return Problem(
        code="content-hash",
        message=f"{_SATISFIED}; pyproject.toml changed in a way that affects no pin",
        locked=lock.content_hash,
    ).with_next_step(REFRESH)
