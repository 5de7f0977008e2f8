"""Typed getters for one table of a file, which record every mistake instead of stopping at one.

Each format has a subclass, which words the mistakes with their place and adds the getters that only
this format needs.
"""

from __future__ import annotations

from typing import Any, TypeVar

Kind = TypeVar("Kind")


class TypedTable:
    """One table; ``values`` is empty if the value is not a table."""

    def __init__(self, value: object) -> None:
        self.is_table = isinstance(value, dict)
        self.values: dict[str, Any] = value if isinstance(value, dict) else {}

    def missing(self, key: str) -> None:
        """Record that a key is missing."""
        raise NotImplementedError

    def mistyped(self, key: str, kind: type) -> None:
        """Record that the value of a key is not of this type."""
        raise NotImplementedError

    def has(self, key: str) -> bool:
        """Whether a key exists; a missing one is recorded."""
        if key not in self.values:
            self.missing(key)
        return key in self.values

    def typed(self, key: str, kind: type[Kind], *, required: bool = True) -> Kind | None:
        """Return a value of this type, or None if it is absent or wrong."""
        if not (self.has(key) if required else key in self.values):
            return None
        value = self.values[key]
        if isinstance(value, kind):
            return value
        self.mistyped(key, kind)
        return None

    def flag(self, key: str) -> bool:
        """Return a required boolean; false if it is absent or wrong."""
        return self.typed(key, bool) is True
