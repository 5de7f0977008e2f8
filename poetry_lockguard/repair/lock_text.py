"""A lock's text in parts, so that one line can change while all others keep their bytes.

Byte order mark, line endings, comments, spacing and order stay as they are, whichever Poetry wrote
the lock and whatever edited it since. Only a lock with Poetry's layout can be edited (packages
first, then ``[extras]`` and ``[metadata]``); for any other, ``parse`` returns the reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from packaging.utils import canonicalize_name

from poetry_lockguard import toml
from poetry_lockguard.lockfile.fast.header import generator
from poetry_lockguard.repair import toml_values
from poetry_lockguard.repair.toml_statements import NotCutError, Statement, statements

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

BOM = "\ufeff"
_PACKAGE = ("package",)
_EXTRAS = ("extras",)
_METADATA = ("metadata",)
_FILES = ("metadata", "files")
_HASHES = ("metadata", "hashes")
_TAIL = {"extras", "metadata"}
#: the order of an entry's keys, over all releases of Poetry
KEYS = (
    "name",
    "version",
    "description",
    "category",
    "optional",
    "python-versions",
    "groups",
    "markers",
    "files",
    "develop",
)
_TABLES_LAST = (*(key for key in KEYS if key != "markers"), "markers")  # as Poetry writes them
_METADATA_KEYS = ("lock-version", "python-versions", "content-hash")


class OddLayout(NamedTuple):
    """The lock does not have Poetry's layout: it can only be replaced as a whole."""

    reason: str


@dataclass(frozen=True)  # no slots: results are cached
class LockTable:
    """A table's header and the statements below it, up to the next header.

    ``header`` is None for the text above all tables.
    """

    header: Statement | None
    body: tuple[Statement, ...]

    @property
    def path(self) -> tuple[str, ...]:
        """The parts of the header's name."""
        return () if self.header is None else self.header.path

    @cached_property
    def text(self) -> str:
        """The whole text of the table."""
        head = "" if self.header is None else self.header.text
        return head + "".join(statement.text for statement in self.body)

    @cached_property
    def pairs(self) -> dict[str, Statement]:
        """The pairs by their keys, without quotes."""
        return {statement.key: statement for statement in self.body if statement.kind == "pair"}

    def with_pair(self, statement: Statement, order: Sequence[str] = ()) -> LockTable:
        """Replace the pair with this key, or insert it after those that ``order`` puts before it.

        Without an order, a new pair comes last.
        """
        if statement.key in self.pairs:
            return self.replaced(statement.key, statement)
        place = self._place(statement.key, order)
        return replace(self, body=(*self.body[:place], statement, *self.body[place:]))

    def with_sorted(
        self, statement: Statement, sort: Callable[[str], str] = str.lower
    ) -> LockTable:
        """Replace the pair with this key, or insert it before the first that sorts after it."""
        if statement.key in self.pairs:
            return self.with_pair(statement)
        for place, other in enumerate(self.body):
            if other.kind == "pair" and sort(other.key) > sort(statement.key):
                return replace(self, body=(*self.body[:place], statement, *self.body[place:]))
        return self.with_pair(statement)

    def replaced(self, key: str | None, statement: Statement) -> LockTable:
        """Replace the pair with this key; with None, insert the statement where it sorts."""
        if key is None:
            return self.with_sorted(statement)
        return replace(
            self, body=tuple(statement if _has(other, key) else other for other in self.body)
        )

    def without(self, keys: Collection[str]) -> LockTable:
        """Remove the pairs with these keys, if there are any."""
        kept = tuple(line for line in self.body if line.kind != "pair" or line.key not in keys)
        return replace(self, body=kept)

    def _place(self, key: str, order: Sequence[str]) -> int:
        before = order[: order.index(key)] if key in order else None
        place = 0
        for number, other in enumerate(self.body, start=1):
            if other.kind == "pair" and (before is None or other.key in before):
                place = number
        return place


