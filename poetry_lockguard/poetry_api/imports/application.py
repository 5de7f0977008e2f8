"""Poetry's console application."""

from poetry.console.application import Application

__all__ = [
    "Application",
]
