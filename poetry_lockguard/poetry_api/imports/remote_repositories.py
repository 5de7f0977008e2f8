"""Poetry's index clients."""

from poetry.repositories.cached_repository import CachedRepository
from poetry.repositories.http_repository import HTTPRepository
from poetry.repositories.legacy_repository import LegacyRepository
from poetry.repositories.pypi_repository import PyPiRepository

__all__ = [
    "CachedRepository",
    "HTTPRepository",
    "LegacyRepository",
    "PyPiRepository",
]
