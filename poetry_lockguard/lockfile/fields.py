"""Typed getters over a lock's raw tables: its parser then reads as a table of the format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

from poetry_lockguard.lockfile.damage import unfit

if TYPE_CHECKING:
    from poetry_lockguard.outcomes import Problem


class Fields:
    """One table of a lock; mistakes gather in ``problems`` instead of stopping the reader.

    ``place`` is what messages call the table, ``line`` where it begins, if known.
    """

    def __init__(self, table: object, place: str, line: int | None = None) -> None:
        self.table: dict[str, Any] = table if isinstance(table, dict) else {}
        self.place = place
        self.line = line
        self.problems: list[Problem] = []
        if not isinstance(table, dict):
            self.wrong("is not a table")

    def text(self, key: str, *, required: bool = True) -> str:
        """Return a string; an empty one for what is absent or wrong."""
        value = self._get(key, required=required)
        if value is not None and not isinstance(value, str):
            self.wrong(f'"{key}" is not a string')
        return value if isinstance(value, str) else ""

    def optional_text(self, key: str) -> str | None:
        """Return a string, or None where there is none."""
        return self.text(key) if key in self.table else None

    def flag(self, key: str) -> bool:
        """Return a boolean that must be there."""
        value = self._get(key, required=True)
        if value is not None and not isinstance(value, bool):
            self.wrong(f'"{key}" is neither true nor false')
        return value is True

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """Return a list of strings; an empty one where it is absent or wrong."""
        value = self._get(key, required=required)
        if value is None:
            return ()
        if not is_texts(value):
            self.wrong(f'"{key}" is not a list of strings')
            return ()
        return tuple(value)

    def tables(self, key: str) -> list[dict[str, Any]] | None:
        """Return a list of tables, or None where it is absent or wrong."""
        value = self.table.get(key)
        if value is None:
            return None
        if not (isinstance(value, list) and all(isinstance(item, dict) for item in value)):
            self.wrong(f'"{key}" is not a list of tables')
            return None
        return value

    def within(self, key: str) -> dict[str, Any]:
        """Return a table inside this one; an empty one where it is absent or wrong."""
        value = self.table.get(key, {})
        if not isinstance(value, dict):
            self.wrong(f'"{key}" is not a table')
            return {}
        return value

    def lists_of_text(self, key: str) -> dict[str, tuple[str, ...]]:
        """Return a table whose values are lists of strings."""
        lists = {}
        for name, value in self.within(key).items():
            if is_texts(value):
                lists[name] = tuple(value)
            else:
                self.wrong(f'"{key}.{name}" is not a list of strings')
        return lists

    def _get(self, key: str, *, required: bool) -> Any:
        if required and key not in self.table:
            self.wrong(f'"{key}" is missing')
        return self.table.get(key)

    def wrong(self, what: str) -> None:
        """Note a mistake in this table."""
        self.problems.append(unfit(f"{self.place}: {what}", self.line))


def is_texts(value: object) -> TypeGuard[list[str]]:
    """Return whether this is a list of strings."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
