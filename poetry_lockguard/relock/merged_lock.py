"""The lock of a merge that git is making, for the manifest that this merge will have."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from poetry_lockguard import files
from poetry_lockguard.errors import LockguardError
from poetry_lockguard.git import forget_variables
from poetry_lockguard.lockfile.changes import changes, lock_changes
from poetry_lockguard.lockfile.damage import LockDamage, UnsupportedLock
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.manifest.document import parse as parse_manifest
from poetry_lockguard.relock.merge_limits import MergeLimits, foreign
from poetry_lockguard.repair.entry_merge import merged_entries
from poetry_lockguard.repair.git_objects import PREFIX
from poetry_lockguard.repair.ladder import Conflict, Declined, Failed, Solved
from poetry_lockguard.repair.lock_merge import merge_locks
from poetry_lockguard.repair.staging import MANIFEST, Stage, manifest_of
from poetry_lockguard.repair.text_merge import NotMergedError, merged_beside

if sys.version_info >= (3, 11):
    from typing import assert_never
else:
    from typing_extensions import assert_never

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cleo.io.io import IO

    from poetry_lockguard.lockfile.changes import Change, LockChange
    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.relock.merging import Pins
    from poetry_lockguard.repair.git_objects import Objects
    from poetry_lockguard.repair.ladder import Attempt
    from poetry_lockguard.repair.merge_commits import Sides
    from poetry_lockguard.repair.text_merge import TextVersions

DAY = 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedLock:
    """The new lock, the strategy that made it, and what it changes for our side.

    ``own`` are changes of the lock's own fields, such as the content hash.
    ``before`` says, a line each, why gentler strategies failed. ``moved_up`` are the formats of
    our side's lock and of the new one where ours could not be kept.
    """

    content: bytes
    strategy: str
    before: tuple[str, ...]
    changes: tuple[Change, ...]
    own: tuple[LockChange, ...]
    moved_up: tuple[str, str] | None = None


def merge_lock(
    path: str, versions: TextVersions, readings: Sequence[Sides], objects: Objects, io: IO
) -> MergedLock:
    """Make the lock at ``path`` of the repository.

    Raises NotMergedError with the reason why not, and LockguardError for an unusable manifest.
    """
    manifest = manifest_of(readings, objects)
    pins = _pins(versions, readings[0], objects)
    _sweep()
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as folder:
        top = Path(os.path.realpath(folder))
        stage = Stage(folder=top, sides=readings[0], objects=objects)
        made = stage.project(path, manifest, versions.ours)
        if len(readings) > 1 and stage.is_shared:
            raise NotMergedError(
                "several commits in the history make this change, and it requires others by path"
            )
        return _climbed(made, pins, _limits(stage, versions), io)


def _limits(stage: Stage, versions: TextVersions) -> MergeLimits:
    """Return what may be used of the other side; our own manifest is as at our commit."""
    own = stage.sides.ours
    text = stage.objects.read(own.commit, own.beside(MANIFEST))
    settings = [merged_beside("poetry.toml", stage.sides, stage.objects)]
    settings.append(stage.objects.read(own.commit, own.beside("poetry.toml")))
    brought = [_manifest(folder / MANIFEST) for folder in sorted(stage.brought)]
    names = foreign(
        None if text is None else _parsed(text, stage.folder / own.beside(MANIFEST)),
        _readable(versions.ours),
        [one for one in brought if one is not None],
    )
    others = ("the settings in poetry.toml",) if settings[0] != settings[1] else ()
    return MergeLimits(own=stage.own, foreign=(*names, *others))


def _manifest(path: Path) -> Manifest | None:
    return _parsed(files.read(path, files.MANIFEST), path) if path.is_file() else None


def _parsed(text: bytes, path: Path) -> Manifest | None:
    with suppress(LockguardError):
        return parse_manifest(text.decode("utf-8", "replace"), path)
    return None


def _sweep() -> None:
    """Remove what drivers that were killed have left, once nobody can be at work in it any more."""
    long_ago = time.time() - DAY
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if folder.stat().st_mtime < long_ago:
                shutil.rmtree(folder)


def _pins(versions: TextVersions, sides: Sides, objects: Objects) -> Pins:
    ours, theirs = _readable(versions.ours), _readable(versions.theirs)
    from poetry_lockguard.relock.merging import Pins  # Poetry's resolver: only where it is needed

    if ours is None or theirs is None:
        return Pins.salvaged((versions.ours, versions.theirs))
    before = [versions.base]
    if len(sides.bases) > 1:
        before = [objects.read(base.commit, base.path) or b"" for base in sides.bases]
    bases = [base for base in map(_readable, before) if base is not None]
    text = None
    if len(sides.bases) == len(bases) == 1:
        texts = (one.decode("utf-8") for one in (*before, versions.ours, versions.theirs))
        text = merged_entries(*texts)
    return Pins.of(merge_locks(bases, ours, theirs), ours, theirs, text)


def _readable(content: bytes) -> Lock | None:
    """Parse a lock; ``None`` for a damaged one. One of a newer format is never merged."""
    try:
        return parse(content)
    except UnsupportedLock as damage:
        reason = damage.problems[0].detail
        raise NotMergedError(f"one side's lock cannot be used: {reason}") from damage
    except LockDamage:
        return None


def _climbed(manifest: Manifest, pins: Pins, limits: MergeLimits, io: IO) -> MergedLock:
    from poetry_lockguard.relock.merging import merge

    forget_variables()  # Poetry asks git, too, about the repositories of dependencies
    before = _readable(files.read(manifest.lock_path))
    attempts = [*merge(manifest, pins, limits, io)]
    if not attempts:
        raise NotMergedError("the settings allow none of offline, relock and regenerate")
    last = attempts[-1]
    if not isinstance(last.outcome, Solved):
        headline = "no lock could be made for the merged pyproject.toml:"
        raise NotMergedError("\n  ".join([headline, *_reasons(attempts)]))
    content = last.outcome.lock_text.encode("utf-8")
    new = parse(content)
    return MergedLock(
        content=content,
        strategy=last.strategy,
        before=tuple(_reasons(one for one in attempts if not isinstance(one.outcome, Declined))),
        changes=changes(before, new),
        own=lock_changes(before, new),
        moved_up=last.outcome.moved_up,
    )


def _reasons(attempts: Iterable[Attempt]) -> Iterator[str]:
    for attempt in attempts:
        match attempt.outcome:
            case Conflict(explanation=explanation, headline=headline):
                below = explanation.splitlines() if explanation != headline else []
                yield f"{attempt.strategy}: {headline}{':' if below else ''}"
                yield from (f"  {line}" for line in below)
            case Declined(reason=reason) | Failed(reason=reason):
                yield f"{attempt.strategy}: {reason}"
            case Solved():
                pass
            case _:
                assert_never(attempt.outcome)
