"""Compares a pin's entry in two locks: the entry of a kept pin must not change its content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

RECOMPUTED = frozenset({"groups", "markers", "optional", "dependencies"})
READ_AGAIN = frozenset({"directory"})  #: sources whose metadata is on disk, not in the lock


def rewritten(
    old: dict[str, Any], new: dict[str, Any], known: Collection[tuple[str, str]] = ()
) -> str | None:
    """Return the name of a pin of ``new`` whose entry adds something to that in ``old``, or None.

    A new lock made from an old one alone can drop dependencies of a pin; anything else would be
    a guess. The entries of pins in ``known`` (name, version) come from elsewhere.
    """
    before = {_identity(entry): entry for entry in old.get("package", ())}
    for entry in new.get("package", ()):
        if (entry["name"], entry["version"]) in known:
            continue
        if entry.get("source", {}).get("type") in READ_AGAIN:
            continue
        known_entry = before.get(_identity(entry))
        if known_entry is None or not _is_kept(known_entry, entry):
            return str(entry["name"])
    return None


def recomposed(old: dict[str, Any], new: dict[str, Any]) -> str | None:
    """Return the name of a pin of ``new`` whose marker no entry of its name in ``old`` has.

    How Poetry builds a marker depends on the order of a release's own requirements, and a lock
    sorts them.
    """
    before: dict[str, set[str]] = {}
    for entry in old.get("package", ()):
        before.setdefault(entry["name"], set()).update(_markers(entry))
    for entry in new.get("package", ()):
        if {*_markers(entry)} - before.get(entry["name"], set()) - {""}:
            return str(entry["name"])
    return None


def _markers(entry: dict[str, Any]) -> Iterator[str]:
    written = entry.get("markers", "")
    yield from written.values() if isinstance(written, dict) else (written,)


def _identity(entry: dict[str, Any]) -> tuple[Any, ...]:
    source = entry.get("source", {})
    keys = ("type", "url", "reference", "resolved_reference", "subdirectory")
    return (entry["name"], entry["version"], *(source.get(key) for key in keys))


def _is_kept(old: dict[str, Any], new: dict[str, Any]) -> bool:
    keys = (old.keys() | new.keys()) - RECOMPUTED
    if any(old.get(key) != new.get(key) for key in keys):
        return False
    known = [*_dependencies(old)]
    return all(dependency in known for dependency in _dependencies(new))


def _dependencies(entry: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, constraints in entry.get("dependencies", {}).items():
        for constraint in constraints if isinstance(constraints, list) else [constraints]:
            yield name, constraint if isinstance(constraint, dict) else {"version": constraint}
