"""Decides whether Poetry can read a version or constraint, and asks Poetry only if unsure."""

from __future__ import annotations

from functools import cache

from poetry_lockguard.lockfile.fast import shape


@cache
def is_version(text: str) -> bool:
    """Whether Poetry can read this as a version."""
    if shape.version().fullmatch(text):
        return True
    from poetry.core.constraints.version import Version
    from poetry.core.version.exceptions import InvalidVersionError

    try:
        Version.parse(text)
    except InvalidVersionError:
        return False
    return True


@cache
def is_constraint(text: str) -> bool:
    """Whether Poetry can read this as a version constraint."""
    if shape.constraint().fullmatch(text):
        return True
    from poetry.core.constraints.version import parse_constraint
    from poetry.core.constraints.version.exceptions import ParseConstraintError

    try:
        parse_constraint(text)
    except ParseConstraintError:
        return False
    return True