@dataclass(frozen=True)  # no slots: results are cached
class Block:
    """One ``[[package]]`` with its subtables and the blank lines after it.

    ``tables`` begins with the package's own table; ``newline`` ends new lines.
    """

    tables: tuple[LockTable, ...]
    newline: str

    @cached_property
    def text(self) -> str:
        """The whole text."""
        return "".join(table.text for table in self.tables)

    @cached_property
    def entry(self) -> dict[str, Any]:
        """The data of the entry, as a TOML parser reads it."""
        return _entry(self.tables)

    @cached_property
    def entry_without_files(self) -> dict[str, Any]:
        """The data of the entry without its files, which are most of its text."""
        return _entry((self.own.without({"files"}), *self.tables[1:]))

    @property
    def source(self) -> dict[str, Any]:
        """The ``[package.source]`` table; empty for PyPI."""
        table: dict[str, Any] = {}
        if self.table("source") is not None:
            table = self.entry_without_files.get("source", {})
        return table

    @property
    def name(self) -> str:
        """The name as it is written."""
        return self._word("name")

    @property
    def version(self) -> str:
        """The version as it is written."""
        return self._word("version")

    @property
    def own(self) -> LockTable:
        """The package's own table."""
        return self.tables[0]

    def table(self, name: str) -> LockTable | None:
        """Return a subtable (``dependencies``, ``extras``, ``source``, ``markers``), or None."""
        wanted = ("package", name)
        return next((table for table in self.tables if table.path == wanted), None)

    def with_groups(self, groups: Iterable[str]) -> Block:
        """Set the line ``groups``, in the order given."""
        return self.with_line("groups", toml_values.texts(groups))

    def with_markers(self, markers: str | Mapping[str, str] | None) -> Block:
        """Set the markers: one for all groups, or one per group; ``None`` removes them."""
        alone = self._without_table("markers")
        if not markers:
            return alone.without_line("markers")
        if isinstance(markers, str):
            return alone.moved_to("markers", toml_values.text(markers), KEYS)
        return alone.moved_to("markers", toml_values.texts_by_key(markers), _TABLES_LAST)

    def moved_to(self, key: str, value: str, order: Sequence[str]) -> Block:
        """Set a key at its place in this order, which depends on the type of its value."""
        statement = Statement(f"{key} = {value}{self.newline}", "pair", (key,))
        return self._with_own(self.own.without({key}).with_pair(statement, order))

    def with_optional(self, optional: bool) -> Block:  # noqa: FBT001 - the value itself
        """Set whether only extras need the package."""
        return self.with_line("optional", toml_values.flag(optional))

    def with_category(self, category: str) -> Block:
        """Set the category, the old form of groups: ``main`` or ``dev``."""
        return self.with_line("category", toml_values.text(category))

    def with_line(self, key: str, value: str) -> Block:
        """Set a key of the package's own table to a value in TOML notation."""
        return self.with_statement(Statement(f"{key} = {value}{self.newline}", "pair", (key,)))

    def with_statement(self, statement: Statement) -> Block:
        """Set a key of the package's own table to a statement of another lock."""
        return self._with_own(self.own.with_pair(statement, KEYS))

    def without_line(self, key: str) -> Block:
        """Remove a key of the package's own table, if it exists."""
        return self._with_own(self.own.without({key}))

    def with_table(self, table: LockTable) -> Block:
        """Replace the subtable of the same name."""
        tables = (table if other.path == table.path else other for other in self.tables)
        return replace(self, tables=tuple(tables))

    def _with_own(self, table: LockTable) -> Block:
        return replace(self, tables=(table, *self.tables[1:]))

    def _without_table(self, name: str) -> Block:
        """Remove a subtable, if it exists."""
        table = self.table(name)
        if table is None:
            return self
        return replace(self, tables=tuple(other for other in self.tables if other is not table))

    def _word(self, key: str) -> str:
        statement = self.own.pairs.get(key)
        match = statement and re.search(r'=[ \t]*"([^"\\\n]*)"', statement.text)
        return match[1] if match else str(self.entry.get(key, ""))


