"""Typed getters over one table of a file, which note every mistake instead of stopping at one.

Each format has a class of its own on top: it says how a mistake is worded and where it stands, and
adds the getters that only this format needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

Kind = TypeVar("Kind")


class TypedTable:
    """One table; ``values`` is empty where something else stands in its place."""

    def __init__(self, value: object) -> None:
        self.is_table = isinstance(value, dict)
        self.values: dict[str, Any] = value if isinstance(value, dict) else {}

    def missing(self, key: str) -> None:
        """Note that a key is not there."""
        raise NotImplementedError

    def mistyped(self, key: str, kind: type) -> None:
        """Note that the value of a key is not of this kind."""
        raise NotImplementedError

    def has(self, key: str) -> bool:
        """Return whether a key is there, and note it where it is not."""
        if key not in self.values:
            self.missing(key)
        return key in self.values

    def typed(self, key: str, kind: type[Kind], *, required: bool = True) -> Kind | None:
        """Return a value of this kind; None where it is absent or wrong."""
        if not (self.has(key) if required else key in self.values):
            return None
        value = self.values[key]
        if isinstance(value, kind):
            return value
        self.mistyped(key, kind)
        return None

    def flag(self, key: str) -> bool:
        """Return a boolean that must be there."""
        return self.typed(key, bool) is True


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is most like this one; None where none is known."""
    import difflib

    return next(iter(difflib.get_close_matches(word, sorted(known), n=1, cutoff=0)), None)
