"""The differences between Poetry's minor versions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import Version
from poetry.__version__ import __version__

from poetry_lockguard import files
from poetry_lockguard.running import running_poetry

if TYPE_CHECKING:
    from pathlib import Path

MARKERS_IN_EXTRAS = Version(
    "2.3"
)  #: the first version that writes the markers of what an extra requires
ADDRESSES_IN_CACHE = Version("2.1.0")  #: version of the release cache since Poetry 2.3


@dataclass(frozen=True, slots=True)
class Generator:
    """The Poetry that wrote a lock; ``version`` is ``None`` if the lock does not name it."""

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
        """Parse the generator named in a lock, if there is one."""
        try:
            return cls(None if version is None else Version(version))
        except ValueError:
            return cls(None)


def pads_extras(generator: Generator) -> bool:
    """Return whether the running Poetry writes more about extras than ``generator`` did."""
    before = generator.version is None or generator.version < MARKERS_IN_EXTRAS
    return before and Version(__version__) >= MARKERS_IN_EXTRAS


def reads_directory_anywhere() -> bool:
    """Whether ``--directory`` may stand anywhere on the command line, as from Poetry 2.1."""
    return not running_poetry().startswith("2.0.")


def minds_release_age() -> bool:
    """Whether Poetry's repositories check the age of releases, as from Poetry 2.4."""
    from poetry.repositories.http_repository import HTTPRepository

    return hasattr(HTTPRepository, "_package")


def caches_addresses(cache_version: object) -> bool:
    """Whether the release cache keeps more about a file than a lock does, as from Poetry 2.3."""
    return Version(str(cache_version)) >= ADDRESSES_IN_CACHE
