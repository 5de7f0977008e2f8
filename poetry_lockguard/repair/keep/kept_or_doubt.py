"""The outcome of the attempt to keep a lock: its new text, or the doubt that rules it out."""

from __future__ import annotations

import enum
from typing import NamedTuple


class Reason(str, enum.Enum):
    """Why a lock cannot be kept."""

    LAYOUT = "layout"
    UNREADABLE = "unreadable"
    NOT_LOCKED = "not-locked"
    UNSERVED = "unserved"
    UNSETTLED = "unsettled"
    PYTHON_WIDENED = "python-widened"
    NEW_EXTRA = "new-extra"
    NEW_ENVIRONMENT = "new-environment"
    SOURCE = "source"
    PATH_CHANGED = "path-changed"
    TOO_MANY = "too-many"
    NO_PYTHON = "no-python"
    MARKER = "marker"
    DUPLICATE = "duplicate"


class Doubt(NamedTuple):
    """The lock alone does not prove what an install needs; ``detail`` says why, in a clause."""

    reason: Reason
    package: str
    detail: str

    def __str__(self) -> str:
        return f"{self.package}: {self.detail}" if self.package else self.detail


class Kept(NamedTuple):
    """The lock's new text, with notes about what could not be checked."""

    text: str
    notes: tuple[str, ...] = ()
