"""Helpers of Poetry."""

from poetry.utils.helpers import get_file_hash, get_highest_priority_hash_type
from poetry.utils.patterns import sdist_file_re, wheel_file_re

__all__ = [
    "get_file_hash",
    "get_highest_priority_hash_type",
    "sdist_file_re",
    "wheel_file_re",
]