class LockText(NamedTuple):
    """The text of a whole lock.

    ``before`` is the text above the first package (without the byte order mark), ``tail`` are the
    tables after the last package. ``newline`` is the first line's ending. ``is_open``: the last
    line has no ending.
    """

    bom: str
    before: LockTable
    blocks: tuple[Block, ...]
    tail: tuple[LockTable, ...]
    newline: str
    is_open: bool

    @classmethod
    def parse(cls, text: str) -> LockText | OddLayout:
        """Split a lock's text into parts, or return why its layout is not Poetry's."""
        bom = BOM if text.startswith(BOM) else ""
        newline = "\r\n" if text.partition("\n")[0].endswith("\r") else "\n"
        is_open = not text.endswith("\n")
        try:
            before, *tables = _tables(text[len(bom) :] + (newline if is_open else ""))
        except NotCutError as error:
            return OddLayout(f"it is not valid TOML: {error}")
        inside = [table for table in tables if table.path[0] == "package"]
        tail = tuple(table for table in tables if table.path[0] != "package")
        if reason := _oddity(before, tables, inside):
            return OddLayout(reason)
        return cls(bom, before, _blocks(inside, newline), tail, newline, is_open)

    def render(self) -> str:
        """Return the text; without changes it is exactly the parsed one."""
        tables = (self.before, *self.tail)
        texts = [table.text for table in tables]
        text = "".join([self.bom, texts[0], *(block.text for block in self.blocks), *texts[1:]])
        return text.removesuffix(self.newline) if self.is_open else text

    @property
    def generator(self) -> str | None:
        """The version of Poetry that the first line names, or None."""
        return generator(self.before.text)

    @property
    def metadata(self) -> dict[str, str]:
        """The strings in ``[metadata]``."""
        pairs = self._tail_table(_METADATA).pairs
        read = toml.loads("".join(pair.text for pair in pairs.values()).replace("\r\n", "\n"))
        return {key: value for key, value in read.items() if isinstance(value, str)}

    def without(self, blocks: Collection[Block]) -> LockText:
        """Remove these blocks, compared by identity."""
        gone = {id(block) for block in blocks}
        return self.with_blocks(block for block in self.blocks if id(block) not in gone)

    def with_blocks(self, blocks: Iterable[Block]) -> LockText:
        """Replace all blocks with these, in this order."""
        changed = self._replace(blocks=tuple(blocks))
        if bool(changed.blocks) == bool(self.blocks):
            return changed
        return changed._replace(before=self._empty() if self.blocks else self._not_empty())

    def block(self, text: str) -> Block:
        """Parse a package's text, header first, to a block with this lock's line endings.

        Raises ValueError if it is not the text of one package.
        """
        lines = text.replace("\r\n", "\n").strip("\n")
        _, *tables = _tables(f"{lines}\n\n".replace("\n", self.newline))
        if sum(table.path == _PACKAGE for table in tables) != 1 or tables[0].path != _PACKAGE:
            raise ValueError("not the text of one package")
        return Block(tuple(tables), self.newline)

    @property
    def extras(self) -> dict[str, list[str]]:
        """The table ``[extras]``; empty if the lock has none."""
        table = next((table for table in self.tail if table.path == _EXTRAS), None)
        return {} if table is None else {key: _value(pair) for key, pair in table.pairs.items()}

    def with_metadata(self, key: str, value: str) -> LockText:
        """Set ``content-hash``, ``python-versions`` or ``lock-version``, if it differs."""
        if self.metadata.get(key) == value:
            return self
        statement = self._pair(key, toml_values.text(value))
        return self._with_tail(self._tail_table(_METADATA).with_pair(statement, _METADATA_KEYS))

    def with_generator(self, line: str) -> LockText:
        """Set the comment in the first line, which names the version of Poetry."""
        first = Statement(f"{line}{self.newline}", "empty")
        body = self.before.body
        has_comment = bool(body) and body[0].text.lstrip().startswith("#")
        rest = body[1:] if has_comment else (*self._blank(body), *body)
        return self._replace(before=replace(self.before, body=(first, *rest)))

    def with_extras(self, extras: Mapping[str, Sequence[str]]) -> LockText:
        """Set the ``[extras]`` table, keeping lines with the same content; empty removes it."""
        table = next((table for table in self.tail if table.path == _EXTRAS), None)
        if not extras:
            return self._replace(tail=tuple(other for other in self.tail if other is not table))
        rows = {name: self._pair(name, toml_values.texts(names)) for name, names in extras.items()}
        if table is None:
            header = Statement(f"[extras]{self.newline}", "table", _EXTRAS)
            body = (*rows.values(), Statement(self.newline, "empty"))
            return self._replace(tail=(LockTable(header, body), *self.tail))
        changed = table.without(table.pairs.keys() - rows.keys())
        for name, row in rows.items():
            if name not in table.pairs or _value(table.pairs[name]) != [*extras[name]]:
                changed = changed.with_sorted(row)
        return self._with_tail(changed)

    @property
    def has_files_elsewhere(self) -> bool:
        """Whether files are listed below ``[metadata]``, as in the formats 1.0 and 1.1."""
        return any(table.path in {_FILES, _HASHES} for table in self.tail)

    def with_files(self, name: str, files: Sequence[Mapping[str, str]]) -> LockText:
        """Set the row of a package in ``[metadata.files]`` (or the hashes of the oldest locks)."""
        table = next(table for table in self.tail if table.path in {_FILES, _HASHES})
        if table.path == _HASHES:
            return self._with_tail(
                table.with_sorted(self._pair(name, toml_values.texts(f["hash"] for f in files)))
            )
        rows = "".join(f"    {_file(file)},{self.newline}" for file in files)
        value = f"[{self.newline}{rows}]" if rows else "[]"
        return self._with_tail(table.with_sorted(self._pair(name, value)))

    @property
    def file_rows(self) -> dict[str, Statement]:
        """The rows of ``[metadata.files]`` or ``[metadata.hashes]`` by the package's name."""
        return {
            str(canonicalize_name(key)): row
            for table in self.tail
            if table.path in {_FILES, _HASHES}
            for key, row in table.pairs.items()
        }

    @property
    def files_elsewhere(self) -> dict[str, list[dict[str, str]]]:
        """The files in ``[metadata.files]`` by the package's name.

        Empty if there is no such table: the oldest locks have hashes without names of files.
        """
        is_there = any(table.path == _FILES for table in self.tail)
        return {name: _value(row) for name, row in self.file_rows.items()} if is_there else {}

    def with_file_row(self, name: str, row: Statement | None) -> LockText:
        """Replace a package's row by that of another lock of the same format; None removes it."""
        table = next(table for table in self.tail if table.path in {_FILES, _HASHES})
        old = self.file_rows.get(name)
        if row is None:
            return self if old is None else self.without_files({old.key})
        return self._with_tail(table.replaced(None if old is None else old.key, row))

    def without_files(self, names: Collection[str]) -> LockText:
        """Remove the rows of packages in ``[metadata.files]`` or ``[metadata.hashes]``."""
        tables = (
            table.without(names) if table.path in {_FILES, _HASHES} else table
            for table in self.tail
        )
        return self._replace(tail=tuple(tables))

    def _tail_table(self, path: tuple[str, ...]) -> LockTable:
        return next(table for table in self.tail if table.path == path)

    def _with_tail(self, table: LockTable) -> LockText:
        tables = (table if other.path == table.path else other for other in self.tail)
        return self._replace(tail=tuple(tables))

    def _pair(self, key: str, value: str) -> Statement:
        return Statement(f"{toml_values.key(key)} = {value}{self.newline}", "pair", (key,))

    def _empty(self) -> LockTable:
        """Return the text above the tables with ``package = []``, as Poetry writes it."""
        comments = tuple(line for line in self.before.body if line.text.strip())
        body = (*comments, self._pair("package", "[]"), Statement(self.newline, "empty"))
        return replace(self.before, body=body)

    def _not_empty(self) -> LockTable:
        body = self.before.without({"package"}).body
        return replace(self.before, body=(*self._blank(body), *body))

    def _blank(self, body: Sequence[Statement]) -> tuple[Statement, ...]:
        """Return a blank line if the text has none yet."""
        is_there = any(not line.text.strip() for line in body)
        return () if is_there else (Statement(self.newline, "empty"),)


