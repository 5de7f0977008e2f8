"""Moves pins without a solver if no other pin has to move and none is missing.

The entries of the new releases take the place of the old ones, and the walk that keeps a lock
(``repair/keep``) proves that the pins satisfy everything. Most moves are of this kind, and Poetry's
solver needs minutes for some of them: it solves a lock that depends on many markers once for each
combination.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version
from poetry.core.packages.utils.utils import create_nested_marker

from poetry_lockguard.lockfile.damage import LockDamage
from poetry_lockguard.lockfile.notation import constraint, marker
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.relock.update.concerned import concerned, places
from poetry_lockguard.relock.update.release_entry import entry_text
from poetry_lockguard.repair.compose import Dialect, composed, translated
from poetry_lockguard.repair.equal_meaning import markers_by_group
from poetry_lockguard.repair.keep.engine import keep
from poetry_lockguard.repair.keep.kept_or_doubt import Kept
from poetry_lockguard.repair.keep.kept_project import in_main_first
from poetry_lockguard.repair.lock_text import LockText, OddLayout
from poetry_lockguard.repair.smallest import KEPT, WITH_GROUPS, has_categories
from poetry_lockguard.running import running_poetry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from poetry.core.packages.package import Package
    from poetry.core.version.markers import BaseMarker

    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.poetry_api.imports.poetry_project import Poetry
    from poetry_lockguard.relock.update.moving_pool import VersionOffer
    from poetry_lockguard.repair.lock_text import Block


class _NotAlone(Exception):  # noqa: N818 - an answer: the solver has to decide
    """The lock's own pins do not prove that a package can move alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoneMover:
    """One project, and its lock, parsed and as text."""

    manifest: Manifest
    poetry: Poetry
    lock: Lock
    text: str

    def moved(self, offers: Mapping[str, VersionOffer]) -> str | None:
        """Return the text of a lock with the offered releases; None if the solver has to decide."""
        cut = LockText.parse(self.text)
        if isinstance(cut, OddLayout) or cut.metadata.get("lock-version") not in KEPT:
            return None
        try:
            for name, offer in offers.items():
                if offer.release is None:
                    return None
                cut = self._with(cut, name, offer)
            text = cut.render()
            new = parse(text.encode("utf-8"))
        except (_NotAlone, LockDamage):
            return None
        kept = keep(
            self.manifest,
            new,
            text,
            running_poetry(),
            concerned=concerned(self.lock, new, offers.keys()),
        )
        return kept.text if isinstance(kept, Kept) else None

    def _with(self, cut: LockText, name: str, offer: VersionOffer) -> LockText:
        """Put a release in place of the pin of its package, or beside the pins that may stay.

        A release beside other pins may be installed wherever it fits: the walk takes the highest.
        """
        assert offer.release is not None  # noqa: S101 - for the type checker
        pins = [block for block in cut.blocks if canonicalize_name(block.name) == name]
        _check_index(pins, offer.release)
        dialect = _dialect(cut, self.poetry)
        new = _new_block(cut, entry_text(self.poetry, offer.release, self.lock.raw))
        if offer.held:
            return cut.with_blocks(_beside(cut.blocks, pins, new, dialect))
        if len(pins) > 1 or not (dialect.has_groups or _needs_no_more(pins, new)):
            raise _NotAlone
        block = composed(pins[0], _placed(new, pins), dialect)
        return cut.with_blocks(block if one is pins[0] else one for one in cut.blocks)


def _check_index(pins: Sequence[Block], release: Package) -> None:
    """Check that a release replaces pins of the same index; raises _NotAlone."""
    wanted = (release.source_reference or "").lower()
    if not pins or release.is_direct_origin():
        raise _NotAlone
    for pin in pins:
        is_of_index = pin.source.get("type", "legacy") == "legacy"
        if not is_of_index or str(pin.source.get("reference", "")).lower() != wanted:
            raise _NotAlone


