"""Metadata of a package as Poetry reads it."""

from poetry.inspection.info import PackageInfo

__all__ = [
    "PackageInfo",
]
