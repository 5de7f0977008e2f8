"""Decides which pins a merge of two locks should contain, package by package. Writes nothing.

What one side changed is taken from that side. If both changed a package, the pins of both are
candidates, the higher first; what a side removed is second choice, in case it is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from poetry_lockguard.lockfile.pin_pairs import age

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from packaging.version import Version

    from poetry_lockguard.lockfile.document import File, Lock, Pin

Identity = tuple[str, tuple[bool, "Version", str], object]  # name, version, source
FORMAT = "2.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedPins:
    """The pins of both sides.

    ``first`` are the preferred ones, ``second`` the fallback. ``disputed`` names the packages whose
    files differ between the sides: only the index knows which are right.
    """

    first: tuple[Pin, ...]
    second: tuple[Pin, ...]
    disputed: tuple[str, ...] = ()

    def lock_data(self, python_versions: str) -> dict[str, Any]:
        """Return the data of a lock with all of them, for Poetry's locker."""
        metadata = {"lock-version": FORMAT, "python-versions": python_versions, "content-hash": ""}
        entries = [_entry(pin) for pin in (*self.first, *self.second)]
        return {"package": entries, "metadata": metadata}


def merge_locks(bases: Iterable[Lock], ours: Lock, theirs: Lock) -> MergedPins:
    """Merge the pins of two locks; without a base, every difference counts as changed by both."""
    before = {identity(pin): pin for base in bases for pin in base.pins}
    mine, other = _by_identity(ours), _by_identity(theirs)
    first: list[Pin] = []
    second: list[Pin] = []
    disputed: list[str] = []
    for name in sorted({key[0] for key in (*mine, *other)}):
        a, b, o = ({key for key in keys if key[0] == name} for keys in (mine, other, before))
        wanted = (a & b) | (a - o) | (b - o) or a | b
        for key in sorted(a | b, key=lambda key: (key[1], key in mine, str(key)), reverse=True):
            pin = _joined(before.get(key), mine.get(key), other.get(key))
            if pin is None:
                disputed.append(name)
                pin = mine[key]
            (first if key in wanted else second).append(pin)
    return MergedPins(first=tuple(first), second=tuple(second), disputed=tuple(disputed))


def identity(pin: Pin) -> Identity:
    """Return what identifies a pin; ``1.0`` is ``1.0.0``."""
    return pin.name, age(pin), pin.source


def _by_identity(lock: Lock) -> dict[Identity, Pin]:
    return {identity(pin): pin for pin in lock.pins}


def _joined(base: Pin | None, ours: Pin | None, theirs: Pin | None) -> Pin | None:
    """Return one entry for a pin of both sides, or None if their files contradict each other."""
    if ours is None or theirs is None:
        return ours or theirs
    if base is not None and _is_same(ours, base):
        return theirs
    if _is_same(ours, theirs) or (base is not None and _is_same(theirs, base)):
        return ours
    hashes = {file.name: file.hash for file in ours.files}
    if any(hashes.get(file.name, file.hash) != file.hash for file in theirs.files):
        return None
    joined = {*ours.files, *theirs.files}
    files = tuple(sorted(joined, key=_order))
    return _wider(ours, theirs)._replace(files=files)


def _order(file: File) -> tuple[str, str]:
    return file.name, file.hash


def _is_same(one: Pin, other: Pin) -> bool:
    return one._replace(line=other.line) == other


def _wider(ours: Pin, theirs: Pin) -> Pin:
    """Return the entry that is for all environments, as it lists all dependencies that matter."""
    return theirs if theirs.groups and not theirs.markers and ours.markers else ours


def _entry(pin: Pin) -> Mapping[str, Any]:
    """Return a pin in the form that Poetry's locker reads, whatever its format was."""
    files = [{"file": file.name, "hash": file.hash} for file in pin.files]
    return {"description": "", "optional": False, "python-versions": "*", **pin.raw, "files": files}
