"""Finds the version of the running Poetry without importing it, because that is slow."""

from __future__ import annotations

import os
import sys


def running_poetry() -> str:
    """Return the version of the running Poetry, or of the one in this environment.

    If Poetry is imported, the version is read from it. Otherwise the name of its ``.dist-info``
    folder gives the version, and only without one the slow ``importlib.metadata``.
    """
    loaded = sys.modules.get("poetry.__version__")
    if loaded is not None:
        return str(loaded.__version__)
    return _beside_the_package() or _from_metadata()


def versions() -> str:
    """Return the versions of this program and of Poetry, as ``--version`` prints them."""
    from importlib.metadata import version

    return f"lockguard {version('poetry-lockguard')} (Poetry {running_poetry()})"


def _beside_the_package() -> str | None:
    from importlib.machinery import PathFinder

    spec = PathFinder.find_spec("poetry")
    for package in (spec.submodule_search_locations or ()) if spec is not None else ():
        for name in os.listdir(os.path.dirname(package)):  # noqa: PTH120, PTH208 - pathlib costs start-up
            if name.startswith("poetry-") and name.endswith(".dist-info"):
                return name.removeprefix("poetry-").removesuffix(".dist-info")
    return None


def _from_metadata() -> str:
    from importlib.metadata import version

    return version("poetry")
