"""What Python remembers of the folders in which packages are installed."""

from __future__ import annotations

import importlib
from importlib.metadata import MetadataPathFinder


def invalidate_metadata_cache() -> None:
    """Let the next look at a folder of packages see what is really there.

    ``importlib.metadata`` keeps the listing of a folder as long as the folder's time of change is
    the same, and that time is too coarse for what several threads install into it. Before Python
    3.13 ``importlib.invalidate_caches()`` does that for a backport only, which something may have
    put in its place.
    """
    importlib.invalidate_caches()
    MetadataPathFinder().invalidate_caches()  # an instance: it is a plain method up to 3.12
