"""A file derived from the lock, in a merge that git is making: made anew from the merged lock."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from poetry_lockguard.exports.export_table import DeclaredFile, declared_files
from poetry_lockguard.exports.lock_selection import UnclearError
from poetry_lockguard.exports.outcome import Exported, Refused
from poetry_lockguard.lockfile.damage import LockDamage
from poetry_lockguard.lockfile.parse import parse as parse_lock
from poetry_lockguard.manifest.document import parse as parse_manifest
from poetry_lockguard.relock.merged_lock import merge_lock
from poetry_lockguard.repair.git_objects import TreePlace
from poetry_lockguard.repair.merge_commits import Sides
from poetry_lockguard.repair.staging import MANIFEST, manifest_of
from poetry_lockguard.repair.text_merge import NotMergedError, TextVersions
from poetry_lockguard.settings import parse as parse_settings
from poetry_lockguard.snapshots.format.file_facts import NOTHING_KNOWN, with_more

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo.io.io import IO

    from poetry_lockguard.exports.outcome import Places
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.repair.git_objects import Objects

LOCK = "poetry.lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Project:
    """The project that declares the file: its merged manifest, and the merge of its lock."""

    manifest: Manifest
    lock: str
    readings: list[Sides]


def merge_export(
    path: str, versions: TextVersions, readings: Sequence[Sides], objects: Objects, io: IO
) -> bytes:
    """Make the derived file at ``path`` of the repository; no network is used for itself.

    Raises NotMergedError with the reason why not, and LockguardError for an unusable manifest.
    """
    project = _project(path, readings, objects)
    text = _merged_lock(project, objects, io)
    try:
        ours, theirs = (
            _declared(path, project, text, side) for side in (versions.ours, versions.theirs)
        )
    except (LockDamage, UnclearError) as error:
        raise NotMergedError(str(error)) from error
    if ours.is_edited or theirs.is_edited:
        raise NotMergedError("it was edited by hand")
    match ours.derived.made(_joined(ours.known_places(), theirs.known_places())):
        case Exported(text=made):
            return ours.content(made)
        case Refused(reasons=reasons):
            raise NotMergedError("; ".join(reasons))


def _project(path: str, readings: Sequence[Sides], objects: Objects) -> _Project:
    """Find the nearest project above the file that declares it."""
    for folder in PurePosixPath(path).parents:
        lock = posixpath.normpath(posixpath.join(folder.as_posix(), LOCK))
        moved = [_at(lock, one) for one in readings]
        if not moved or objects.read(moved[0].ours.commit, moved[0].ours.beside(MANIFEST)) is None:
            continue
        text = manifest_of(moved, objects).decode("utf-8", "replace")
        manifest = parse_manifest(text, objects.top / moved[0].ours.beside(MANIFEST))
        settings = parse_settings(manifest.settings, str(manifest.path))
        if posixpath.relpath(path, folder.as_posix()) in settings.exports:
            return _Project(manifest=manifest, lock=lock, readings=moved)
    raise NotMergedError("no project declares it in [tool.lockguard.exports]")


def _at(path: str, sides: Sides) -> Sides:
    """Return the same merge, of another file."""
    return Sides(
        bases=tuple(TreePlace(one.commit, path) for one in sides.bases),
        ours=TreePlace(sides.ours.commit, path),
        theirs=TreePlace(sides.theirs.commit, path),
    )


def _merged_lock(project: _Project, objects: Objects, io: IO) -> bytes:
    """Return the lock as its own driver merges it, or that of the side that changed it."""
    sides = project.readings[0]
    places = (*sides.bases[:1], sides.ours, sides.theirs)
    *bases, ours, theirs = (objects.read(one.commit, one.path) or b"" for one in places)
    base = bases[0] if bases else b""
    if theirs in {ours, base}:
        return ours
    if ours == base:
        return theirs
    versions = TextVersions(base=base, ours=ours, theirs=theirs)
    return merge_lock(project.lock, versions, project.readings, objects, io).content


def _declared(path: str, project: _Project, lock: bytes, side: bytes) -> DeclaredFile:
    """Return the declaration of a file with the text that one side has."""
    manifest = project.manifest
    settings = parse_settings(manifest.settings, str(manifest.path))
    name = posixpath.relpath(path, posixpath.dirname(project.lock) or ".")
    wanted = settings._replace(exports={name: settings.exports[name]})
    (found,) = declared_files(manifest, parse_lock(lock), wanted)
    return replace(found, text=side.decode("utf-8", "replace"))


def _joined(ours: Places, theirs: Places) -> Places:
    """Return what either side's file says of the files and packages."""
    urls = {
        key: {**theirs.urls.get(key, {}), **ours.urls.get(key, {})}
        for key in (*ours.urls, *theirs.urls)
    }
    facts = {
        key: with_more(ours.facts.get(key, NOTHING_KNOWN), theirs.facts.get(key, NOTHING_KNOWN))
        for key in (*ours.facts, *theirs.facts)
    }
    licences = {**theirs.licences, **ours.licences}
    return replace(ours, urls=urls, facts=facts, licences=licences, pypi=ours.pypi or theirs.pypi)
