"""The addresses of files that a ``pylock.toml`` needs and a lock does not hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from poetry_lockguard.exports.known_files import known_places
from poetry_lockguard.resolution.project_configurations import SnapshotProject, pypi_pages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from poetry_lockguard.exports.derived_file import DerivedFile
    from poetry_lockguard.exports.outcome import Places
    from poetry_lockguard.index.network import Network
    from poetry_lockguard.snapshots.document import PackageEntry
    from poetry_lockguard.snapshots.usage import Key


def places_of(file: DerivedFile, network: Network, *, root: str, known: str = "") -> Places:
    """Return the addresses for a file: from its ``known`` text, and the rest from the indexes.

    ``root`` leads from the file's folder to the project's. Raises NoEndpointError.
    """
    needed = file.addresses_needed
    held = replace(known_places(known, needed, root), pypi=pypi_pages())
    missing = {key: entry for key, entry in needed.items() if not _is_complete(entry, held, key)}
    if not missing:
        return held
    with SnapshotProject(file.manifest, file.manifest.folder).indexes(network) as indexes:
        found = indexes.places(missing)
    return replace(held, urls={**held.urls, **found.urls}, facts={**held.facts, **found.facts})


def _is_complete(entry: PackageEntry, places: Places, key: Key) -> bool:
    held: Mapping[str, str] = places.urls.get(key, {})
    return all(name in held for name in entry.files)
