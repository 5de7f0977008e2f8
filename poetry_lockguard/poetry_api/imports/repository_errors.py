"""Errors of Poetry's repositories."""

from poetry.repositories.exceptions import PackageNotFoundError, RepositoryError

__all__ = [
    "PackageNotFoundError",
    "RepositoryError",
]
