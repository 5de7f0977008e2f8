"""Whether Poetry reads a version or constraint of a lock; it is asked about odd ones only."""

from __future__ import annotations

from functools import cache

from poetry_lockguard.lockfile.fast import shape


@cache
def is_version(text: str) -> bool:
    """Return whether Poetry reads this as a version."""
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
    """Return whether Poetry reads this as a constraint on versions."""
    if shape.constraint().fullmatch(text):
        return True
    from poetry.core.constraints.version import parse_constraint
    from poetry.core.constraints.version.exceptions import ParseConstraintError

    try:
        parse_constraint(text)
    except ParseConstraintError:
        return False
    return True