def _new_block(cut: LockText, text: str) -> Block:
    made = LockText.parse(text)
    if isinstance(made, OddLayout):
        raise _NotAlone
    return cut.block(made.blocks[0].text)


def _dialect(cut: LockText, poetry: Poetry) -> Dialect:
    has_groups = cut.metadata["lock-version"] == WITH_GROUPS
    has_category = not has_groups and has_categories(cut)
    python = constraint(str(poetry.package.python_versions))
    return Dialect(has_groups=has_groups, has_category=has_category, python=python)


def _placed(new: Block, pins: Sequence[Block]) -> Block:
    """Return the new entry with the groups of the old pins, and the markers of the first."""
    olds = [pin.entry_without_files for pin in pins]
    groups = {group for old in olds for group in old.get("groups", [old.get("category", "main")])}
    placed = new.with_groups(sorted(groups, key=in_main_first))
    placed = placed.with_optional(all(bool(old.get("optional")) for old in olds))
    return placed.with_markers(olds[0].get("markers"))


def _beside(
    blocks: Sequence[Block], pins: Sequence[Block], new: Block, dialect: Dialect
) -> list[Block]:
    """Return the entries with a new one, on whose Pythons no other pin of the package is used."""
    placed = translated(_placed(new, pins), dialect)
    if not dialect.has_groups:
        if not _needs_no_more(pins, new):
            raise _NotAlone
        return _inserted(blocks, pins, placed)
    pythons = marker(_on(new.entry_without_files["python-versions"]))
    narrowed = {id(pin): _without(pin, pythons.invert()) for pin in pins}
    found = _inserted(blocks, pins, placed.with_markers(_text(pythons)))
    left = (narrowed.get(id(one), one) for one in found)
    return [one for one in left if one is not None]


def _on(python_versions: str) -> str:
    """Return the marker of a range of Pythons."""
    return str(create_nested_marker("python_version", constraint(python_versions)))


def _without(pin: Block, elsewhere: BaseMarker) -> Block | None:
    """Return a pin's entry for the Pythons that are left; None if there are none."""
    entry = pin.entry_without_files
    left = {
        group: found.intersect(elsewhere)
        for group, found in markers_by_group(entry, entry.get("groups", ())).items()
    }
    if all(one.is_empty() for one in left.values()):
        return None
    if any(one.is_empty() for one in left.values()):
        raise _NotAlone
    texts = {group: _text(one) for group, one in left.items()}
    return pin.with_markers(texts if len({*texts.values()}) > 1 else next(iter(texts.values())))


def _text(written: BaseMarker) -> str:
    return "" if written.is_any() else str(written)


def _needs_no_more(pins: Sequence[Block], new: Block) -> bool:
    """Whether an entry needs other packages only where the old ones need them, too.

    Locks before format 2.1 do not say for which environments an entry is complete.
    """
    needed = _places(new)
    known = [_places(pin) for pin in pins]
    return all(needed[name] == old.get(name, []) for old in known for name in needed)


def _places(block: Block) -> dict[str, list[tuple[Any, ...]]]:
    found = block.entry_without_files.get("dependencies", {})
    return {canonicalize_name(name): places(_listed(tables)) for name, tables in found.items()}


def _listed(tables: Any) -> list[Any]:
    return tables if isinstance(tables, list) else [tables]


def _inserted(blocks: Sequence[Block], pins: Sequence[Block], new: Block) -> list[Block]:
    """Return the blocks with a new one, which replaces a pin of the same version."""
    place = next((one for one in pins if _age(one) >= _age(new)), None)
    found: list[Block] = []
    for block in blocks:
        if block is place:
            found.append(new)
        if block is not place or _age(block) != _age(new):
            found.append(block)
        if place is None and block is pins[-1]:
            found.append(new)
    return found


def _age(block: Block) -> Version:
    try:
        return Version(block.version)
    except InvalidVersion:
        raise _NotAlone from None
