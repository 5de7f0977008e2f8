"""Prepares the pins of an old lock that a new one should keep, as far as they are still valid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    Data = dict[str, Any]
    Release = tuple[str, str]  # normalized name, version as the lock writes it

_IDENTITY = ("name", "version")
_BARE = {"description": "", "optional": False, "python-versions": "*", "files": []}


def redeclared(lock: Mapping[str, Any], name_of: Callable[[Data], str | None]) -> Data:
    """Return a lock's data with each pin's index under the name that the manifest gives it now.

    ``name_of`` returns that name for a pin's source table. A pin whose index is no longer declared
    is reduced to its version, which any index may have.
    """
    return {**lock, "package": [_redeclared(entry, name_of) for entry in lock["package"]]}


def _redeclared(entry: Data, name_of: Callable[[Data], str | None]) -> Data:
    source = entry.get("source")
    if not isinstance(source, dict) or source.get("type") != "legacy":
        return entry
    name = name_of(source)
    if name == source.get("reference"):
        return entry
    if name is None:
        return {key: value for key, value in entry.items() if key != "source"}
    return {**entry, "source": {**source, "reference": name}}


def without(lock: Mapping[str, Any], gone: Collection[Release]) -> Data:
    """Return a lock's data without the releases that the indexes no longer have."""
    return {**lock, "package": [entry for entry in lock["package"] if release(entry) not in gone]}


def bare(lock: Mapping[str, Any], *, with_origins: bool = True) -> Data:
    """Return a lock's data with only names and versions of the pins.

    Pins to a commit, a URL or a path are kept whole, because Poetry looks at nothing but such an
    entry; without ``with_origins`` they are left out.
    """
    entries = (_bared(entry) if _is_from_index(entry) else entry for entry in lock["package"])
    kept = [entry for entry in entries if with_origins or _is_from_index(entry)]
    return {**lock, "package": kept, "extras": {}}


def has_origins(lock: Mapping[str, Any]) -> bool:
    """Whether any pin does not come from an index."""
    return not all(map(_is_from_index, lock["package"]))


def release(entry: Mapping[str, Any]) -> Release:
    """Return the name and version of an entry."""
    return str(canonicalize_name(entry["name"])), str(entry["version"])


def _bared(entry: Data) -> Data:
    return {**_BARE, **{key: entry[key] for key in _IDENTITY}}


def _is_from_index(entry: Mapping[str, Any]) -> bool:
    source = entry.get("source")
    return not source or source.get("type") == "legacy"
