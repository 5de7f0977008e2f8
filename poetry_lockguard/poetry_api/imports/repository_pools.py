"""Poetry's repositories, and pools of them."""

from poetry.repositories.repository import Repository
from poetry.repositories.repository_pool import Priority, RepositoryPool

__all__ = [
    "Priority",
    "Repository",
    "RepositoryPool",
]
