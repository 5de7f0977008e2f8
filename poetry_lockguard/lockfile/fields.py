"""Typed getters for a lock's raw tables, so that its parser reads like a table of the format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

from poetry_lockguard.lockfile.damage import unfit
from poetry_lockguard.typed_table import Kind, TypedTable

if TYPE_CHECKING:
    from poetry_lockguard.outcomes import Problem

_WRONG: dict[type, str] = {
    str: "is not a string",
    bool: "is neither true nor false",
    dict: "is not a table",
}
_WRONG_LIST: dict[type, str] = {str: "is not a list of strings", dict: "is not a list of tables"}


class Fields(TypedTable):
    """One table of a lock; mistakes are collected in ``problems`` and do not stop the parser.

    ``place`` is the table's name in messages, ``line`` where it begins, if known.
    """

    def __init__(self, table: object, place: str, line: int | None = None) -> None:
        super().__init__(table)
        self.place = place
        self.line = line
        self.problems: list[Problem] = []
        if not self.is_table:
            self.wrong("is not a table")

    def text(self, key: str, *, required: bool = True) -> str:
        """Return a string; an empty one if the value is absent or wrong."""
        return self.typed(key, str, required=required) or ""

    def optional_text(self, key: str) -> str | None:
        """Return a string, or None if the key is absent."""
        return self.text(key) if key in self.values else None

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """Return a list of strings; an empty one if it is absent or wrong."""
        if required:
            self.has(key)
        return tuple(self._list_of(key, str) or ())

    def tables(self, key: str) -> list[dict[str, Any]] | None:
        """Return a list of tables, or None if it is absent or wrong."""
        return self._list_of(key, dict)

    def within(self, key: str) -> dict[str, Any]:
        """Return a table inside this one; an empty one if it is absent or wrong."""
        return self.typed(key, dict, required=False) or {}

    def lists_of_text(self, key: str) -> dict[str, tuple[str, ...]]:
        """Return a table whose values are lists of strings."""
        lists = {}
        for name, value in self.within(key).items():
            if is_list_of(value, str):
                lists[name] = tuple(value)
            else:
                self.wrong(f'"{key}.{name}" is not a list of strings')
        return lists

    def _list_of(self, key: str, kind: type[Kind]) -> list[Kind] | None:
        value = self.values.get(key)
        if value is None or is_list_of(value, kind):
            return value
        self.wrong(f'"{key}" {_WRONG_LIST[kind]}')
        return None

    def missing(self, key: str) -> None:
        """Record that a key is missing."""
        self.wrong(f'"{key}" is missing')

    def mistyped(self, key: str, kind: type) -> None:
        """Record that the value of a key is not of this type."""
        self.wrong(f'"{key}" {_WRONG[kind]}')

    def wrong(self, what: str) -> None:
        """Record a mistake in this table."""
        self.problems.append(unfit(f"{self.place}: {what}", self.line))


def is_list_of(value: object, kind: type[Kind]) -> TypeGuard[list[Kind]]:
    """Whether this is a list with only values of this type."""
    return isinstance(value, list) and all(isinstance(item, kind) for item in value)
