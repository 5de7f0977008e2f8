"""One OSV record as values, and whether it affects a version.

Follows the evaluation algorithm of the OSV schema (https://ossf.github.io/osv-schema/), with the
order of PEP 440. What cannot be compared counts as affected rather than as safe.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from packaging.utils import canonicalize_name
from packaging.version import Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ECOSYSTEM = "pypi"
_ORDERED = frozenset({"ECOSYSTEM", "SEMVER"})  # the events of GIT ranges are commits
_BOUNDS = ("introduced", "fixed", "last_affected", "limit")
_LOWEST = Version("0.dev0")
_LONGEST = 300  # characters of a version


class Event(NamedTuple):
    """Where a range begins or ends.

    ``version`` is None for the beginning of time, and for a version that PEP 440 does not know.
    """

    kind: str
    version: Version | None


@dataclass(frozen=True, slots=True)
class Range:
    """A range of affected versions, its events in the order of their versions."""

    events: tuple[Event, ...]

    def affects(self, version: Version) -> bool:
        """Whether a version is in the range."""
        limits = [event.version for event in self.events if event.kind == "limit"]
        if limits and not any(limit is None or version < limit for limit in limits):
            return False
        affected = False
        for event in self.events:
            if event.kind == "introduced":
                affected = affected or event.version is None or version >= event.version
            elif event.version is not None and _is_past(version, event):
                affected = False
        return affected

    def fixed_after(self, version: Version) -> Version | None:
        """Return the first fixed version after this one."""
        return min(
            (
                event.version
                for event in self.events
                if event.kind == "fixed" and event.version is not None and event.version > version
            ),
            default=None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """What a record says about one package: affected ranges, and versions one by one."""

    name: str
    ranges: tuple[Range, ...]
    versions: frozenset[str]

    def affects(self, version: str) -> bool:
        """Whether a version is affected; the local part of a version does not make it safe."""
        parsed = parsed_version(version)
        if parsed is None:
            return version in self.versions
        if not {version, str(parsed), parsed.public}.isdisjoint(self.versions):
            return True
        return any(one.affects(parsed) for one in self.ranges)

    def fixed_after(self, version: str) -> frozenset[Version]:
        """Return, of each range that affects a version, the first fixed version after it."""
        parsed = parsed_version(version)
        if parsed is None:
            return frozenset()
        ranges = [one for one in self.ranges if one.affects(parsed)] or self.ranges
        found = (one.fixed_after(parsed) for one in ranges)
        return frozenset(fixed for fixed in found if fixed is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An OSV record that has not been withdrawn, as far as it concerns packages of PyPI."""

    id: str
    aliases: frozenset[str]
    summary: str
    affected: tuple[Affected, ...]

    @property
    def names(self) -> frozenset[str]:
        """Every identifier of what the record describes."""
        return self.aliases | {self.id}


def record(data: Any) -> Record | None:
    """Read one record; None if it was withdrawn or does not concern PyPI.

    Raises ValueError, which says what is wrong, for what is not an OSV record.
    """
    if not isinstance(data, dict) or not _is_text(data.get("id")):
        raise ValueError('no OSV record: it has no "id"')
    if data.get("withdrawn") is not None:
        return None
    affected = tuple(
        one for item in _list(data, "affected") if (one := _affected(item)) is not None
    )
    if not affected:
        return None
    summary = data.get("summary")
    return Record(
        id=data["id"],
        aliases=frozenset(filter(_is_text, _list(data, "aliases"))),
        summary=summary if isinstance(summary, str) else "",
        affected=affected,
    )


def parsed_version(text: str) -> Version | None:
    """Return a version, or None for what PEP 440 does not know."""
    try:
        return Version(text) if len(text) <= _LONGEST else None
    except ValueError:
        return None


def _affected(item: Any) -> Affected | None:
    package = item.get("package") if isinstance(item, dict) else None
    if not isinstance(package, dict):
        return None
    ecosystem, name = package.get("ecosystem"), package.get("name")
    if not isinstance(ecosystem, str) or not isinstance(name, str):
        return None
    if ecosystem.partition(":")[0].lower() != ECOSYSTEM:
        return None
    return Affected(
        name=canonicalize_name(name),
        ranges=tuple(_ranges(_list(item, "ranges"))),
        versions=frozenset(_spellings(_list(item, "versions"))),
    )


def _ranges(items: Iterable[Any]) -> Iterator[Range]:
    for item in items:
        if isinstance(item, dict) and item.get("type") in _ORDERED:
            yield Range(tuple(sorted(_events(_list(item, "events")), key=_order)))


def _events(items: Iterable[Any]) -> Iterator[Event]:
    for item in items:
        for kind in _BOUNDS:
            text = item.get(kind) if isinstance(item, dict) else None
            if isinstance(text, str):
                is_first = kind == "introduced" and text == "0"
                yield Event(kind, None if is_first else parsed_version(text))


def _order(event: Event) -> tuple[Version, bool]:
    """Put what comes at the same version in the record's order, but the last affected last."""
    return event.version or _LOWEST, event.kind == "last_affected"


def _is_past(version: Version, event: Event) -> bool:
    """Whether a version is no longer affected after the end of a range."""
    end = event.version
    if end is None:
        return False
    if event.kind == "fixed":
        return version >= end
    return event.kind == "last_affected" and _comparable(version, end) > end


def _comparable(version: Version, end: Version) -> Version:
    """Leave out a local part that the end does not have: it is a build of the same release."""
    return version if end.local else Version(version.public)


def _spellings(items: Iterable[Any]) -> Iterator[str]:
    """Yield versions as written, and as PEP 440 normalizes them."""
    for text in items:
        if isinstance(text, str):
            yield text
            if (parsed := parsed_version(text)) is not None:
                yield str(parsed)


def _list(table: dict[str, Any], key: str) -> list[Any]:
    value = table.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f'no OSV record: its "{key}" is not a list')  # noqa: TRY004 - of a file
    return value


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\S{1,200}", value) is not None
