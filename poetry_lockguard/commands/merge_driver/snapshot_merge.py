"""Three-way merge of snapshots for git: each configuration from the side that changed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.errors import LockguardError
from poetry_lockguard.manifest.content_hash import newest_hash
from poetry_lockguard.manifest.document import parse as parse_manifest
from poetry_lockguard.plurals import first_few
from poetry_lockguard.repair.staging import MANIFEST, manifest_of
from poetry_lockguard.repair.text_merge import NotMergedError
from poetry_lockguard.snapshots import three_way_merge
from poetry_lockguard.snapshots.format import reader, writer
from poetry_lockguard.snapshots.format.canonical import Seal
from poetry_lockguard.snapshots.merge import Conflicts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from poetry_lockguard.repair.git_objects import Objects
    from poetry_lockguard.repair.merge_commits import Sides
    from poetry_lockguard.repair.text_merge import TextVersions
    from poetry_lockguard.snapshots.document import Snapshot

_MOST = 3  #: how many contradictions are listed


def merged_snapshot(
    path: str, versions: TextVersions, readings: Sequence[Sides], objects: Objects
) -> tuple[bytes, str]:
    """Return the bytes of the merged and sealed snapshot, and the message for the user.

    Raises NotMergedError for contradictions, LockguardError if a side cannot be read.
    """
    base = _read(versions.base, f"{path} (base)") if versions.base else None
    ours = _read(versions.ours, f"{path} (ours)")
    theirs = _read(versions.theirs, f"{path} (theirs)")
    outcome = three_way_merge.merge(base, ours, theirs)
    if isinstance(outcome, Conflicts):
        places = [conflict.place for conflict in outcome.conflicts]
        raise NotMergedError(f"both sides changed {first_few(places, _MOST)}")
    return writer.render(outcome.snapshot), f"merged{_drift(outcome.snapshot, readings, objects)}"


def _read(content: bytes, where: str) -> Snapshot:
    reading = reader.parse(content, where)
    if reading.seal is not Seal.OK:
        raise NotMergedError(f"the seal of {where} is {reading.seal.value}")
    return reading.snapshot


def _drift(snapshot: Snapshot, readings: Sequence[Sides], objects: Objects) -> str:
    """Return a warning if the snapshot was not resolved for the merged manifest."""
    try:
        text = manifest_of(readings, objects)
        manifest = parse_manifest(text.decode("utf-8", "replace"), objects.top / MANIFEST)
    except LockguardError as error:
        return f"; not compared with the merged {MANIFEST}: {error}"
    if newest_hash(manifest.data) == snapshot.project.content_hash:
        return ""
    return f"; it does not fit the merged {MANIFEST}: run `lockguard snapshot create`"
