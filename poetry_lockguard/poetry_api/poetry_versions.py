"""What differs between Poetry's minors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version
from poetry.__version__ import __version__

from poetry_lockguard import files
from poetry_lockguard.running import running_poetry

if TYPE_CHECKING:
    from pathlib import Path

MARKERS_IN_EXTRAS = Version("2.3")  #: first to write the markers of what an extra brings in
ADDRESSES_IN_CACHE = Version("2.1.0")  #: version of the release cache; it is Poetry 2.3's


@dataclass(frozen=True, slots=True)
class Generator:
    """The Poetry that wrote a lock; ``version`` is ``None`` where the lock does not say."""

    version: Version | None

    def __str__(self) -> str:
        return "of an unknown version" if self.version is None else str(self.version)

    @classmethod
    def of(cls, lock: Path) -> Generator:
        """Read it from the comment in the lock's first line."""
        with files.opened(lock) as file:
            first = file.readline(4096).decode("utf-8", "replace")
        found = re.search("Poetry ([^ ]+)", first)
        return cls.named(found.group(1) if found else None)

    @classmethod
    def named(cls, version: str | None) -> Generator:
        """Take what a lock says of itself, if it does."""
        try:
            return cls(None if version is None else Version(version))
        except InvalidVersion:
            return cls(None)


def pads_extras(generator: Generator) -> bool:
    """Return whether the running Poetry writes more about extras than ``generator`` did."""
    before = generator.version is None or generator.version < MARKERS_IN_EXTRAS
    return before and Version(__version__) >= MARKERS_IN_EXTRAS


def reads_directory_anywhere() -> bool:
    """Whether the console goes to the folder of ``--directory`` wherever it stands, as from 2.1."""
    return not running_poetry().startswith("2.0.")


def minds_release_age() -> bool:
    """Whether Poetry's repositories look at the age of releases, as from 2.4."""
    from poetry.repositories.http_repository import HTTPRepository

    return hasattr(HTTPRepository, "_package")


def caches_addresses(cache_version: object) -> bool:
    """Whether the release cache holds more of a file than what a lock does, as from 2.3."""
    return Version(str(cache_version)) >= ADDRESSES_IN_CACHE
