"""The outcome of the attempt to keep a lock: its new text, or the doubt that rules it out."""

from __future__ import annotations

import enum
from dataclasses import dataclass


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
    MARKER = "marker"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """The lock alone does not prove what an install needs; ``detail`` says why, in a clause."""

    reason: Reason
    package: str
    detail: str

    def __str__(self) -> str:
        return f"{self.package}: {self.detail}" if self.package else self.detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The lock's new text, with notes about what could not be checked."""

    text: str
    notes: tuple[str, ...] = ()
