"""The page of one problem code."""

from __future__ import annotations

from typing import NamedTuple


class ProblemPage(NamedTuple):
    """What a problem code means, when it is reported, and what to do about it.

    ``summary`` is one line without a full stop. ``severity`` names all severities that the code
    can have. ``found_by`` is the command that reports it, ``example`` a problem as printed.
    """

    code: str
    summary: str
    severity: str
    found_by: str
    meaning: str
    example: str
    cause: str
    remedy: str
