"""Which packages may be needed in other environments after some pins were replaced."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from poetry_lockguard.reachability import reachable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from poetry_lockguard.lockfile.document import Lock, Pin


def concerned(old: Lock, new: Lock, moved: Collection[str]) -> frozenset[str]:
    """Return the names of the packages whose entries may have to change.

    Of each ``moved`` package, the new lock has a new pin, in place of the old ones or beside them.
    What is not below a changed requirement is needed where it was needed before.
    """
    needs: dict[str, set[str]] = defaultdict(set)
    for pin in (*old.pins, *new.pins):
        needs[pin.name].update(pin.dependencies)
    several = {*_several(old), *_several(new)}
    changed = {
        name
        for after in new.pins
        for before in old.pins
        if after.name == before.name and after.name in moved and after.version != before.version
        for name in _changed(before, after, several)
    }
    return frozenset(reachable(changed, lambda name: needs[name])) | (several & {*moved})


def _several(lock: Lock) -> Iterator[str]:
    seen = set()
    for pin in lock.pins:
        if pin.name in seen:
            yield pin.name
        seen.add(pin.name)


def _changed(old: Pin, new: Pin, several: Collection[str]) -> Iterator[str]:
    """Yield what two releases need in different environments, or of which they choose a pin."""
    for name in old.dependencies.keys() | new.dependencies.keys():
        before, after = (pin.dependencies.get(name, ()) for pin in (old, new))
        is_optional = any("optional" in one for one in (*before, *after) if isinstance(one, dict))
        if (
            places(before) != places(after)
            or (name in several and before != after)
            or (is_optional and old.extras != new.extras)
        ):
            yield name


def places(tables: Iterable[Any]) -> list[tuple[Any, ...]]:
    """Return where a dependency applies, and what it asks for besides a version."""
    found = [one if isinstance(one, dict) else {} for one in tables]
    return sorted(
        (str(one.get("markers", "")), tuple(sorted(one.get("extras", ()))), "optional" in one)
        for one in found
    )
