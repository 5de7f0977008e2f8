"""Merges the text of two locks entry by entry, where no package was changed by both sides."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from poetry_lockguard.repair.lock_text import LockText, OddLayout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from poetry_lockguard.repair.lock_text import Block

_SHARED = ("lock-version", "python-versions")  #: what both sides must agree on


def merged_entries(base: str, ours: str, theirs: str) -> str | None:
    """Return our lock with what only their side changed; None if it takes more than that.

    The extras and the hash are still ours.
    """
    locks = [LockText.parse(text) for text in (base, ours, theirs)]
    known = [lock for lock in locks if not isinstance(lock, OddLayout)]
    if len(known) < len(locks) or any(lock.has_files_elsewhere for lock in known):
        return None
    _, mine, other = known
    if mine.newline != other.newline or any(
        mine.metadata.get(key) != other.metadata.get(key) for key in _SHARED
    ):
        return None
    entries = [_by_name(lock.blocks) for lock in known]
    chosen: dict[str, list[Block]] = {}
    for name in {name for side in entries for name in side}:
        then, here, there = (side.get(name, []) for side in entries)
        if _texts(there) in {_texts(then), _texts(here)}:
            continue
        if _texts(here) != _texts(then):
            return None
        chosen[name] = there
    kept = [block for block in mine.blocks if canonicalize_name(block.name) not in chosen]
    for name, blocks in sorted(chosen.items()):
        place = _place(kept, name)
        kept[place:place] = blocks
    return mine.with_blocks(kept).render()


def _by_name(blocks: Sequence[Block]) -> dict[str, list[Block]]:
    found: defaultdict[str, list[Block]] = defaultdict(list)
    for block in blocks:
        found[str(canonicalize_name(block.name))].append(block)
    return found


def _texts(blocks: Sequence[Block]) -> tuple[str, ...]:
    return tuple(block.text for block in blocks)


def _place(blocks: Sequence[Block], name: str) -> int:
    """Return where entries of a package sort among others, as Poetry sorts them."""
    names = [canonicalize_name(block.name) for block in blocks]
    return next((place for place, other in enumerate(names) if other > name), len(names))
