"""How Poetry reads packages from files, folders, addresses and repositories of git."""

from poetry.packages.direct_origin import DirectOrigin

__all__ = [
    "DirectOrigin",
]
