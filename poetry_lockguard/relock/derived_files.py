"""Makes the files that are derived from a lock, to be written together with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from poetry_lockguard import files
from poetry_lockguard.exports.export_table import declared_files
from poetry_lockguard.exports.lock_selection import UnclearError
from poetry_lockguard.exports.outcome import Exported, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from poetry_lockguard.exports.export_table import DeclaredFile
    from poetry_lockguard.index.network import Network
    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """A derived file with another content than it has."""

    name: str
    path: Path
    content: bytes


class NotDerivedError(files.WriteError):
    """A derived file cannot be made, or must not be overwritten; nothing is written then."""


def rewritten(
    manifest: Manifest, settings: Settings, lock: Lock, network: Network, *, force: bool
) -> list[Rewritten]:
    """Return the derived files that change with a lock.

    Raises NotDerivedError for one that was edited by hand, unless ``force``, and for one that
    cannot be made.
    """
    if not settings.exports:
        return []
    try:
        return [*_rewritten(manifest, settings, lock, network, force=force)]
    except UnclearError as error:
        raise NotDerivedError(str(error)) from error


def _rewritten(
    manifest: Manifest, settings: Settings, lock: Lock, network: Network, *, force: bool
) -> Iterator[Rewritten]:
    for file in declared_files(manifest, lock, settings):
        if file.is_current():
            continue
        if file.is_edited and not force:
            raise NotDerivedError(
                f"{file.name} was edited by hand, so nothing was written; --force overwrites it"
            )
        yield Rewritten(name=file.name, path=file.path, content=_content(file, network))


def _content(file: DeclaredFile, network: Network) -> bytes:
    from poetry_lockguard.mirrors.failover import NoEndpointError
    from poetry_lockguard.resolution.export_addresses import places_of

    places = file.known_places()
    if file.derived.spec.format == "cyclonedx":
        from poetry_lockguard.resolution.installed_packages import licences

        found = licences(file.derived)
        places = replace(places, licences={**found, **places.licences})
    try:
        if file.derived.addresses_needed:
            places = places_of(file.derived, network, root=file.root, known=file.text or "")
    except NoEndpointError as error:
        raise NotDerivedError(f"{file.name}: {error}") from error
    match file.derived.made(places):
        case Exported(text=text):
            return file.content(text)
        case Refused(reasons=reasons):
            raise NotDerivedError(f"{file.name}: {'; '.join(reasons)}")
