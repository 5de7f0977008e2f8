"""Where in ``pyproject.toml`` a requirement stands; a guess that is cheap and mostly right."""

from __future__ import annotations

import re

_ANY_SEPARATOR = r"[-_.]+"


def line_of(text: str, package: str) -> int | None:
    """Give the first line, from 1, that declares a package: as a key, or as a PEP 508 string."""
    name = _ANY_SEPARATOR.join(map(re.escape, re.split(_ANY_SEPARATOR, package)))
    declared = re.compile(
        rf"""^[ \t]*(?:["']?{name}["']?[ \t]*[=.]|.*["']{name}[ \t]*(?:["'\[<>=!~;@(]|$))""",
        re.IGNORECASE | re.MULTILINE,
    )
    found = declared.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else None
