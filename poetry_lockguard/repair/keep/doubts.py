"""Find what the entry of a pin may have left out, so that the lock alone proves nothing.

Poetry leaves out of a pin's entry what did not matter when the pin was locked: dependencies for
Pythons outside the project's range, of extras that nothing requested, and for environments in which
the pin was not needed. If the manifest now makes one of them matter, the entry may be incomplete.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from poetry_lockguard.lockfile import notation
from poetry_lockguard.reachability import Frontier
from poetry_lockguard.repair.keep.guesses import was_made_without
from poetry_lockguard.repair.keep.kept_or_doubt import Doubt, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from poetry_lockguard.manifest.requirement import Requirement
    from poetry_lockguard.repair.keep.kept_project import KeptProject
    from poetry_lockguard.repair.keep.pin_graph import Node
    from poetry_lockguard.repair.keep.reachable import Reach

#: No release says what it needs on a Python whose major version does not exist.
_NOT_YET = ">=4"
_EXACT_EXTRAS = (2, 3)  #: the first minor of Poetry that writes markers into extras
_VERSION = re.compile(r"(\d{1,9})\.(\d{1,9})")
_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")


def doubts(project: KeptProject, reach: Reach) -> Iterator[Doubt]:
    """Yield what the entries of the needed pins may have left out."""
    yield from _new_pythons(project, reach)
    yield from _new_extras(project, reach)
    yield from _new_environments(project, reach)


def _new_pythons(project: KeptProject, reach: Reach) -> Iterator[Doubt]:
    if project.locked_python is None:
        return
    beyond = _existing(project) & ~project.grid.supporting(project.locked_python)
    for node in project.all_nodes:
        if new := reach.total(node) & beyond:
            yield Doubt(
                reason=Reason.PYTHON_WIDENED,
                package=node.name,
                detail=(
                    f"what {node.locked.pin.version} needs for {project.grid.label(new)} is not in"
                    f" the lock, which was made for Python {project.state.lock.python_versions}"
                ),
            )


def _existing(project: KeptProject) -> int:
    """Return the environments whose Python may have requirements of its own."""
    return project.grid.full & ~project.grid.supporting(notation.constraint(_NOT_YET))


def _new_extras(project: KeptProject, reach: Reach) -> Iterator[Doubt]:
    asked = _asked_before(project)
    for (number, extra), masks in reach.masks.items():
        node = project.by_number[number]
        if not extra or not any(masks.values()):
            continue
        where = 0
        for mask in masks.values():
            where |= mask
        missing = _missing(project, node, extra, where)
        if missing and not ((number, extra) in asked and _may_be_pruned(project, node, missing)):
            yield Doubt(
                reason=Reason.NEW_EXTRA,
                package=node.name,
                detail=f"the lock lacks a dependency of its extra {extra} ({missing})",
            )


def _asked_before(project: KeptProject) -> set[tuple[int, str]]:
    """Return the extras of pins that were requested when the lock was made, as far as known."""
    before = project.reach_before
    if before is not None:
        return {key for key, masks in before.masks.items() if any(masks.values())}
    found: set[tuple[int, str]] = set()
    for node in project.all_nodes:
        brought = node.locked.brought_by(frozenset(node.locked.extras))
        for edge in node.edges:
            for extra in edge.asked | (
                brought.get(edge.name, frozenset()) if edge.names_extras else frozenset()
            ):
                found.update(
                    (other.number, extra)
                    for other in project.nodes.get(edge.name, ())
                    if other.allows(edge)
                )
    return found


def _may_be_pruned(project: KeptProject, node: Node, name: str) -> bool:
    """Whether an entry may lack what an extra of the pin adds though that extra was requested.

    Poetry before 2.3 leaves markers out of the texts of extras, so that some dependencies apply
    nowhere. A newer Poetry leaves out nothing that applies: then the lock was not made for the
    manifest that its hash names, because somebody edited the hash, or a merge kept that of one
    side.
    """
    generator = _VERSION.match(project.state.lock.generator or "")
    is_newer = generator is not None and (int(generator[1]), int(generator[2])) >= _EXACT_EXTRAS
    return not is_newer or any(edge.name == name for edge in node.edges)


def _missing(project: KeptProject, node: Node, extra: str, where: int) -> str:
    """Return the name of a dependency that an extra adds and the entry lacks, or ``""``."""
    locked = node.locked
    expanded = locked.expanded({extra})
    texts = {str(canonicalize_name(name)): locked.pin.extras[name] for name in locked.pin.extras}
    for feature in sorted(expanded):
        for text in texts.get(feature, ()):
            name = _name(text)
            if name == node.name or name in project.state.never_locked:
                continue
            if _applies(project, text, where) and not (
                _lists(project, node, name, feature) or _is_needed_anyway(project, node, name, text)
            ):
                return name
    return ""


def _lists(project: KeptProject, node: Node, name: str, feature: str) -> bool:
    """Whether the entry lists a dependency of this name that exactly this extra adds."""
    return any(
        edge.name == name
        and edge.names_extras
        and (
            "extra" not in str(edge.marker)
            or project.grid.where(edge.marker.only("extra"), frozenset({feature}))
        )
        for edge in node.edges
    )


def _is_needed_anyway(project: KeptProject, node: Node, name: str, text: str) -> bool:
    """Whether the pin needs the same package without the extra, in every environment."""
    versions = text.partition(";")[0][len(name) :].partition("]")[2] if "[" in text else ""
    plain = re.search(r"[(<>=!~^*].*", versions or text.partition(";")[0])
    try:
        allowed = notation.constraint(plain[0].strip(" ()") if plain else "*")
    except notation.UnreadableError:
        return False
    return any(
        edge.name == name and not edge.names_extras and edge.marker.is_any() for edge in node.edges
    ) and all(
        other.version is not None and allowed.allows(other.version)
        for other in project.nodes.get(name, ())
    )


def _applies(project: KeptProject, text: str, where: int) -> bool:
    """Whether a requirement with a marker applies anywhere; older Poetry left markers out."""
    _, semicolon, marker = text.partition(";")
    if not semicolon:
        return True
    try:
        parsed = notation.marker(marker.strip()).without_extras()
    except notation.UnreadableError:
        return True
    try:
        return bool(project.grid.where(parsed) & where)
    except KeyError:  # it uses a variable that no other marker of the lock uses
        return True


def _name(text: str) -> str:
    match = _NAME.match(text)
    return str(canonicalize_name(match[1])) if match else text


def _new_environments(project: KeptProject, reach: Reach) -> Iterator[Doubt]:
    before, existing = contexts(project, reach), _existing(project)
    for node in project.all_nodes:
        known = project.grid.whatever_extras(before[node.number])
        if new := reach.total(node) & existing & ~known:
            yield Doubt(
                reason=Reason.NEW_ENVIRONMENT,
                package=node.name,
                detail=(
                    f"{node.locked.pin.version} was not locked for {project.grid.label(new)};"
                    " the lock may lack what it needs there"
                ),
            )


def contexts(project: KeptProject, reach: Reach) -> Mapping[int, int]:
    """Return the environments that each pin's entry was written for, or fewer if unknown.

    They follow from the earlier manifest, or from the markers of format 2.1. Without both, today's
    requirements count as the earlier ones, except those that the lock's hash shows to be new; a pin
    that others need was locked for their environments, and one that nothing needs was required.
    """
    found = dict(project.old_totals or {})
    if project.reach_before is not None:
        for node in project.all_nodes:
            found[node.number] = found.get(node.number, 0) | project.reach_before.total(node)
    return found or _bounds(project, reach)


def _bounds(project: KeptProject, reach: Reach) -> dict[int, int]:
    grid = project.grid
    known = dict.fromkeys((node.number for node in project.all_nodes), 0)
    parents = {
        other.number
        for node in project.all_nodes
        for edge in node.edges
        for other in project.nodes.get(edge.name, ())
        if other is not node
    }
    declared = _declared_before(project)
    for root in project.roots(project.state):
        if root.requirement not in declared:
            continue
        for number in root.fitting:
            known[number] |= root.where & reach.total(project.by_number[number])
    tops = [node for node in project.all_nodes if known[node.number]]
    _spread(project, known, tops)
    tops = [node for node in project.all_nodes if node.number not in parents]
    while True:
        for node in tops:
            known[node.number] = grid.full
        _spread(project, known, tops)
        left = [node for node in project.all_nodes if not known[node.number]]
        if not left:
            return known
        tops = left[:1]


def _spread(project: KeptProject, known: dict[int, int], starts: list[Node]) -> None:
    frontier: Frontier[Node] = Frontier()
    for node in starts:
        frontier.reach(node, known[node.number])
    for node, where in frontier:
        known[node.number] |= where
        features = frozenset(node.locked.extras)
        for edge in node.edges:
            there = where & project.grid.where(edge.marker, features)
            for other in project.nodes.get(edge.name, ()):
                if other.allows(edge):
                    frontier.reach(other, there & ~known[other.number])


def _declared_before(project: KeptProject) -> frozenset[Requirement]:
    """Return the requirements that may be old: without them the hash is not the old one."""
    state = project.state
    declared = frozenset(state.requirements)
    names = sorted({requirement.name for requirement in declared})
    new = [name for name in names if was_made_without(state.manifest.data, state.lock, {name})]
    return frozenset(requirement for requirement in declared if requirement.name not in new)