def _tables(text: str) -> list[LockTable]:
    """Split a text at its headers; the first table has none."""
    header: Statement | None = None
    body: list[Statement] = []
    found: list[LockTable] = []
    for statement in statements(text):
        if statement.kind in {"table", "array"}:
            found.append(LockTable(header, tuple(body)))
            header, body = statement, []
        else:
            body.append(statement)
    return [*found, LockTable(header, tuple(body))]


def _oddity(before: LockTable, tables: Sequence[LockTable], inside: Sequence[LockTable]) -> str:
    """Return how the layout differs from Poetry's, or ``""``; ``inside`` are packages' tables."""
    tail = tables[len(inside) :]
    if before.pairs.keys() - {"package"} or (before.pairs and inside):
        return "it has keys above its first table"
    if any(table.path[0] == "package" for table in tail):
        return "its packages do not come first"
    if inside and not _is_package(inside[0]):
        return "its first table is not a package"
    if any((table.path == _PACKAGE) != _is_package(table) for table in inside):
        return "its packages are not in a list"
    return _tail_oddity(tail)


def _tail_oddity(tail: Sequence[LockTable]) -> str:
    paths = [table.path for table in tail]
    if len({*paths}) < len(paths) or _METADATA not in paths or {path[0] for path in paths} - _TAIL:
        return "its tables are not those that Poetry writes"
    if any(len(line.path) > 1 for table in tail for line in table.body):
        return "it has dotted keys"
    return ""


def _entry(tables: Sequence[LockTable]) -> dict[str, Any]:
    text = "".join(table.text for table in tables).replace("\r\n", "\n")
    entry: dict[str, Any] = toml.loads(text)["package"][0]
    return entry


def _is_package(table: LockTable) -> bool:
    return table.path == _PACKAGE and table.header is not None and table.header.kind == "array"


def _blocks(tables: Sequence[LockTable], newline: str) -> tuple[Block, ...]:
    starts = [number for number, table in enumerate(tables) if table.path == _PACKAGE]
    ends = [*starts[1:], len(tables)]
    return tuple(
        Block(tuple(tables[start:end]), newline) for start, end in zip(starts, ends, strict=False)
    )


def _has(statement: Statement, key: str) -> bool:
    return statement.kind == "pair" and statement.key == key


def _value(statement: Statement) -> Any:
    (value,) = toml.loads(statement.text.replace("\r\n", "\n")).values()
    return value


def _file(file: Mapping[str, str]) -> str:
    return toml_values.texts_by_key({key: file[key] for key in ("file", "hash")})
