"""Keeps a lock whose pins satisfy the manifest, with as few changes as possible.

No solver runs, and the network is not used. A walk over the pins proves that every requirement is
satisfied, in every environment of the project, for every group and extra.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.freshness import trust
from poetry_lockguard.freshness.deep import folders, pin_files, pin_sources
from poetry_lockguard.freshness.trusting import readable
from poetry_lockguard.lockfile import notation
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.manifest.content_hash import content_hash, rule_for, shared_hash
from poetry_lockguard.outcomes import Severity
from poetry_lockguard.repair.keep.doubts import doubts
from poetry_lockguard.repair.keep.duplicates import without_duplicates
from poetry_lockguard.repair.keep.editing import EVERYTHING, DoubtError, Editor
from poetry_lockguard.repair.keep.grid import MOST, normalized
from poetry_lockguard.repair.keep.kept_or_doubt import Doubt, Kept, Reason
from poetry_lockguard.repair.keep.kept_project import project
from poetry_lockguard.repair.lock_text import LockText, OddLayout
from poetry_lockguard.urls import redact, same_index

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator

    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.outcomes import Problem
    from poetry_lockguard.repair.keep.kept_project import KeptProject
    from poetry_lockguard.repair.keep.pin_graph import Node
    from poetry_lockguard.repair.keep.reachable import Reach, Unserved


_NO_PYTHON = "no Python version is in the range of pyproject.toml"


def keep(  # noqa: PLR0913 - the last one has a default that suits all but an update
    manifest: Manifest,
    lock: Lock,
    text: str,
    poetry: str,
    earlier: Callable[[], Manifest | None] = lambda: None,
    *,
    concerned: Container[str] = EVERYTHING,
) -> Kept | Doubt:
    """Return the text of the lock that satisfies the manifest, or the doubt that rules it out.

    ``lock`` is ``text`` parsed, ``poetry`` the running Poetry's version. ``earlier`` looks up the
    manifest that the lock was made for, and is called only if that makes a difference. The entries
    of packages that are not ``concerned`` are right as they are. Raises ManifestError if
    poetry-core cannot read the manifest.
    """
    cut = LockText.parse(text)
    if isinstance(cut, OddLayout):
        return Doubt(reason=Reason.LAYOUT, package="", detail=cut.reason)
    single = without_duplicates(cut)
    if isinstance(single, Doubt):
        return single
    if single is not cut:
        lock = parse(single.render().encode("utf-8"))
    try:
        return _kept(project(manifest, lock, None), single, poetry, earlier, concerned)
    except notation.UnreadableError as error:
        return Doubt(
            reason=Reason.UNREADABLE, package="", detail=f"an entry cannot be read: {error}"
        )
    except DoubtError as error:
        return error.doubt


def _kept(  # noqa: PLR0911 - one return for each doubt
    plain: KeptProject,
    cut: LockText,
    poetry: str,
    earlier: Callable[[], Manifest | None],
    concerned: Container[str],
) -> Kept | Doubt:
    manifest = plain.state.manifest

    def with_old_manifest() -> KeptProject | None:
        before = earlier()
        informed = None if before is None else project(manifest, plain.state.lock, before)
        return informed if informed is not None and informed.is_lock_of_before else None

    if plain.grid.size > MOST:
        return Doubt(reason=Reason.TOO_MANY, package="", detail="its markers name too many values")
    if not plain.grid.size:
        return Doubt(reason=Reason.NO_PYTHON, package="", detail=_NO_PYTHON)
    renamed = _renamed(plain)
    if isinstance(renamed, Doubt):
        return renamed
    if (doubt := next(_open(plain, renamed), None)) is not None:
        return doubt
    reach = plain.reach
    if reach is None:
        return Doubt(
            reason=Reason.UNSETTLED, package="", detail="no choice of its pins satisfies everything"
        )
    found = _first(doubts(plain, reach), concerned)
    if found is not None:
        informed = with_old_manifest()
        if informed is None or informed.reach is None:
            return found
        found = _first(doubts(informed, informed.reach), concerned)
        if found is not None:
            return found
    editor = Editor(plain, reach, renamed, with_old_manifest, concerned)
    return Kept(text=_text(plain, editor, cut, poetry).render(), notes=_notes(plain))


def _first(found: Iterator[Doubt], concerned: Container[str]) -> Doubt | None:
    return next((doubt for doubt in found if doubt.package in concerned), None)


def _open(plain: KeptProject, renamed: Container[str]) -> Iterator[Doubt]:
    """Yield a doubt for each requirement that the pins do not satisfy.

    ``renamed`` are the old names of sources whose name alone changed.
    """
    for root in plain.roots(plain.state):
        name = root.requirement.name
        if not root.where or root.fitting or name in plain.state.never_locked:
            continue
        if name not in plain.nodes:
            yield Doubt(reason=Reason.NOT_LOCKED, package=name, detail="not in the lock")
        else:
            yield Doubt(
                reason=Reason.UNSERVED,
                package=name,
                detail=f"no pin fits {root.requirement.wanted}",
            )
    reach = plain.reach
    if reach is not None:
        for need in reach.unserved:
            yield Doubt(
                reason=Reason.UNSERVED,
                package=need.name,
                detail=_why_unserved(plain, reach, need),
            )
    yield from _foreign(plain)
    yield from _misplaced(plain, renamed)
    yield from _moved(plain)


def _why_unserved(plain: KeptProject, reach: Reach, need: Unserved) -> str:
    """Say which Pythons a pin supports that fits otherwise, or else that none fits."""
    where = plain.grid.label(need.where)
    for place, fitting, by in reach.demands[need.name]:
        for node in plain.nodes.get(need.name, ()) if by is need.by and place & need.where else ():
            supported = plain.grid.supporting(node.python)
            if node.number in fitting and not supported & need.where:
                who = "pyproject.toml" if by is None else f"{by.name} {by.locked.pin.version}"
                pin = node.locked.pin
                return (
                    f"{pin.version} supports Python {pin.python_versions} only, and {who} needs it"
                    f" for {where}"
                )
    who = "the manifest" if need.by is None else f"{need.by.name} {need.by.locked.pin.version}"
    return f"no pin satisfies {who} for {where}"


def _foreign(plain: KeptProject) -> Iterator[Doubt]:
    """Yield a doubt for each needed pin from a repository, file or folder that nobody asks for."""
    reach, state = plain.reach, plain.state
    pins = {id(node.locked.pin): node for node in plain.all_nodes}
    for pin in trust.foreign(state.manifest, state.lock.pins, readable):
        node = pins.get(id(pin))
        if reach is not None and node is not None and reach.total(node) and pin.source is not None:
            yield Doubt(
                reason=Reason.SOURCE,
                package=pin.name,
                detail=(
                    f"is pinned from {redact(pin.source.url)} ({pin.source.kind}), which"
                    " pyproject.toml does not ask for"
                ),
            )


def _misplaced(plain: KeptProject, renamed: Container[str]) -> Iterator[Doubt]:
    """Yield a doubt for each needed pin from another index than the manifest now takes it from."""
    reach, state = plain.reach, plain.state
    if reach is None:
        return
    needed = {
        node.name
        for node in plain.all_nodes
        if reach.total(node)
        and not (node.locked.pin.source and node.locked.pin.source.reference in renamed)
    }
    for problem in trust.problems(state.manifest, state.lock, readable, is_in_step=True):
        if problem.package in needed and problem.severity is Severity.ERROR:
            reason = problem.message.partition("; ")[0].removeprefix(f"{problem.package}: ")
            yield Doubt(reason=Reason.SOURCE, package=problem.package, detail=reason)


def _moved(plain: KeptProject) -> Iterator[Doubt]:
    """Yield a doubt for each local pin whose folder or file has changed."""
    found = (*folders.problems(plain.state, dated=Severity.ERROR), *_local(plain))
    for problem in found:
        if problem.severity is Severity.ERROR:
            yield Doubt(
                reason=Reason.PATH_CHANGED,
                package=problem.package or "",
                detail=problem.detail or problem.message,
            )


def _local(plain: KeptProject) -> Iterator[Problem]:
    """Yield the problems of local files whose content changed, and of git pins without a commit."""
    kinds = {node.locked.pin.source.kind for node in plain.all_nodes if node.locked.pin.source}
    if "file" in kinds:
        absent = {node.name for node in absent_files(plain)}
        yield from (
            problem
            for problem in pin_files.problems(plain.state)
            if problem.code == "local-file" and problem.package not in absent
        )
    if "git" in kinds:
        found = pin_sources.problems(plain.state)
        yield from (problem for problem in found if problem.code == "vcs-reference")


def absent_files(plain: KeptProject) -> Iterator[Node]:
    """Yield the pins of local files that do not exist here."""
    for node in plain.all_nodes:
        source = node.locked.pin.source
        if source is None or source.kind != "file":
            continue
        if not (plain.state.manifest.folder / source.url).exists():
            yield node


def _renamed(plain: KeptProject) -> dict[str, str] | Doubt:
    """Return the new names of sources whose name alone changed.

    Poetry ignores the case of these names.
    """
    declared = plain.state.declared.sources
    known = {name.lower() for name in declared}
    renamed: dict[str, str] = {}
    for node in plain.all_nodes:
        source = node.locked.pin.source
        if source is None or source.kind != "legacy":
            continue
        reference = source.reference or ""
        if reference.lower() in known:
            url = next(url for name, url in declared.items() if name.lower() == reference.lower())
            if url and not same_index(url, source.url):
                return Doubt(
                    reason=Reason.SOURCE,
                    package=node.name,
                    detail=f"the URL of source {reference} has changed",
                )
            continue
        names = [name for name, url in declared.items() if url and same_index(url, source.url)]
        if len(names) != 1:
            return Doubt(
                reason=Reason.SOURCE,
                package=node.name,
                detail=f"is pinned from {reference}, which is not a source of this project",
            )
        renamed[reference] = names[0]
    return renamed


def _text(plain: KeptProject, editor: Editor, cut: LockText, poetry: str) -> LockText:
    declared = plain.state.declared
    lock = editor.edited(cut)
    before = cut.metadata.get("python-versions", "*")
    if not _is_same_range(before, declared.python_versions):
        lock = lock.with_metadata("python-versions", declared.python_versions)
    lock = _with_extras(plain, lock)
    data = plain.state.manifest.data
    shared = shared_hash(data, cut.generator, poetry)
    if shared is not None:
        return lock.with_metadata("content-hash", shared)
    lock = lock.with_metadata("content-hash", content_hash(data, rule_for(poetry)))
    return lock.with_generator(_header(poetry))


def _header(poetry: str) -> str:
    return (
        f"# This file is automatically @generated by Poetry {poetry}"
        " and should not be changed by hand."
    )


def _is_same_range(old: str, new: str) -> bool:
    try:
        return notation.same_constraints(old, new)
    except notation.UnreadableError:
        return False


def _with_extras(plain: KeptProject, lock: LockText) -> LockText:
    known = lock.extras
    spelled = {normalized([name]): name for name in known}
    new = {}
    for name, names in plain.extras.items():
        old = spelled.get(normalized([name]), name)
        is_same = normalized(known.get(old, ())) == normalized(names)
        if old in known and is_same:
            new[old] = known[old]
        else:
            new[name] = names
    return lock if new == known else lock.with_extras(new)


def _notes(plain: KeptProject) -> tuple[str, ...]:
    """Return a note that names the local pins that do not exist here."""
    folders = [
        node
        for node in plain.all_nodes
        if node.locked.pin.source is not None
        and node.locked.pin.source.kind == "directory"
        and not (plain.state.manifest.folder / node.locked.pin.source.url).is_dir()
    ]
    absent = sorted({node.name for node in (*folders, *absent_files(plain))})
    listed = ", ".join(absent)
    return (f"not on this machine, so kept as locked: {listed}",) if absent else ()
