"""Poetry's caches on disk."""

from poetry.utils.cache import ArtifactCache, FileCache

__all__ = [
    "ArtifactCache",
    "FileCache",
]
