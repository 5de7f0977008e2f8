"""Drops repeated entries, as a merge leaves them, where it makes no difference which one stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from poetry_lockguard.repair.keep.kept_or_doubt import Doubt, Reason
from poetry_lockguard.repair.lock_text import KEYS

if TYPE_CHECKING:
    from poetry_lockguard.repair.lock_text import Block, LockText

#: what Poetry reads of an entry; other keys are lines that a merge moved to the wrong entry
_READ = frozenset({*KEYS, "dependencies", "extras", "source"})
_SPELLED = frozenset({"name", "description", "files"})  #: these may differ in one pin's entries


def without_duplicates(lock: LockText) -> LockText | Doubt:
    """Return the lock with one entry for each pin, or the doubt about which of several is right.

    Entries are the same if Poetry reads the same from them. Of their files, one may have more.
    """
    entries: dict[tuple[str, str], list[Block]] = {}
    for block in lock.blocks:
        entries.setdefault((canonicalize_name(block.name), block.version), []).append(block)
    dropped: list[Block] = []
    for same in entries.values():
        if len(same) > 1:
            gone = _repeated(same)
            if isinstance(gone, Doubt):
                return gone
            dropped += gone
    return lock.without(dropped) if dropped else lock


def _repeated(same: list[Block]) -> list[Block] | Doubt:
    by_source: dict[tuple[tuple[str, Any], ...], list[Block]] = {}
    for block in same:
        by_source.setdefault(tuple(sorted(block.source.items())), []).append(block)
    dropped: list[Block] = []
    for blocks in by_source.values():
        best = max(blocks, key=_quality)
        if any(not _says_no_more(block, best) for block in blocks):
            return Doubt(
                reason=Reason.DUPLICATE,
                package=str(canonicalize_name(best.name)),
                detail=f"{best.version} is locked twice, with different contents",
            )
        dropped += [block for block in blocks if block is not best]
    return dropped


def _quality(block: Block) -> tuple[int, bool]:
    return len(_files(block)), block.entry_without_files.keys() <= _READ


def _says_no_more(block: Block, best: Block) -> bool:
    return _files(block) <= _files(best) and _meaning(block) == _meaning(best)


def _files(block: Block) -> frozenset[tuple[str, str]]:
    return frozenset((one["file"], one.get("hash", "")) for one in block.entry.get("files", ()))


def _meaning(block: Block) -> dict[str, Any]:
    entry = block.entry_without_files
    return {key: value for key, value in entry.items() if key in _READ - _SPELLED}
