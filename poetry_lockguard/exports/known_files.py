"""What a ``pylock.toml`` that was made before says of its files, and a lock does not hold."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from poetry_lockguard.exports.outcome import Places
from poetry_lockguard.snapshots.format.file_facts import FileFacts, size, upload_time

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from poetry_lockguard.snapshots.document import PackageEntry
    from poetry_lockguard.snapshots.usage import Key

_Files = dict[tuple[str, str], "Mapping[str, Any]"]


def known_places(text: str, needed: Mapping[Key, PackageEntry], root: str) -> Places:
    """Return what a pylock.toml has about the files of these pins, without network.

    ``root`` leads from the folder of the new file to the project's.
    """
    files = _by_digest(text) if text else {}
    found = {key: _of_pin(entry, files) for key, entry in needed.items()}
    return Places(
        urls={key: urls for key, (urls, _) in found.items()},
        facts={key: facts for key, (_, facts) in found.items()},
        root=root,
    )


def _of_pin(entry: PackageEntry, files: _Files) -> tuple[dict[str, str], FileFacts]:
    own = {
        name: files[name, digest] for name, digest in entry.files.items() if (name, digest) in files
    }
    sizes = {name: size(file.get("size")) for name, file in own.items()}
    times = {name: _time(file.get("upload-time")) for name, file in own.items()}
    facts = FileFacts(
        sizes={name: one for name, one in sizes.items() if one is not None},
        upload_times={name: one for name, one in times.items() if one is not None},
    )
    return {name: str(file["url"]) for name, file in own.items()}, facts


def _time(value: object) -> str | None:
    """Return a time of TOML as an index gives it."""
    return upload_time(str(value)) if value is not None else None


def known_index(text: str, names: Container[str]) -> str | None:
    """Return the address of PyPI's pages in a pylock.toml; ``names`` are packages from there."""
    found = (one for one in _packages(text) if "index" in one and str(one.get("name")) in names)
    return next((str(one["index"]) for one in found), None)


def _by_digest(text: str) -> _Files:
    """Return the files that have an address, by name and ``algorithm:digest``."""
    return {
        (str(file.get("name")), f"{kind}:{digest}"): file
        for package in _packages(text)
        for file in _files(package)
        for kind, digest in _table(file.get("hashes")).items()
        if "url" in file
    }


@lru_cache(maxsize=1)
def _packages(text: str) -> list[Mapping[str, Any]]:
    """Return the packages of a pylock.toml, or none if the file is not a valid one."""
    from poetry_lockguard.toml import loads

    try:
        return _tables(loads(text).get("packages"))
    except (ValueError, RecursionError):
        return []


def _tables(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _files(package: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from _tables(package.get("wheels"))
    yield from _tables([package.get("sdist")])
