"""Reads the input of the trust check: the lock, and the manifests of its path dependencies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from poetry_lockguard.errors import ManifestError
from poetry_lockguard.freshness import trust
from poetry_lockguard.lockfile.fast.header import parts
from poetry_lockguard.lockfile.package_tables import pins
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.manifest.content_hash import accepting
from poetry_lockguard.manifest.document import read

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from poetry_lockguard.freshness.project_state import ProjectState
    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.lockfile.fast.header import Parts
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.manifest.requirement import Requirement
    from poetry_lockguard.outcomes import Problem
    from poetry_lockguard.policy.terms import Policy

_TABLE = "[package.source]"


def untrusted(
    manifest: Manifest, content: bytes, policy: Policy | None, *, is_fresh: bool, walk: bool
) -> tuple[Problem, ...]:
    """Return the problems for which a readable lock is not to be trusted.

    The lock is ``untrusted`` if one of them is an error. ``walk`` also looks for pins that nothing
    needs, for which poetry-core has to read both files. Without it and without a policy, only the
    relevant pins of a fresh lock are parsed, unless one of them is wrong.
    """
    return (
        *_unasked(manifest, content, is_fresh=is_fresh, walk=walk),
        *(() if policy is None else _forbidden(manifest, parse(content), policy)),
    )


def _unasked(
    manifest: Manifest, content: bytes, *, is_fresh: bool, walk: bool
) -> tuple[Problem, ...]:
    found = None if walk or not is_fresh else parts(content)
    if found is not None:
        excerpt = _excerpt(manifest, found)
        if not excerpt or not _problems(manifest, parse(excerpt), is_in_step=True):
            return ()
    return _of_parsed(manifest, parse(content), walk=walk)


def _excerpt(manifest: Manifest, found: Parts) -> bytes:
    """Return the lock with only the pins that are not from PyPI, or should not be, if any."""
    bound = {f'name = "{name}"' for name in trust.of_manifest(manifest).bound}
    kept = [
        text
        for text in found.packages
        if _TABLE in text or text.lstrip().partition("\n")[0].lower() in bound
    ]
    return found.only(kept) if kept else b""


def of_lock(
    manifest: Manifest,
    lock: Lock,
    policy: Policy | None,
    *,
    walk: bool,
    state: ProjectState | None = None,
) -> tuple[Problem, ...]:
    """Return the problems for which a parsed lock is not to be trusted.

    ``state`` is that of ``manifest`` and ``lock``, if they have been read together already.
    """
    from poetry_lockguard.freshness import duplicate_pins

    return (
        *_of_parsed(manifest, lock, walk=walk, state=state),
        *duplicate_pins.rivals(manifest, lock),
        *(() if policy is None else _forbidden(manifest, lock, policy)),
    )


def _of_parsed(
    manifest: Manifest, lock: Lock, *, walk: bool, state: ProjectState | None = None
) -> tuple[Problem, ...]:
    is_in_step = bool(accepting(manifest.data, lock.content_hash, lock.generator))
    return (
        *_problems(manifest, lock, is_in_step=is_in_step),
        *(_unneeded(manifest, lock, state) if walk and is_in_step else ()),
    )


def without_foreign(manifest: Manifest, lock: Mapping[str, Any]) -> dict[str, Any]:
    """Return a lock's data without the pins from direct origins that nobody asks for.

    Poetry keeps such a pin for a requirement that names no origin, and so never follows one that
    moved from a repository to an index.
    """
    parsed, _ = pins({**lock}, lock["metadata"].get("lock-version", ""), "")
    gone = {id(pin) for pin in trust.foreign(manifest, parsed, readable)}
    kept = [
        entry for pin, entry in zip(parsed, lock["package"], strict=True) if id(pin) not in gone
    ]
    return {**lock, "package": kept}


def _forbidden(manifest: Manifest, lock: Lock, policy: Policy) -> tuple[Problem, ...]:
    from poetry_lockguard.freshness.policed import forbidden, pins_of
    from poetry_lockguard.policy.enforcement import DENIED

    found = forbidden(manifest, policy, pins_of(lock), are_all=True)
    if not any(problem.code == DENIED for problem in found):
        return found
    from poetry_lockguard.manifest.requirements import requirements

    required = {requirement.name for requirement in requirements(manifest)}
    return tuple(
        _with_chain(problem, required, lock) if problem.code == DENIED else problem
        for problem in found
    )


def _with_chain(problem: Problem, required: Collection[str], lock: Lock) -> Problem:
    """Name what needs a package, by the shortest way from the manifest."""
    from poetry_lockguard.freshness.reach import shortest_chain

    chain = shortest_chain(problem.package or "", required, lock.pins)
    if not chain:
        return problem
    way = " -> ".join(chain) if len(chain) > 1 else "it"
    return problem._replace(message=f"{problem.message} (pyproject.toml requires {way})")


def _problems(manifest: Manifest, lock: Lock, *, is_in_step: bool) -> tuple[Problem, ...]:
    return (*trust.problems(manifest, lock, readable, is_in_step=is_in_step),)


def _unneeded(
    manifest: Manifest, lock: Lock, read_before: ProjectState | None
) -> tuple[Problem, ...]:
    from poetry_lockguard.freshness.project_state import project_state
    from poetry_lockguard.freshness.reach import reached_names

    state = read_before or project_state(manifest, lock)

    def reached() -> dict[str, set[str]]:
        groups: dict[str, list[Requirement]] = {}
        for requirement in state.declared.requirements:
            groups.setdefault(requirement.group, []).append(requirement)
        return {name: reached_names(found, state.pins) for name, found in groups.items()}

    return (*trust.unneeded(lock, reached, state.never_locked),)


def readable(path: Path) -> Manifest | None:
    """Return a folder's manifest, or None if it cannot be read."""
    try:
        return read(path)
    except ManifestError:
        return None
