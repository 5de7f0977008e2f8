"""Merges the text of two locks entry by entry, where no package was changed by both sides."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name

from poetry_lockguard.repair.lock_text import LockText, OddLayout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from poetry_lockguard.repair.lock_text import Block
    from poetry_lockguard.repair.toml_statements import Statement


class Entries(NamedTuple):
    """All entries of one package, and its row of files in the formats that have one elsewhere."""

    blocks: tuple[Block, ...]
    files: Statement | None

    @property
    def texts(self) -> tuple[str, ...]:
        """What has to be equal for the entries to be."""
        return (*(block.text for block in self.blocks), self.files.text if self.files else "")


_NONE = Entries((), None)
_SHARED = ("lock-version", "python-versions")  #: what both sides must agree on


def merged_entries(base: str, ours: str, theirs: str) -> str | None:
    """Return our lock with what only their side changed; None if it takes more than that.

    The extras and the hash are still ours.
    """
    locks = [LockText.parse(text) for text in (base, ours, theirs)]
    known = [lock for lock in locks if not isinstance(lock, OddLayout)]
    if len(known) < len(locks):
        return None
    _, mine, other = known
    if (
        mine.newline != other.newline
        or mine.has_files_elsewhere != other.has_files_elsewhere
        or any(mine.metadata.get(key) != other.metadata.get(key) for key in _SHARED)
    ):
        return None
    sides = [_entries(lock) for lock in known]
    chosen: dict[str, Entries] = {}
    for name in {name for side in sides for name in side}:
        then, here, there = (side.get(name, _NONE) for side in sides)
        if there.texts in {then.texts, here.texts}:
            continue
        if here.texts != then.texts:
            return None
        chosen[name] = there
    kept = [block for block in mine.blocks if canonicalize_name(block.name) not in chosen]
    merged = mine
    for name, entries in sorted(chosen.items()):
        place = _place(kept, name)
        kept[place:place] = entries.blocks
        if merged.has_files_elsewhere:
            merged = merged.with_file_row(name, entries.files)
    return merged.with_blocks(kept).render()


def _entries(lock: LockText) -> dict[str, Entries]:
    """Return the entries of each package; names of rows without an entry have no blocks."""
    found: defaultdict[str, list[Block]] = defaultdict(list)
    for block in lock.blocks:
        found[str(canonicalize_name(block.name))].append(block)
    rows = lock.file_rows
    return {name: Entries(tuple(found.get(name, ())), rows.get(name)) for name in {*found, *rows}}


def _place(blocks: Sequence[Block], name: str) -> int:
    """Return where entries of a package sort among others, as Poetry sorts them."""
    names = [canonicalize_name(block.name) for block in blocks]
    return next((place for place, other in enumerate(names) if other > name), len(names))
