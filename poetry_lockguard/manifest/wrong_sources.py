"""Finds what makes Poetry refuse the sources of a manifest, which poetry-core does not validate."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEYS = frozenset(("name", "url", "priority", "links", "indexed"))
_URI = re.compile(r"\w+:\S+")  # as Poetry's schema has it
_PRIORITIES = ("primary", "supplemental", "explicit")


def wrong_sources(data: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the sources of a manifest's TOML data, one phrase each."""
    sources = data.get("tool", {}).get("poetry", {}).get("source", [])
    if not (isinstance(sources, list) and all(isinstance(source, dict) for source in sources)):
        yield "tool.poetry.source must be an array of tables"
        return
    for number, source in enumerate(sources):
        place = f"tool.poetry.source[{number}]"
        yield from _wrong_address(source, place)
        yield from _wrong_options(source, place)
    yield from _wrong_together(sources)


def _wrong_address(source: dict[str, Any], place: str) -> Iterator[str]:
    name, url = source.get("name"), source.get("url")
    if not isinstance(name, str):
        yield f"Missing [name] in {place}"
    elif name.lower() == "pypi":
        if "url" in source:
            yield f"{place} is PyPI, which takes no url"
    elif not isinstance(url, str):
        yield f"Missing [url] in source {name!r} ({place})"
    elif not (_URI.fullmatch(url) and _can_be_split(url)):
        yield f"{place}.url must be uri"


def _can_be_split(url: str) -> bool:
    """Whether Poetry can take an address apart: not one with half of an IPv6 address."""
    try:
        urlsplit(url)
    except ValueError:
        return False
    return True


def _wrong_options(source: dict[str, Any], place: str) -> Iterator[str]:
    unknown = sorted(map(repr, source.keys() - _KEYS))
    if unknown:
        yield f"{place} must not contain {{{', '.join(unknown)}}} properties"
    if source.get("priority", "primary") not in _PRIORITIES:
        yield f"{place}.priority must be one of {list(_PRIORITIES)}"
    for key in ("links", "indexed"):
        if not isinstance(source.get(key, False), bool):
            yield f"{place}.{key} must be boolean"


def _wrong_together(sources: list[dict[str, Any]]) -> Iterator[str]:
    names = [str(source.get("name")).lower() for source in sources]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"two sources are named {name}"
    explicit = all(source.get("priority") == "explicit" for source in sources)
    if explicit and "pypi" in names:
        yield "at least one source must not be explicit"
