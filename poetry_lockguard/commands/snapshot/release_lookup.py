"""Parses ``name==version`` arguments and looks the releases up in the indexes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import Version

from poetry_lockguard.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from poetry_lockguard.resolution.project_configurations import Indexes
    from poetry_lockguard.snapshots.pin_changes import Named

_EXACT = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:==|@)\s*([^\s=]+)\s*")


@dataclass(frozen=True, slots=True)
class Exact:
    """One release that the user named."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


def exact(text: str) -> Exact:
    """Parse ``name==version``; raises UsageError for anything else."""
    match = _EXACT.fullmatch(text)
    if match is None:
        raise UsageError(f"{text!r}: not a release; write it as name==version")
    try:
        return Exact(str(canonicalize_name(match[1])), str(Version(match[2])))
    except ValueError as error:
        raise UsageError(f"{text!r}: {match[2]!r} is not a version (PEP 440)") from error


def look_up(indexes: Indexes, wanted: Sequence[Exact]) -> tuple[list[Named], list[Exact]]:
    """Return the pins that were found, and the releases that no index has."""
    found: list[Named] = []
    unknown: list[Exact] = []
    for release in wanted:
        sources = indexes.sources_of(release.name)
        asked = (indexes.look_up(release.name, release.version, one) for one in sources)
        entry = next((one for one in asked if one is not None), None)
        if entry is None:
            unknown.append(release)
        else:
            found.append((release.name, entry))
    return found, unknown
