"""The normal form of a package's name (PEP 503)."""

from __future__ import annotations

import re

_SEPARATORS = re.compile(r"[-_.]+")


def normalized(name: str) -> str:
    """Return a name in lower case, with single hyphens as separators.

    ``packaging.utils`` has such a function, but ``check`` must not import it for a fresh lock.
    """
    return _SEPARATORS.sub("-", name).lower()


def spellings(name: str) -> str:
    """Return a regular expression for every spelling of a normalized name, apart from case."""
    return re.escape(name).replace(r"\-", "[-_.]+")
