"""Reads the data of a lock in Poetry's exact shape, many times faster than a TOML parser.

``header`` proves the shape: tables in their order, one key per line, no line break in a string. So
it is enough to split the lines, and JSON's decoder, which is written in C, reads every value except
inline tables.
"""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from typing import Any

from poetry_lockguard.lockfile.fast import header, shape

_JSON = json.JSONDecoder(strict=False)  # TOML's strings may contain tabs
_FILES = "\nfiles = ["
_TABLE = "\n\n[package."


@lru_cache(maxsize=2)
def data(content: bytes) -> dict[str, Any] | None:
    """Return a lock's TOML data as a parser would, or None if only a parser can read it.

    Do not change the result: it is cached.
    """
    parts = header.parts(content)
    if parts is None:
        return None
    read: dict[str, Any] = {"package": [_package(f"\n{text}\n") for text in parts.packages]}
    if parts.extras is not None:
        read["extras"] = _lines(parts.extras)
    read["metadata"] = _lines(parts.metadata)
    return read


def _package(text: str) -> dict[str, Any]:
    head, *tables = text.split(_TABLE)
    before, _, rest = head.partition(_FILES)
    files, _, after = rest.partition("]\n")
    read = _lines(before + "\n")
    read["files"] = [{"file": name, "hash": digest} for name, digest in _file().findall(files)]
    read |= _lines(after + "\n")
    for table in tables:
        name, _, body = table.partition("]\n")
        read[name] = _lines(body + "\n")
    return read


def _lines(text: str) -> dict[str, Any]:
    return {key.strip('"'): _value(value) for key, value in _line().findall(text)}


def _value(text: str) -> Any:
    if text.startswith("{"):
        return {key.strip('"'): _value(value) for key, value in _pair().findall(text)}
    if text.startswith("[\n"):
        return [_value(line.strip().removesuffix(",")) for line in text.split("\n")[1:-1]]
    if text.startswith('"') and "\\" not in text:
        return text[1:-1]
    return _JSON.decode(text)


@cache
def _line() -> re.Pattern[str]:
    return re.compile(rf"^({shape.KEY}) = (\[\n(?:    .*\n)+\]|.+)\n", re.MULTILINE)


@cache
def _pair() -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9_-])({shape.KEY}) = ({shape.TEXT}|{shape.TEXTS}|true)")


@cache
def _file() -> re.Pattern[str]:
    return re.compile(r'\{file = "([^"]*)", hash = "([^"]*)"\}')
