"""TOML laid out as lock files are: a header for each package, a line for each of its files."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def dumps(document: Mapping[str, Any]) -> str:
    """Write a document in the order given, its plain values first.

    The document's own arrays of tables and tables of tables get headers; what is in them stands
    on a line each.
    """
    return "".join(f"{line}\n" for line in _lines(document))


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    yield from (_line(key, value) for key, value in document.items() if not _has_header(value))
    for key, value in document.items():
        match value:
            case [dict(), *_]:
                for item in value:
                    yield from ("", f"[[{_key(key)}]]", *(_line(*pair) for pair in item.items()))
            case dict():
                for name, item in value.items():
                    yield from ("", f"[{_key(key)}.{_key(name)}]")
                    yield from (_line(*pair) for pair in item.items())


def _has_header(value: Any) -> bool:
    match value:
        case dict() | [dict(), *_]:
            return True
        case _:
            return False


def _line(key: str, value: Any) -> str:
    return f"{_key(key)} = {_value(value)}"


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _text(value)
        case dict():
            inside = ", ".join(_line(*pair) for pair in value.items())
            return f"{{{inside}}}"
        case [] | [str()]:
            return f"[{', '.join(_value(item) for item in value)}]"
        case list() | tuple():
            return "[\n" + "".join(f"    {_value(item)},\n" for item in value) + "]"
        case _:
            return repr(value)


def _text(value: str) -> str:
    """Quote a text: JSON's escapes are TOML's, which wants one more, for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)
