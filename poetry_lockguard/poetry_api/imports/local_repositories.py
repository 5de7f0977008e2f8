"""Poetry's repositories that need no network."""

from poetry.repositories.installed_repository import InstalledRepository

__all__ = [
    "InstalledRepository",
]
