"""Says, requirement by requirement, why a lock's content-hash is not the manifest's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from poetry_lockguard.errors import ManifestError
from poetry_lockguard.freshness.compare import differences
from poetry_lockguard.freshness.project_state import ProjectState, project_state
from poetry_lockguard.freshness.reach import chain_tops, reached_names
from poetry_lockguard.freshness.satisfaction import shown, unsatisfied
from poetry_lockguard.manifest.requirements import declaration
from poetry_lockguard.outcomes import Problem, Severity
from poetry_lockguard.urls import redact, same_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.manifest.requirements import Declaration

_REFRESH = "a refresh of the hash suffices (`poetry lockguard fix`)"


def explain(manifest: Manifest, lock: Lock, previous: Manifest | None) -> tuple[Problem, ...]:
    """Explain a lock whose content-hash does not match; ``previous`` is the manifest it matches.

    Real drift is an error. What only respells or reorders the manifest is a note: Poetry calls
    the lock stale all the same. There is always at least one problem. Without ``previous`` a
    requirement that changed but is still served cannot be told from one that was respelled.
    Raises ManifestError when poetry-core cannot make sense of the manifest.
    """
    here = project_state(manifest, lock)
    drift = (
        *_requirements(here),
        *_needless(here),
        *_vanished_groups(here),
        *_python(here),
        *_extras(here),
    )
    before = None if previous is None else _readable(previous)
    changes: tuple[Problem, ...] = ()
    if previous is not None and before is not None:
        changes = tuple(differences(before, here, {*map(_place, drift)}, previous))
    return (*drift, *changes) or (*_sources(here),) or (_unexplained(lock, before),)


def _readable(previous: Manifest) -> Declaration | None:
    """Read an old manifest; one that today's Poetry refuses explains nothing."""
    try:
        return declaration(previous)
    except ManifestError:
        return None


def _place(problem: Problem) -> tuple[str, str | None, str | None]:
    return problem.code, problem.package, problem.group


def _requirements(here: ProjectState) -> Iterator[Problem]:
    for requirement in here.requirements:
        problem = unsatisfied(here, requirement)
        if problem is not None:
            yield problem


def _needless(here: ProjectState) -> Iterator[Problem]:
    needless = here.pins.keys() - reached_names(here.declared.requirements, here.pins)
    for name, brought in chain_tops(set(needless), here.pins).items():
        locked = ", ".join(map(shown, here.pins[name]))
        with_it = f", nor {', '.join(sorted(brought))} that came with it" if brought else ""
        yield Problem(
            code="requirement-removed",
            message=f"{name}: locked at {locked}, but nothing declared needs it any more{with_it}",
            package=name,
            locked=locked,
            line=here.pins[name][0].pin.line,
        )


def _vanished_groups(here: ProjectState) -> Iterator[Problem]:
    locked = {
        group: held.pin.line
        for pins in here.pins.values()
        for held in pins
        for group in held.groups
    }
    for group in sorted(locked.keys() - here.declared.groups.keys() - {"main"}):
        yield Problem(
            code="group-changed",
            message=f"group {group}: locked, but no longer declared",
            group=group,
            locked=group,
            line=locked[group],
        )


def _python(here: ProjectState) -> Iterator[Problem]:
    declared, locked = here.declared.python_versions, here.lock.python_versions
    if locked is None or declared == locked:
        return
    respelled = here.locked_python is not None and here.locked_python == here.declared.python
    what = f"only spelled differently: {_REFRESH}" if respelled else "resolved for another range"
    yield Problem(
        code="python-changed",
        severity=Severity.NOTE if respelled else Severity.ERROR,
        message=f"Python: declared {declared}, locked for {locked}: {what}",
        requested=declared,
        locked=locked,
    )


def _extras(here: ProjectState) -> Iterator[Problem]:
    locked = {
        str(canonicalize_name(extra)): {str(canonicalize_name(name)) for name in names}
        for extra, names in here.lock.extras.items()
    }
    declared = {extra: {*names} for extra, names in here.declared.extras.items()}
    for extra in sorted(locked.keys() | declared.keys()):
        wanted, held = declared.get(extra), locked.get(extra)
        if wanted == held:
            continue
        yield Problem(
            code="extras-changed",
            message=f"extra {extra}: {_names('declared', wanted)}, {_names('locked', held)}",
            requested=_listed(wanted),
            locked=_listed(held),
        )


def _names(verb: str, names: set[str] | None) -> str:
    if names is None:
        return f"not {verb}"
    return f"{verb} with {_listed(names) or 'nothing in it'}"


def _listed(names: set[str] | None) -> str | None:
    return None if names is None else ", ".join(sorted(names))


def _sources(here: ProjectState) -> Iterator[Problem]:
    """Say which index of the lock's pins the manifest does not declare, or declares elsewhere."""
    seen = set()
    for pins in here.pins.values():
        for source in (held.pin.source for held in pins):
            if source is None or source.kind != "legacy" or source in seen:
                continue
            seen.add(source)
            name = source.reference or redact(source.url)
            declared = here.declared.source_url(name)
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
            message=f"only the spelling or the order in pyproject.toml changed: {_REFRESH}",
            locked=lock.content_hash,
        )
    if lock.content_hash is None:
        return Problem(
            code="content-hash",
            message=(
                "every requirement is still served, but [metadata] of the lock has no content-hash;"
                " `poetry lockguard fix` writes it"
            ),
        )
    return Problem(
        code="content-hash",
        message=(
            "every requirement is still served, but the lock was made for another text of"
            " pyproject.toml; `poetry lockguard fix` brings them in step"
        ),
        locked=lock.content_hash,
    )
