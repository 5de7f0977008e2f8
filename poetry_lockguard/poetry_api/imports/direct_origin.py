"""Poetry's reader of packages from files, folders, URLs and git repositories."""

from poetry.packages.direct_origin import DirectOrigin

__all__ = [
    "DirectOrigin",
]
