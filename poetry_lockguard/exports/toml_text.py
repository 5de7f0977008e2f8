"""TOML laid out as lock files are: a header for each package, a line for each of its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tomlkit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tomlkit.items import AoT, Array, Item, Table


def dumps(document: Mapping[str, Any]) -> str:
    """Write a document in the order given, its plain values first.

    Arrays of tables and tables of tables at the top level get headers; each of their values is
    written on one line.
    """
    made = tomlkit.document()
    for key, value in sorted(document.items(), key=lambda pair: _has_header(pair[1])):
        match value:
            case [dict(), *_]:
                made.append(key, _array_of_tables(value))
            case dict():
                made.append(key, _tables(value))
            case _:
                made.append(key, _item(value))
    return tomlkit.dumps(made)


def _has_header(value: Any) -> bool:
    match value:
        case dict() | [dict(), *_]:
            return True
        case _:
            return False


def _array_of_tables(values: Iterable[Mapping[str, Any]]) -> AoT:
    made = tomlkit.aot()
    for value in values:
        made.append(_table(value))
    return made


def _tables(value: Mapping[str, Mapping[str, Any]]) -> Table:
    made = tomlkit.table(is_super_table=True)
    for name, table in value.items():
        made.append(name, _table(table))
    return made


def _table(values: Mapping[str, Any]) -> Table:
    made = tomlkit.table()
    for key, value in values.items():
        made.append(key, _item(value))
    return made


def _item(value: Any) -> Item:
    match value:
        case dict():
            inline = tomlkit.inline_table()
            for key, item in value.items():
                inline.append(key, _item(item))
            return inline
        case list() | tuple():
            return _array(value)
        case _:
            plain: Item = tomlkit.item(value)
            return plain


def _array(values: Iterable[Any]) -> Array:
    made = tomlkit.array()
    made.extend(map(_item, values))
    made.multiline(not (len(made) == 0 or (len(made) == 1 and isinstance(made[0], str))))
    return made
