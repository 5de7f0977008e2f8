"""Poetry's pages of an index."""

from poetry.repositories.link_sources.base import LinkSource
from poetry.repositories.link_sources.html import HTMLPage
from poetry.repositories.link_sources.json import SimpleJsonPage

__all__ = [
    "HTMLPage",
    "LinkSource",
    "SimpleJsonPage",
]
