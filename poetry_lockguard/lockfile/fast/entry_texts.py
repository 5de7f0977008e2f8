"""The text of a lock's entries, for reuse if an entry has not changed.

In a lock in Poetry's exact shape, an entry's text follows from its data, except for how strings are
escaped and keys quoted. If those are as the writer would write them, too, writing the same data
again gives the same text.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from poetry_lockguard.lockfile.fast import header, plain_reader

if TYPE_CHECKING:
    from collections.abc import Mapping

# A tab, an escape with an alternative, a quoted key that could be bare.
_UNCERTAIN = re.compile(r'\t|\\[^"\\]|"[A-Za-z0-9_-]+" = ')


class Texts:
    """The entries of one lock, each with its text."""

    def __init__(self, content: bytes) -> None:
        parts, data = header.parts(content), plain_reader.data(content)
        self._known: dict[tuple[str, str, str], tuple[dict[str, Any], str]] = {}
        if parts is not None and data is not None:
            for entry, text in zip(data["package"], parts.packages, strict=True):
                self._known[_pin(entry)] = entry, text

    def of(self, entry: Mapping[str, Any]) -> str | None:
        """Return the text that writing this entry would give, or None if that is not certain."""
        old, text = self._known.get(_pin(entry), ({}, ""))
        if not _is_same(old, entry) or _UNCERTAIN.search(text.replace("\\\\", "")):
            return None
        return text


def _pin(entry: Mapping[str, Any]) -> tuple[str, str, str]:
    return entry["name"], entry["version"], json.dumps(entry.get("source"))


def _is_same(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether two entries are equal, including the order of keys in tables."""
    return old.keys() == new.keys() and all(
        value == new[key] if key == "files" else json.dumps(value) == json.dumps(new[key])
        for key, value in old.items()
    )
