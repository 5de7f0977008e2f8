"""Finds the markers that git leaves in a file in which both sides changed the same lines."""

from __future__ import annotations

import re

_MARK = r"(?m)^(?:<{7}|>{7}|\|{7})(?=[ \r]|$)|^={7}\r?$"


def lines(text: str) -> tuple[int, ...]:
    """Return the lines, from 1, that are merge conflict markers (merge and diff3 style)."""
    if not re.search(_MARK, text):
        return ()
    numbered = enumerate(text.split("\n"), start=1)
    return tuple(number for number, line in numbered if re.match(_MARK, line))


def said(found: tuple[int, ...]) -> str:
    """Return a clause that says where the markers are."""
    noun = "line" if len(found) == 1 else "lines"
    return f"merge conflict markers at {noun} {', '.join(map(str, found))}"
