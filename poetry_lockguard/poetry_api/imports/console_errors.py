"""Errors that Poetry's console prints."""

from poetry.console.exceptions import PoetryConsoleError

__all__ = [
    "PoetryConsoleError",
]
