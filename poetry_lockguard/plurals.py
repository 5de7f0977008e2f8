"""Counts and lists things in words: ``1 pin``, ``2 pins``, ``a, b and 3 more``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, which gets an ``s`` unless the number is 1."""
    return f"{number} {plural(number, noun)}"


def plural(number: int, noun: str) -> str:
    """Return a noun in the form that goes with a number."""
    return noun if number == 1 else f"{noun}s"


def enumerated(names: Sequence[str], conjunction: str = "and") -> str:
    """Return ``a``, ``a and b``, or ``a, b and c``; empty for no names."""
    if len(names) < 2:  # noqa: PLR2004 - one name needs no conjunction
        return "".join(names)
    return f"{', '.join(names[:-1])} {conjunction} {names[-1]}"


def first_few(names: Sequence[str], most: int) -> str:
    """Return all names with commas; of more than ``most``, the first and how many more."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"
