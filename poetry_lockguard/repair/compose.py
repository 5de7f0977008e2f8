"""Writes a package's new entry, with the old entry's text wherever it means the same."""

from __future__ import annotations

import operator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from poetry_lockguard.lockfile import notation
from poetry_lockguard.repair import equal_meaning
from poetry_lockguard.repair.toml_statements import Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from poetry.core.constraints.version import VersionConstraint

    from poetry_lockguard.repair.lock_text import Block, LockTable

SUBTABLES = ("dependencies", "extras", "source")  #: in the order in which Poetry writes them
_DIRECT = ("git", "url", "file", "directory")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How entries are written: with groups and markers (2.1), or with a category (to Poetry 1.4).

    ``python`` is the project's range of Pythons.
    """

    has_groups: bool
    has_category: bool
    python: VersionConstraint


def translated(new: Block, dialect: Dialect) -> Block:
    """Return an entry of format 2.1 in a dialect."""
    block = new
    if not dialect.has_groups:
        block = block.without_line("groups").with_markers(None)
    if dialect.has_category:
        block = block.with_category(_category(new.entry_without_files))
    return block


def composed(old: Block, new: Block, dialect: Dialect) -> Block:
    """Return the new entry of a pin that the old lock has, too.

    ``new`` is its entry in format 2.1, which is taken as it is if the two cannot be compared.
    """
    if old.text == new.text and dialect.has_groups:
        return old
    try:
        return _Composition(old, new, dialect).block()
    except notation.UnreadableError:
        return translated(new, dialect)


def is_same_version(old: str, new: str) -> bool:
    """Whether two texts are the same version: ``1.0`` is ``1.0.0``."""
    if old == new:
        return True
    try:
        return Version(old) == Version(new)
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class _Composition:
    old: Block
    new: Block
    dialect: Dialect

    def block(self) -> Block:
        block = self._with_groups(self._with_lines(self.old))
        for name, is_same in (
            ("dependencies", self._needs_same),
            ("extras", self._brings_same),
            ("source", None),
        ):
            block = self._with_table(block, name, is_same)
        return block

    @property
    def _is_moved(self) -> bool:
        """Whether it is another release, or one from a file, URL, folder or commit in its place."""
        if not is_same_version(self.old.version, self.new.version):
            return True
        sources = self.old.source, self.new.source
        places = {(source.get("type"), source.get("url")) for source in sources}
        return len(places) > 1 and any(kind in _DIRECT for kind, _ in places)

    @property
    def _is_exact(self) -> bool:
        """Whether the exact data matters: of another release, or of a folder that may change."""
        return self._is_moved or self.new.source.get("type") == "directory"

    def _with_lines(self, block: Block) -> Block:
        for key, is_same in (
            ("version", is_same_version),
            ("description", lambda *_: not self._is_moved),
            ("optional", operator.eq),
            ("python-versions", self._allows_same),
            ("files", self._keeps_files),
            ("develop", operator.eq),
        ):
            block = self._with_line(block, key, is_same)
        return block

    def _with_line(self, block: Block, key: str, is_same: Callable[[Any, Any], bool]) -> Block:
        statement, known = self.new.own.pairs.get(key), self.old.own.pairs.get(key)
        if statement == known:
            return block
        before, after = (
            (side.entry if key == "files" else side.entry_without_files).get(key)
            for side in (self.old, self.new)
        )
        if key == "develop":
            before, after = bool(before), bool(after)
        if before is not None and after is not None and is_same(before, after):
            return block
        return block.without_line(key) if statement is None else block.with_statement(statement)

    def _allows_same(self, old: str, new: str) -> bool:
        within = None if self._is_exact else self.dialect.python
        return notation.same_constraints(old, new, within)

    def _keeps_files(self, old: list[dict[str, str]], new: list[dict[str, str]]) -> bool:
        return not self._is_moved and equal_meaning.keeps_files(old, new)

    def _with_groups(self, block: Block) -> Block:
        old, new = self.old.entry_without_files, self.new.entry_without_files
        if self.dialect.has_category:
            category = _category(new)
            return block if old.get("category") == category else block.with_category(category)
        block = block.without_line("category")
        if not self.dialect.has_groups:
            return block.without_line("groups").with_markers(None)
        if not equal_meaning.same_groups(old, new):
            block = block.with_groups(new["groups"])
        if "groups" in old and equal_meaning.same_group_markers(old, new, self.dialect.python):
            return block
        return block.with_markers(new.get("markers"))

    def _needs_same(self, old: Any, new: Any) -> bool:
        if self._is_exact and (old is None or new is None):
            return False  # a dependency that only one of the entries lists is a difference
        entry = self.new.entry_without_files
        context = equal_meaning.Context(
            self.dialect.python,
            lambda: equal_meaning.total_marker(entry),
            equal_meaning.extras_of_needs(entry),
        )
        return equal_meaning.same_needs(old, new, context)

    def _brings_same(self, old: Any, new: Any) -> bool:
        is_direct = self.new.source.get("type") in _DIRECT
        return equal_meaning.same_requirements(old, new, exactly=is_direct or self._is_moved)

    def _with_table(
        self, block: Block, name: str, is_same: Callable[[Any, Any], bool] | None
    ) -> Block:
        """Update a subtable to the new entry; with ``is_same``, only the pairs that differ."""
        if self._has_same_text(name):
            return block
        old, new = (side.entry_without_files.get(name, {}) for side in (self.old, self.new))
        if old == new:
            return block
        if is_same is None:
            return _with_subtable(block, name, self.new.table(name))
        before, after = _by_name(old), _by_name(new)
        changed = {
            key
            for key in before.keys() | after.keys()
            if not is_same(before.get(key), after.get(key))
        }
        if not changed:
            return block
        table, latest = self.old.table(name), self.new.table(name)
        if table is None or latest is None or not _is_plain(self.old, name, before):
            return _with_subtable(block, name, latest)
        return _with_subtable(block, name, _mixed(table, latest, changed))

    def _has_same_text(self, name: str) -> bool:
        texts = (
            [table.text for table in side.tables if table.path[1:2] == (name,)]
            for side in (self.old, self.new)
        )
        return next(texts) == next(texts)


def _with_subtable(block: Block, name: str, table: LockTable | None) -> Block:
    """Replace a subtable and the tables below it; ``None`` removes them."""
    path = ("package", name)
    kept = [other for other in block.tables if other.path[:2] != path]
    if table is None:
        return replace(block, tables=tuple(kept))
    later = {("package", subtable) for subtable in SUBTABLES[SUBTABLES.index(name) :]}
    place = next((n for n, other in enumerate(kept) if other.path[:2] in later), len(kept))
    before = [_ended(other, block.newline) for other in kept[:place]]
    return replace(block, tables=(*before, table, *kept[place:]))


def _ended(table: LockTable, newline: str) -> LockTable:
    """Return the table with a blank line at its end, as the tables of a lock have."""
    if table.body and not table.body[-1].text.strip():
        return table
    return replace(table, body=(*table.body, Statement(newline, "empty")))


def _is_plain(block: Block, name: str, values: Mapping[str, Any]) -> bool:
    """Whether a subtable is a single table with one line for each of its names."""
    tables = [table for table in block.tables if table.path[:2] == ("package", name)]
    names = [canonicalize_name(key) for table in tables for key in table.pairs]
    return len(tables) == 1 and len(names) == len({*names}) and {*names} == values.keys()


def _mixed(old: LockTable, new: LockTable, changed: set[str]) -> LockTable:
    """Return a table with the changed pairs from ``new`` and all others from ``old``."""
    table = old.without(
        [key for key in old.pairs if canonicalize_name(key) in changed - _names(new)]
    )
    for key, statement in new.pairs.items():
        if canonicalize_name(key) in changed:
            spelled = {canonicalize_name(name): name for name in old.pairs}
            table = table.replaced(spelled.get(canonicalize_name(key)), statement)
    return table


def _names(table: LockTable) -> set[str]:
    return {canonicalize_name(key) for key in table.pairs}


def _by_name(values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Normalize names; the values of several spellings of one name become one list."""
    found: dict[str, list[Any]] = {}
    for key, value in values.items():
        found.setdefault(canonicalize_name(key), []).extend(
            value if isinstance(value, list) else [value]
        )
    return found


def _category(entry: Mapping[str, Any]) -> str:
    """Return the category, older Poetry's form of groups: all that is not ``main`` is ``dev``."""
    if "category" in entry:
        return str(entry["category"])
    return "main" if "main" in entry.get("groups", ()) else "dev"
