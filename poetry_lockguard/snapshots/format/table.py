"""Typed getters for a snapshot's objects, so that the parser reads as a table of the format."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from poetry_lockguard.nearest_names import nearest
from poetry_lockguard.snapshots.format import checks, file_facts
from poetry_lockguard.typed_table import TypedTable
from poetry_lockguard.urls import redact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.snapshots.format.checks import Check

_PLAIN = re.compile(r"[\w-]+")
_SHOWN = 60  # characters of a wrong value that a message repeats
_EXPECTED: dict[type, str] = {bool: "true or false", list: "a list"}


ABSENT = object()  #: in place of an object that is not there, which is a mistake noted already

_HINTS = 20  # unknown keys of one object for which a known one is searched


class Twice(dict[str, Any]):
    """An object with keys that occur more than once in the file."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        times = Counter(key for key, _ in pairs)
        self.keys_twice = sorted(key for key, count in times.items() if count > 1)

    def __eq__(self, other: object) -> bool:
        """Equal no other object: the values do not show the duplicate keys."""
        return self is other

    __hash__ = None  # as of any other object


class Table(TypedTable):
    """One object; its mistakes are collected in ``mistakes``, each with its place.

    Its place is ``above`` and the path from there; it is only computed for mistakes.
    """

    def __init__(
        self,
        value: object,
        mistakes: list[str],
        above: Table | None = None,
        way: tuple[str, int | None] = ("", None),
    ) -> None:
        super().__init__(value)
        self.mistakes = mistakes
        self.above = above
        self.way = way
        if not self.is_table and value is not ABSENT:
            self.wrong(f"expected an object, not {shown(value)}")
        if isinstance(value, Twice):
            for key in value.keys_twice:
                self.wrong("occurs more than once", key)

    @property
    def place(self) -> str:
        """Where this object is: ``packages.matrix[0].files``."""
        if self.above is None:
            return ""
        key, number = self.way
        place = inside(self.above.place, key)
        return place if number is None else f"{place}[{number}]"

    def only(self, *known: str) -> None:
        """Record every unknown key."""
        for number, key in enumerate(key for key in self.values if key not in known):
            hint = f"; the nearest known one is {nearest(key, known)}" if number < _HINTS else ""
            self.wrong(f"unknown key{hint}", key)

    def text(self, key: str, check: Check = checks.text) -> str:
        """Return a required text; an empty one if it is invalid."""
        return self._text(self.values[key], key, check) if self.has(key) else ""

    def optional_text(self, key: str, check: Check = checks.text) -> str | None:
        """Return a text, or None if it is missing or null."""
        value = self.values.get(key)
        return None if value is None else self._text(value, key, check)

    def texts(self, key: str, check: Check = checks.text) -> tuple[str, ...]:
        """Return a required list of texts."""
        return tuple(
            item
            for number, value in enumerate(self.items(key))
            if (item := self._text(value, key, check, number))
        )

    def items(self, key: str) -> list[Any]:
        """Return a required list."""
        return self.typed(key, list) or []

    def table(self, key: str) -> Table:
        """Return a required object."""
        value = self.values[key] if self.has(key) else ABSENT
        return Table(value, self.mistakes, self, (key, None))

    def tables(self, check: Check) -> Iterator[tuple[str, Table]]:
        """Yield every value as an object, with its key, which is checked."""
        for key, value in self.values.items():
            self.key(key, check)
            yield key, Table(value, self.mistakes, self, (key, None))

    def text_values(self, key_check: Check, check: Check = checks.text) -> dict[str, str]:
        """Return all values of an object that contains only texts."""
        for key, value in self.values.items():
            if reason := key_check(key):
                self.wrong(f"the key {reason}", key)
            if not isinstance(value, str) or check(value):
                self._text(value, key, check)
        return self.values

    def size_values(self, key_check: Check) -> dict[str, int]:
        """Return all values of an object that contains only numbers of bytes."""
        for key, value in self.values.items():
            if reason := key_check(key):
                self.wrong(f"the key {reason}", key)
            if file_facts.size(value) is None:
                self.wrong(f"expected a number of bytes, not {shown(value)}", key)
        return self.values

    def key(self, key: str, check: Check) -> None:
        """Record a mistake if ``check`` refuses this key."""
        if reason := check(key):
            self.wrong(f"the key {reason}", key)

    def missing(self, key: str) -> None:
        """Record that a key is missing, unless the whole object is missing."""
        if self.is_table:
            self.wrong("is missing", key)

    def mistyped(self, key: str, kind: type) -> None:
        """Record that the value of a key is not of this kind."""
        self.wrong(f"expected {_EXPECTED[kind]}, not {shown(self.values[key])}", key)

    def wrong(self, what: str, key: str | None = None, number: int | None = None) -> None:
        """Record a mistake in this object, or at one of its keys."""
        place = self.place if key is None else inside(self.place, key)
        place = place if number is None else f"{place}[{number}]"
        self.mistakes.append(f"{place}: {what}".removeprefix(": "))

    def _text(self, value: object, key: str, check: Check, number: int | None = None) -> str:
        if not isinstance(value, str):
            self.wrong(f"expected a string, not {shown(value)}", key, number)
        elif reason := check(value):
            self.wrong(f"{shown(value)} {reason}", key, number)
        else:
            return value
        return ""


def inside(place: str, key: str) -> str:
    """Return the place of a key: ``packages.matrix``, ``files["a-1.0.whl"]``."""
    if not _PLAIN.fullmatch(key):
        return f"{place}[{json.dumps(redact(key))}]"
    return f"{place}.{key}" if place else key


def shown(value: object) -> str:
    """Return an invalid value for a message: short, without credentials."""
    text = redact(json.dumps(value, ensure_ascii=True, default=str))
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
