"""The values of a verdict: exit codes, statuses, problems and their severities.

Values that the fast ``check`` needs are named tuples: defining one dataclass costs a millisecond at
every start, and importing ``dataclasses`` many more.
"""

from __future__ import annotations

import enum
from typing import NamedTuple

#: what can change about a package between two locks, in the order of reports
CHANGE_KINDS = (
    "removed",
    "added",
    "upgraded",
    "downgraded",
    "re-sourced",
    "groups",
    "markers",
    "metadata",
    "files",
    "notation",
)


class Exit(enum.IntEnum):
    """Exit codes of every command."""

    OK = 0  #: in step: nothing to do, or done
    FOUND = 1  #: checked, and not in step
    CANNOT_LOOK = 2  #: bad usage, no or invalid manifest, unreadable settings, newer format


class Status(str, enum.Enum):
    """The result of ``check`` for one project's lock."""

    FRESH = "fresh"
    STALE = "stale"
    MISSING = "missing"
    BROKEN = "broken"
    UNTRUSTED = "untrusted"
    UNSUPPORTED = "unsupported"


class Severity(str, enum.Enum):
    """How much a problem matters: only errors affect the exit code."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Problem(NamedTuple):
    """One piece of drift or damage.

    ``line`` counts from 1 and is a line of the lock, unless ``file`` names another file
    (relative to the project's folder). ``configuration`` is the configuration of a snapshot in
    which the problem was found. ``detail`` is the message without the subject at its beginning.
    ``finding`` is the message without the next step, if it ends with one.
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
    configuration: str | None = None
    detail: str | None = None
    finding: str | None = None

    def about(self, subject: str) -> Problem:
        """Return this problem with a message that begins with its subject."""
        finding = self.finding and f"{subject}: {self.finding}"
        message = f"{subject}: {self.message}"
        return self._replace(message=message, detail=self.message, finding=finding)

    def with_next_step(self, step: str) -> Problem:
        """Return this problem with a message that ends with what to do next."""
        detail = self.detail and f"{self.detail}; {step}"
        message = f"{self.message}; {step}"
        return self._replace(message=message, detail=detail, finding=self.message)

    def in_configuration(self, name: str) -> Problem:
        """Return this problem as one in a configuration of a snapshot."""
        return self.about(name)._replace(configuration=name)
