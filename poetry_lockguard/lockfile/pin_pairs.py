"""Matches the pins of two locks, also if a package has several."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from packaging.version import Version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.lockfile.document import Lock, Pin

Pair = tuple["Pin | None", "Pin | None"]


def pairs(old: Lock | None, new: Lock | None) -> Iterator[Pair]:
    """Yield every pin of both locks once, with its counterpart if it has one, by name."""
    before, after = _by_name(old), _by_name(new)
    for name in sorted({*before, *after}):
        yield from _matched(before.get(name, []), after.get(name, []))


def repeated(lock: Lock | None) -> Iterator[Pin]:
    """Yield the pins of which the lock has an equal entry before."""
    for pins in _by_name(lock).values():
        for place, pin in enumerate(pins):
            if any(_is_equal(other, pin) for other in pins[:place]):
                yield pin


def is_same(old: Pin, new: Pin) -> bool:
    """Whether both pin the same version from the same source."""
    return has_same_version(old, new) and old.source == new.source


def has_same_version(old: Pin, new: Pin) -> bool:
    """Whether both pin the same version: ``1.0`` is ``1.0.0``."""
    return age(old) == age(new)


def _is_equal(old: Pin, new: Pin) -> bool:
    return old._replace(line=new.line, raw=new.raw) == new


def age(pin: Pin) -> tuple[bool, Version, str]:
    """Return a sort key for pins, oldest first; invalid versions are older than all others."""
    try:
        return True, Version(pin.version), ""
    except ValueError:
        return False, Version("0"), pin.version


def _by_name(lock: Lock | None) -> dict[str, list[Pin]]:
    found: dict[str, list[Pin]] = {}
    for pin in lock.pins if lock is not None else ():
        found.setdefault(pin.name, []).append(pin)
    return found


def _matched(old: list[Pin], new: list[Pin]) -> Iterator[Pair]:
    """Yield the pairs of one name: unchanged pins first, the rest by version, latest first."""
    old, new = [*old], [*new]
    for is_match in (_is_equal, is_same, has_same_version):
        for before in [*old]:
            after = next((pin for pin in new if is_match(before, pin)), None)
            if after is not None:
                yield before, after
                old.remove(before)
                new.remove(after)
    yield from zip_longest(sorted(old, key=age, reverse=True), sorted(new, key=age, reverse=True))
