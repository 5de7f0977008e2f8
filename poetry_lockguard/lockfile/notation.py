"""Reads constraints and markers of a lock, and compares them as values.

Poetry's releases write the same constraint or marker in different ways.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from poetry_lockguard.lockfile.samples import samples

if TYPE_CHECKING:
    from poetry.core.constraints.version import Version, VersionConstraint
    from poetry.core.version.markers import BaseMarker


_ITEM = re.compile(
    r"(?P<name>[\w.-]+)(?:\[(?P<extras>[^\]]*)\])?\s*(?:\((?P<range>[^()]*)\))?\s*(?:;\s*(?P<marker>.+))?"
)


class UnreadableError(ValueError):
    """A constraint or marker that Poetry cannot read either."""


@functools.lru_cache(maxsize=8192)
def constraint(text: str) -> VersionConstraint:
    """Parse a version constraint. Raises UnreadableError."""
    from poetry.core.constraints.version import parse_constraint

    try:
        return parse_constraint(text or "*")
    except ValueError as error:
        raise UnreadableError(str(error)) from error


@functools.lru_cache(maxsize=8192)
def marker(text: str) -> BaseMarker:
    """Parse a marker; an empty text is always true. Raises UnreadableError."""
    from poetry.core.version.markers import AnyMarker, parse_marker

    if not text or text == "*":
        return AnyMarker()
    try:
        return parse_marker(text)
    except Exception as error:  # poetry-core's parser raises its own exceptions
        raise UnreadableError(str(error)) from error


def of_pythons(versions: str) -> BaseMarker:
    """Return the marker of a range of Pythons. Raises UnreadableError."""
    from poetry.core.packages.utils.utils import create_nested_marker

    return marker(create_nested_marker("python_version", constraint(versions)))


def holds_without_extras(where: BaseMarker) -> bool:
    """Whether a marker can be true while none of the extras that it names is active.

    Poetry joins what a package always needs with what an extra of it needs: it writes
    ``{optional = true, markers = "platform_machine == 'x86_64' or extra == 'asyncio'"}``.
    """
    return not when_no_extra(where).is_empty()


def when_no_extra(where: BaseMarker) -> BaseMarker:
    """Return where a marker is true while none of the extras that it names is active."""
    return when_extras(where, frozenset())


def when_extras(where: BaseMarker, active: frozenset[str]) -> BaseMarker:
    """Return where a marker is true while exactly these extras are active."""
    from poetry.core.version.markers import AnyMarker, EmptyMarker, MarkerUnion, MultiMarker

    if isinstance(where, MarkerUnion):
        return MarkerUnion.of(*(when_extras(part, active) for part in where.markers))
    if isinstance(where, MultiMarker):
        return MultiMarker.of(*(when_extras(part, active) for part in where.markers))
    if getattr(where, "name", "") != "extra":
        return where
    return AnyMarker() if where.validate({"extra": active}) else EmptyMarker()


def same_constraints(old: str, new: str, within: VersionConstraint | None = None) -> bool:
    """Whether two constraints allow the same versions, if given only those in ``within``."""
    if old == new:
        return True
    one, other = constraint(old), constraint(new)
    if _are_equal(one, other):
        return True
    return within is not None and _are_equal(one.intersect(within), other.intersect(within))


def _are_equal(one: VersionConstraint, other: VersionConstraint) -> bool:
    """Whether two constraints have the same ranges, compared by their ends.

    Strictly, ``>1,<2 || >2`` and ``>1,!=2`` differ: only one of them allows ``2.dev1`` and
    ``2.post1``. But an older Poetry wrote one where a newer one writes the other.
    """
    return one == other or range_ends(one) == range_ends(other)


def range_ends(versions: VersionConstraint) -> list[tuple[Any, ...]]:
    """Return the ends of each range of a constraint; equal for equal meanings.

    Without ranges of nothing but pre-releases, as ``>=2.2.dev0,<2.2.0``: an older Poetry left
    them out when it joined ``!=2.1.*`` and ``!=2.2.0``.
    """
    ranges = (
        (part.min, part.max, True, True)
        if part.min == part.max
        else (_end(part.min), _end(part.max), part.include_min, part.include_max)
        for part in versions.flatten()
    )
    return [ends for ends in ranges if ends[0] is None or ends[0] != ends[1] or ends[3]]


def _end(version: Version | None) -> Version | None:
    """Return ``2`` for ``2.dev0``, with which Poetry represents the end of ``<2``."""
    from poetry.core.constraints.version import Version

    if version is None or not version.text.endswith(".dev0"):
        return version
    return Version.parse(version.text.removesuffix(".dev0"))


def same_markers(old: BaseMarker, new: BaseMarker, python: VersionConstraint) -> bool:
    """Whether two markers are true in the same environments of the project."""
    if old == new:
        return True
    drawn = samples([old, new], python)
    return drawn is not None and all(old.validate(env) == new.validate(env) for env in drawn)


@functools.cache
def is_same_constraint(old: str, new: str) -> bool:
    """Whether both texts allow the same versions; False if one of them cannot be read."""
    try:
        return same_constraints(old, new)
    except UnreadableError:
        return False


@functools.cache
def is_same_marker(old: str, new: str, python: str = "*") -> bool:
    """Whether both texts are true in the same environments, of the Pythons ``python`` allows.

    False if one of them cannot be read.
    """
    if old == new:
        return True
    try:
        return same_markers(marker(old), marker(new), constraint(python))
    except UnreadableError:
        return False


def is_same_dependency(
    old: str | dict[str, Any], new: str | dict[str, Any], python: str = "*"
) -> bool:
    """Whether two entries of ``[package.dependencies]`` require the same."""
    before, after = _table(old), _table(new)
    texts = {"version", "markers", "extras"}
    return (
        is_same_constraint(before.get("version", "*"), after.get("version", "*"))
        and is_same_marker(before.get("markers", ""), after.get("markers", ""), python)
        and {*before.get("extras", ())} == {*after.get("extras", ())}
        and _without(before, texts) == _without(after, texts)
    )


def _table(entry: str | dict[str, Any]) -> dict[str, Any]:
    return {"version": entry} if isinstance(entry, str) else entry


def _without(table: dict[str, Any], keys: set[str]) -> dict[str, Any]:
    """Return the rest of a table, without flags that are false."""
    return {key: value for key, value in table.items() if key not in keys and value is not False}


def is_same_extras(
    old: dict[str, tuple[str, ...]], new: dict[str, tuple[str, ...]], python: str = "*"
) -> bool:
    """Whether both have the same extras with the same requirements, in any order."""
    return old.keys() == new.keys() and all(
        _are_same_items({*items}, {*new[name]}, python) for name, items in old.items()
    )


def _are_same_items(old: set[str], new: set[str], python: str) -> bool:
    left = new - old
    for item in old - new:
        equal = next((other for other in left if _is_same_item(item, other, python)), None)
        if equal is None:
            return False
        left.remove(equal)
    return not left


def _is_same_item(old: str, new: str, python: str) -> bool:
    """Whether two requirements of an extra, such as ``y (>=1) ; os_name == "nt"``, are the same."""
    before, after = _ITEM.fullmatch(old), _ITEM.fullmatch(new)
    if before is None or after is None or _asked(before) != _asked(after):
        return False
    return is_same_constraint(before["range"] or "*", after["range"] or "*") and is_same_marker(
        before["marker"] or "", after["marker"] or "", python
    )


def _asked(item: re.Match[str]) -> tuple[str, frozenset[str]]:
    extras = (item["extras"] or "").split(",")
    return canonicalize_name(item["name"]), frozenset(canonicalize_name(one) for one in extras)
