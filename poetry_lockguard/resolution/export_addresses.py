"""The addresses of files that a ``pylock.toml`` needs and a lock does not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.exports.lock_pylock import known_addresses
from poetry_lockguard.exports.outcome import Places
from poetry_lockguard.resolution.project_configurations import SnapshotProject, pypi_pages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from poetry_lockguard.exports.derived_file import DerivedFile
    from poetry_lockguard.index.network import Network
    from poetry_lockguard.snapshots.document import PackageEntry
    from poetry_lockguard.snapshots.usage import Key


def places_of(file: DerivedFile, network: Network, *, root: str, known: str = "") -> Places:
    """Return the addresses for a file: from its ``known`` text, and the rest from the indexes.

    ``root`` leads from the file's folder to the project's. Raises NoEndpointError.
    """
    needed = file.addresses_needed
    held = known_places(file, root=root, known=known)
    missing = {key: entry for key, entry in needed.items() if not _is_complete(entry, held, key)}
    if not missing:
        return held
    with SnapshotProject(file.manifest, file.manifest.folder).indexes(network) as indexes:
        found = indexes.file_addresses(missing)
    return Places(urls={**held.urls, **found}, pypi=held.pypi, root=root)


def known_places(file: DerivedFile, *, root: str, known: str) -> Places:
    """Return the addresses that a file's ``known`` text holds already, without network."""
    addresses = known_addresses(known) if known else {}
    urls = {
        key: {
            name: addresses[name, digest]
            for name, digest in entry.files.items()
            if (name, digest) in addresses
        }
        for key, entry in file.addresses_needed.items()
    }
    return Places(urls=urls, pypi=pypi_pages(), root=root)


def _is_complete(entry: PackageEntry, places: Places, key: Key) -> bool:
    held: Mapping[str, str] = places.urls.get(key, {})
    return all(name in held for name in entry.files)
