"""Parses TOML with the standard library, or its backport on Python 3.10, and with a limit."""

from __future__ import annotations

import re
import sys
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
    from tomllib import TOMLDecodeError
else:
    import tomli as tomllib
    from tomli import TOMLDecodeError

__all__ = ["TOMLDecodeError", "loads"]

_DEEPEST_KEY = 100
_STRING = r""""[^"]*"|'[^']*'"""
_OUTSIDE_KEYS = r"[^A-Za-z0-9_.-]+"


def loads(text: str) -> dict[str, Any]:
    """Parse TOML.

    Raises ValueError (mostly TOMLDecodeError) for invalid TOML, RecursionError if it is nested too
    deeply: that includes keys of a hundred parts, of which a few thousand take the parser minutes.
    """
    if any(line.count(".") >= _DEEPEST_KEY and _is_too_deep(line) for line in _lines(text)):
        raise RecursionError("a key is nested too deeply")
    return tomllib.loads(text)


def _lines(text: str) -> list[str]:
    return text.split("\n") if text.count(".") >= _DEEPEST_KEY else []


def _is_too_deep(line: str) -> bool:
    """Whether a line has a key of many parts. Linear in its length, whatever it holds."""
    bare = " ".join(re.sub(_STRING, "a", line).split()).replace(" .", ".").replace(". ", ".")
    keys = re.split(_OUTSIDE_KEYS, bare)
    return any(sum(map(bool, key.split("."))) > _DEEPEST_KEY for key in keys)
