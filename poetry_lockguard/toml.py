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

_DEEPEST_KEY = 1000


def loads(text: str) -> dict[str, Any]:
    """Parse TOML.

    Raises ValueError (mostly TOMLDecodeError) for invalid TOML, RecursionError if it is nested too
    deeply: that includes keys of a thousand parts, for which the parser would need minutes.
    """
    if any(line.count(".") >= _DEEPEST_KEY and _is_too_deep(line) for line in _lines(text)):
        raise RecursionError("a key is nested too deeply")
    return tomllib.loads(text)


def _lines(text: str) -> list[str]:
    return text.split("\n") if text.count(".") >= _DEEPEST_KEY else []


def _is_too_deep(line: str) -> bool:
    part = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')\s*\.\s*"""
    return re.search(rf"(?:{part}){{{_DEEPEST_KEY}}}", line) is not None
