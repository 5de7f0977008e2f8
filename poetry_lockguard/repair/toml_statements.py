"""Splits TOML text into statements, each with every byte that belongs to it.

A statement is a table's header, a key with its value (on one or several lines), or a line without
either. Joined, the statements are the same text again, so that one can change while all others stay
as they were written. Nothing is checked beyond what splitting needs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_PATH = rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*"
_END = r"[ \t]*(?:#[^\n]*)?(?:\r?\n|\Z)"
_PART = re.compile(_KEY)
_EMPTY = re.compile(_END)
_HEADER = re.compile(
    rf"[ \t]*\[[ \t]*(?P<array>\[[ \t]*)?(?P<path>{_PATH})[ \t]*(?(array)\][ \t]*)\]{_END}"
)
_START = re.compile(rf"[ \t]*(?P<path>{_PATH})[ \t]*=[ \t]*")
# Fast paths for most of a lock's text: a value on one line, and a list of files.
_SIMPLE = re.compile(
    rf"""(?:"(?:[^"\\\n]|\\[^\n])+"|""|true|false|\[(?:[^\]\[{{}}"'#\n]|"[^"\\\n]*")*\]){_END}"""
)
_FILES = re.compile(
    rf"""\[\r?\n(?:[ \t]*\{{file = "[^"\\\n]*", hash = "[^"\\\n]*"\}},?\r?\n)*\]{_END}"""
)
_TOKEN = re.compile(
    r'''"""(?:[^"\\]|\\[\s\S]|"(?!""))*"{3,5}'''
    r"""|\'\'\'(?:[^']|'(?!''))*'{3,5}"""
    r"""|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|(?P<open>[\[{])|(?P<close>[\]}])|\#[^\n]*|(?P<line>\n)"""
    r"""|[^"'\[\]{}#\n]+"""
)


class Statement(NamedTuple):
    """One statement's text, including its last line break.

    ``path`` are the parts of a header or key; ``kind`` is ``table``, ``array`` (of tables),
    ``pair`` or ``empty`` (a blank line or a comment).
    """

    text: str
    kind: str
    path: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The key of a pair; several parts are joined with dots."""
        return ".".join(self.path)


class NotCutError(ValueError):
    """The text cannot be split into statements: it is not valid TOML."""


def statements(text: str) -> Iterator[Statement]:
    """Yield the statements of a text. Raises NotCutError if it is not valid TOML."""
    position = 0
    while position < len(text):
        statement = _next(text, position)
        yield statement
        position += len(statement.text)


def _next(text: str, position: int) -> Statement:
    if match := _START.match(text, position):
        end = _value_end(text, match.end())
        return Statement(text[position:end], "pair", _parts(match["path"]))
    if match := _HEADER.match(text, position):
        return Statement(match[0], "array" if match["array"] else "table", _parts(match["path"]))
    if (match := _EMPTY.match(text, position)) and match[0]:
        return Statement(match[0], "empty")
    raise NotCutError(f"line {text.count(chr(10), 0, position) + 1} cannot be parsed")


def _value_end(text: str, start: int) -> int:
    for pattern in (_SIMPLE, _FILES):
        if match := pattern.match(text, start):
            return match.end()
    return _scanned_end(text, start)


def _scanned_end(text: str, start: int) -> int:
    """Return the end of the line on which the last bracket of a value is closed."""
    depth, position = 0, start
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            break
        position = token.end()
        depth += (token["open"] is not None) - (token["close"] is not None)
        if token["line"] and depth == 0:
            return position
    if depth == 0 and position == len(text):
        return position
    raise NotCutError(f"line {text.count(chr(10), 0, start) + 1}: a value does not end")


def _parts(path: str) -> tuple[str, ...]:
    return tuple(_unquoted(part) for part in _PART.findall(path))


def _unquoted(key: str) -> str:
    if key[0] == "'":
        return key[1:-1]
    if key[0] != '"':
        return key
    if "\\" not in key:
        return key[1:-1]

    from poetry_lockguard import toml

    try:
        (name,) = toml.loads(f"{key} = 0")
    except (ValueError, RecursionError) as error:
        raise NotCutError(f"the key {key} cannot be parsed") from error
    return name
