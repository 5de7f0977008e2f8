"""A project as Poetry sees it."""

from poetry.poetry import Poetry

__all__ = [
    "Poetry",
]
