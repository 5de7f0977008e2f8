"""Finds entries of a lock that changed although nothing explains it.

A release does not change. So if version, source and files are the same, what a pin needs is the
same, too, but for what Poetry leaves out because it cannot matter. And a pin is installed for other
groups or environments only if a requirement, or a pin that needs it, has changed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name

from poetry_lockguard.lockfile.changes import is_for_same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.lockfile.document import Lock, Pin

_NAME = re.compile(r"[\w.-]+")
_LOCAL = frozenset({"directory", "file"})  # what these need is in the project's own hands


class Altered(NamedTuple):
    """An entry with an unexplained change: ``needs`` are the dependencies that it gained."""

    pin: Pin
    needs: tuple[str, ...] = ()


def altered(old: Lock, new: Lock) -> Iterator[Altered]:
    """Yield each altered entry of ``new``, once.

    Different releases of Poetry lock the same for other environments, so only locks of the same
    one are compared. Packages that are locked at several versions are left out.
    """
    if new.generator is None or (old.generator, old.lock_version) != (
        new.generator,
        new.lock_version,
    ):
        return
    before, after = _single(old), _single(new)
    same = {name for name in before.keys() & after.keys() if _is_same(before[name], after[name])}
    for name in sorted(same):
        if _is_local(after[name]):
            continue
        gained = after[name].dependencies.keys() - before[name].dependencies.keys()
        added = [
            each for each in sorted(gained) if not _was_left_out(name, each, before, after, old)
        ]
        if added:
            yield Altered(after[name], tuple(added))
    if old.content_hash == new.content_hash:
        for name in sorted(same - _explained(before, after, new)):
            if not is_for_same(before[name], after[name], new.python_versions or "*"):
                yield Altered(after[name])


def _was_left_out(
    name: str, need: str, before: dict[str, Pin], after: dict[str, Pin], old: Lock
) -> bool:
    """Whether Poetry left a dependency out of the old entry because it could not matter then.

    That is so for an extra that nobody asked for, which the old entry lists, and for what none of
    the Pythons and environments of the old entry needs.
    """
    from poetry_lockguard.lockfile import notation

    pin = before[name]
    listed = {_name_in(item) for items in pin.extras.values() for item in items}
    try:
        places = [notation.marker(text) for text in _markers(pin)]
        python = notation.of_pythons(old.python_versions or "*")
        for table in after[name].dependencies[need]:
            where = notation.marker("" if isinstance(table, str) else table.get("markers", ""))
            if need in listed and not notation.holds_without_extras(where):
                continue
            if any(not where.intersect(one).intersect(python).is_empty() for one in places):
                return False
    except notation.UnreadableError:
        return False
    return True


def _markers(pin: Pin) -> set[str]:
    """Return the markers of a pin's groups; an empty one is always true."""
    if not isinstance(pin.markers, dict):
        return {pin.markers or ""}
    return {pin.markers.get(group, "") for group in pin.groups}


def _name_in(item: str) -> str:
    """Return the name of a requirement of an extra."""
    found = _NAME.match(item)
    return str(canonicalize_name(found[0])) if found else ""


def _single(lock: Lock) -> dict[str, Pin]:
    found: dict[str, Pin] = {}
    several = set()
    for pin in lock.pins:
        if found.setdefault(pin.name, pin) is not pin:
            several.add(pin.name)
    return {name: pin for name, pin in found.items() if name not in several}


def _is_same(old: Pin, new: Pin) -> bool:
    """Whether both are the same release, as far as its files tell."""
    if old.version != new.version or old.source != new.source:
        return False
    return _is_local(new) or not {*old.files}.isdisjoint(new.files) or old.files == new.files


def _is_local(pin: Pin) -> bool:
    return pin.source is not None and pin.source.kind in _LOCAL


def _explained(before: dict[str, Pin], after: dict[str, Pin], lock: Lock) -> set[str]:
    """Return all that is needed by a pin that has changed, directly or through others."""
    below: dict[str, set[str]] = {}
    for pin in lock.pins:
        below.setdefault(pin.name, set()).update(pin.dependencies)
    waiting = [
        name
        for name in {*before, *below}
        if name not in before or name not in after or not _needs_same(before[name], after[name])
    ]
    gone = [
        need for name in before.keys() - below.keys() for need in before[name].dependencies
    ]  # what only it needed is not installed for it any more
    return _reached([*waiting, *gone], below)


def _reached(names: list[str], below: dict[str, set[str]]) -> set[str]:
    waiting, found = [*names], set(names)
    while waiting:
        new = below.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def _needs_same(old: Pin, new: Pin) -> bool:
    return old.version == new.version and old.dependencies == new.dependencies
