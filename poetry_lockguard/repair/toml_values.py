"""Writes values as Poetry does in a lock: TOML basic strings, lists and inline tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"'}
_SPECIAL = re.compile(r'[\x00-\x1f\x7f"\\]')


def text(value: str) -> str:
    """Return a string as TOML."""
    return f'"{_SPECIAL.sub(_escaped, value)}"'


def _escaped(match: re.Match[str]) -> str:
    special = match[0]
    return "\\\\" if special == "\\" else _ESCAPES.get(special, f"\\u{ord(special):04x}")


def texts(values: Iterable[str]) -> str:
    """Return a list of strings as TOML, on one line."""
    return f"[{', '.join(map(text, values))}]"


def key(name: str) -> str:
    """Return a key as TOML, quoted if necessary."""
    return name if _BARE.fullmatch(name) else text(name)


def texts_by_key(values: Mapping[str, str]) -> str:
    """Return a table of strings as TOML, on one line."""
    return f"{{{', '.join(f'{key(name)} = {text(value)}' for name, value in values.items())}}}"


def flag(value: bool) -> str:  # noqa: FBT001 - the value itself
    """Return a boolean as TOML."""
    return "true" if value else "false"
