"""Finds the line of a requirement in ``pyproject.toml``: a fast guess that is mostly right."""

from __future__ import annotations

import re

from poetry_lockguard.names import normalized, spellings

_PYTHON = tuple(
    re.compile(rf"""^[ \t]*["']?{key}["']?[ \t]*=""", re.MULTILINE)
    for key in ("requires-python", "python")
)


def line_of(text: str, package: str) -> int | None:
    """Return the first line, from 1, that declares a package: as a key, or as a PEP 508 string."""
    name = spellings(normalized(package))
    declared = re.compile(
        rf"""^(?:[ \t]*["']?{name}["']?[ \t]*[=.]|.*["']{name}[ \t]*(?:["'\[<>=!~;@(]|$))""",
        re.IGNORECASE | re.MULTILINE,
    )
    return _line(text, declared)


def line_of_python(text: str) -> int | None:
    """Return the first line, from 1, that declares the Pythons, by the standard key or Poetry's."""
    found = (_line(text, declaration) for declaration in _PYTHON)
    return next((line for line in found if line is not None), None)


def _line(text: str, declaration: re.Pattern[str]) -> int | None:
    found = declaration.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else None
