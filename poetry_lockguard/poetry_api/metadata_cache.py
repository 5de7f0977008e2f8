"""Python's cache of the folders in which packages are installed."""

from __future__ import annotations

import importlib
from importlib.metadata import MetadataPathFinder


def invalidate_metadata_cache() -> None:
    """Make the next look at a folder of packages read what is really there.

    ``importlib.metadata`` caches the listing of a folder until its modification time changes, and
    that time is too coarse for several threads that install into it. Before Python 3.13
    ``importlib.invalidate_caches()`` does this only for a backport, which may have replaced it.
    """
    importlib.invalidate_caches()
    MetadataPathFinder().invalidate_caches()  # an instance: it is a plain method up to 3.12
