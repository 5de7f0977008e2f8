"""What a merge may use of the other side: its pins and requirements, but no code and no sources.

Git runs a merge driver before anybody has seen what a branch brings. So nothing of it is built, and
no index, mirror, repository or URL is asked that only the other side names.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from poetry_lockguard.errors import LockguardError
from poetry_lockguard.freshness import trust
from poetry_lockguard.printable import tamed
from poetry_lockguard.settings import parse as parse_settings
from poetry_lockguard.urls import comparable, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.manifest.document import Manifest

_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeLimits:
    """``own`` are path dependencies as on our side, ``foreign`` the other side's addresses."""

    own: frozenset[Path] = frozenset()
    foreign: tuple[str, ...] = ()

    def may_build(self, source: Path) -> bool:
        """Whether building a folder runs no code but our own."""
        return any(os.path.realpath(source) == os.path.realpath(one) for one in self.own)

    @property
    def refusal(self) -> str:
        """Why the network is not used, if it is not."""
        if not self.foreign:
            return ""
        more = f" and {len(self.foreign) - _SHOWN} more" if len(self.foreign) > _SHOWN else ""
        places = ", ".join(tamed(shown(one)) for one in self.foreign[:_SHOWN])
        return f"only the other side names {places}{more}, which a merge does not use"


def foreign(
    ours: Manifest | None, lock: Lock | None, merged: Iterable[Manifest]
) -> tuple[str, ...]:
    """Return the addresses in ``merged`` manifests that neither our manifest nor our lock names."""
    known: set[str] = set()
    if ours is not None:
        known |= {*_addresses(ours)}
        origins = (trust.origin_of(pin, ours.folder) for pin in (lock.pins if lock else ()))
        known |= {one.address for one in origins if one is not None}
    return tuple(
        dict.fromkeys(one for each in merged for one in _addresses(each) if one not in known)
    )


def _addresses(manifest: Manifest) -> Iterator[str]:
    """Yield the indexes, mirrors, repositories and URLs that a manifest names."""
    tables = manifest.poetry.get("source")
    for table in tables if isinstance(tables, list) else ():
        if isinstance(table, dict) and isinstance(table.get("url"), str):
            yield comparable(table["url"])
    with suppress(LockguardError):  # which is reported where the merged settings are read
        yield from map(comparable, parse_settings(manifest.settings, "").mirrors)
    for asked in sorted(trust.of_manifest(manifest).addresses):
        if "://" in asked.address:
            yield asked.address
