"""Lets what Poetry builds in isolation take its build requirements from this run's pool.

A source archive without static metadata has to be built to be read. Poetry then makes a pool
anew from the project in the current folder, which knows nothing of stand-ins; it takes none as a
parameter there (2.0 to 2.5), so its factory is asked, for that while, to hand out ours.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from poetry.factory import Factory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry.repositories.repository_pool import RepositoryPool

_one_at_a_time = threading.RLock()


@contextmanager
def drawing_on(pool: RepositoryPool) -> Iterator[None]:
    """Have every pool that is made in the block be ``pool``."""

    def create_pool(_: type[Factory], *_arguments: Any, **_options: Any) -> RepositoryPool:
        return pool

    with _one_at_a_time:
        before = Factory.__dict__["create_pool"]
        Factory.create_pool = classmethod(create_pool)  # type: ignore[method-assign, assignment]
        try:
            yield
        finally:
            Factory.create_pool = before  # type: ignore[method-assign]
