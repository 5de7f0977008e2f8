"""Poetry's repositories that ask no network."""

from poetry.repositories.installed_repository import InstalledRepository

__all__ = [
    "InstalledRepository",
]
