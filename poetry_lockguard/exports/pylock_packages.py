"""One pin as an entry of ``pylock.toml`` (PEP 751), or the reason why it cannot be one.

This module needs ``packaging.pylock``, which came with packaging 26.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packaging.markers import Marker
from packaging.pylock import (
    Package,
    PackageArchive,
    PackageDirectory,
    PackageSdist,
    PackageVcs,
    PackageWheel,
)
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from poetry_lockguard.exports.direct_addresses import from_here
from poetry_lockguard.policy.admission import moment
from poetry_lockguard.snapshots.format.file_facts import NOTHING_KNOWN, with_more
from poetry_lockguard.snapshots.origins import (
    Directory,
    Git,
    Index,
    LocalFile,
    PyPI,
    SnapshotSource,
    Url,
)
from poetry_lockguard.urls import has_scheme, repository, without_secrets

if TYPE_CHECKING:
    from packaging.utils import NormalizedName

    from poetry_lockguard.exports.outcome import Places
    from poetry_lockguard.snapshots.compatible_files import Installable
    from poetry_lockguard.snapshots.document import PackageEntry


class UnfitError(Exception):
    """This pin cannot be written; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One pin of a file: where it applies, and what of it installs there."""

    name: NormalizedName
    entry: PackageEntry
    marker: str | None
    files: Installable


def package(part: Part, places: Places) -> Package:
    """Return the entry of a pin; raise UnfitError if it lacks what PEP 751 requires."""
    return Package(
        name=part.name,
        version=_version(part.entry),
        marker=Marker(part.marker) if part.marker else None,
        requires_python=_specifier(part.entry.requires_python),
        **_source(part, part.entry.source, places),
    )


def _version(entry: PackageEntry) -> Version | None:
    match entry.source:
        case Git() | Directory():
            return None  # a source tree may say any version: PEP 751 forbids to promise one
        case _:
            return Version(entry.version)


def _specifier(text: str | None) -> SpecifierSet | None:
    """Read a range of Pythons; one that only Poetry can write says less than its markers do."""
    try:
        return SpecifierSet(text) if text else None
    except ValueError:
        return None


def _source(part: Part, source: SnapshotSource, places: Places) -> dict[str, Any]:
    match source:
        case PyPI():
            return _distributions(part, places) | {"index": places.pypi}
        case Index(url=url):
            return _distributions(part, places) | {"index": without_secrets(url)}
        case Git():
            return {"vcs": _repository(part, source, places)}
        case Directory(path=path, editable=editable):
            where = from_here(path, places.root)
            return {"directory": PackageDirectory(path=where, editable=editable or None)}
        case Url(url=url, subdirectory=below):
            address = without_secrets(url)
            return {"archive": PackageArchive(url=address, hashes=_hash(part), subdirectory=below)}
        case LocalFile(path=path, subdirectory=below):
            where = from_here(path, places.root)
            return {"archive": PackageArchive(path=where, hashes=_hash(part), subdirectory=below)}


def _distributions(part: Part, places: Places) -> dict[str, Any]:
    if not part.entry.files:
        raise UnfitError("its index gives no file hashes, which pylock.toml requires")
    urls = places.urls.get((part.name, part.entry.pin), {})
    lost = [file for file in part.files.names if file not in urls]
    if lost:
        raise UnfitError(f"the index gives no address for {', '.join(lost)}")
    told = places.facts.get((part.name, part.entry.pin), NOTHING_KNOWN)
    facts = with_more(part.entry.facts, told)

    def values(file: str) -> dict[str, Any]:
        return {
            "name": file,
            "upload_time": moment(facts.upload_times.get(file)),
            "url": without_secrets(urls[file]),
            "size": facts.sizes.get(file),
            "hashes": _one(part, file),
        }

    sdist = part.files.sdist
    return {
        "wheels": [PackageWheel(**values(file)) for file in part.files.wheels] or None,
        "sdist": PackageSdist(**values(sdist)) if sdist else None,
    }


def _repository(part: Part, git: Git, places: Places) -> PackageVcs:
    if part.entry.reason or git.commit is None:
        raise UnfitError("it names no full commit, which pylock.toml requires")
    is_url = has_scheme(repository(git.url))
    return PackageVcs(
        type="git",
        url=without_secrets(repository(git.url)) if is_url else None,
        path=None if is_url else from_here(git.url, places.root),
        requested_revision=git.reference,
        commit_id=git.commit,
        subdirectory=git.subdirectory,
    )


def _hash(part: Part) -> dict[str, str]:
    if not part.entry.files:
        raise UnfitError("no hash of its archive is known, which pylock.toml requires")
    return _one(part, next(iter(part.entry.files)))


def _one(part: Part, file: str) -> dict[str, str]:
    algorithm, _, digest = part.entry.files[file].partition(":")
    return {algorithm: digest}
