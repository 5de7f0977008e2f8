"""The words of a verdict: exit codes, statuses, problems and their severities.

Values that the fast ``check`` needs are named tuples: making one dataclass takes a millisecond of
every start, and the module they come from many more.
"""

from __future__ import annotations

import enum
from typing import NamedTuple


class Exit(enum.IntEnum):
    """Exit codes of every command."""

    OK = 0  #: in step: nothing to do, or it was done
    FOUND = 1  #: looked, and it is not in step
    CANNOT_LOOK = 2  #: bad usage, no or invalid manifest, unreadable settings, newer format


class Status(str, enum.Enum):
    """What ``check`` says of one project's lock."""

    FRESH = "fresh"
    STALE = "stale"
    MISSING = "missing"
    BROKEN = "broken"
    UNTRUSTED = "untrusted"
    UNSUPPORTED = "unsupported"


class Severity(str, enum.Enum):
    """How much a problem matters: only errors colour the exit code."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Problem(NamedTuple):
    """One piece of drift or damage.

    ``line`` counts from 1 and speaks of the lock, unless ``file`` names another file
    (relative to the project's folder).
    """

    code: str
    message: str
    severity: Severity = Severity.ERROR
    package: str | None = None
    group: str | None = None
    requested: str | None = None
    locked: str | None = None
    line: int | None = None
    file: str = "poetry.lock"
