"""Which Poetry is running, told without importing it: its start is what makes Poetry slow."""

from __future__ import annotations

import os
import sys


def running_poetry() -> str:
    """Return the version of the Poetry that runs, or that this environment would run.

    Where Poetry is loaded it says so itself. Otherwise the name of its ``.dist-info`` folder
    beside the package is read, and only then the slow ``importlib.metadata`` is asked.
    """
    loaded = sys.modules.get("poetry.__version__")
    if loaded is not None:
        return str(loaded.__version__)
    return _beside_the_package() or _from_metadata()


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
