"""Which pins of an old lock a new one should keep, and what is true of them today."""

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
    """Return a lock's data with the index of each pin under the name it is declared by today.

    ``name_of`` gives that name for a pin's source table. A pin whose index is not declared any
    more stays as a version alone, which any index may have.
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
    """Return a lock's data without the releases that are gone from the indexes."""
    return {**lock, "package": [one for one in lock["package"] if release(one) not in gone]}


def bare(lock: Mapping[str, Any], *, with_origins: bool = True) -> Data:
    """Return a lock's data with names and versions of the pins and nothing else.

    What is pinned to a commit, an URL or a path is kept whole, for such an entry is all that
    Poetry looks at; or left out, if not ``with_origins``.
    """
    entries = (_bared(entry) if _is_from_index(entry) else entry for entry in lock["package"])
    kept = [one for one in entries if with_origins or _is_from_index(one)]
    return {**lock, "package": kept, "extras": {}}


def has_origins(lock: Mapping[str, Any]) -> bool:
    """Whether any pin is from elsewhere than an index."""
    return not all(map(_is_from_index, lock["package"]))


def release(entry: Mapping[str, Any]) -> Release:
    """Return the name and version of an entry."""
    return str(canonicalize_name(entry["name"])), str(entry["version"])


def _bared(entry: Data) -> Data:
    return {**_BARE, **{key: entry[key] for key in _IDENTITY}}


def _is_from_index(entry: Mapping[str, Any]) -> bool:
    source = entry.get("source")
    return not source or source.get("type") == "legacy"
