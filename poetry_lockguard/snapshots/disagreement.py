"""Where snapshots contradict one another, place by place."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from poetry_lockguard.snapshots import origins

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from poetry_lockguard.snapshots.document import (
        ConfigurationEntry,
        PackageEntry,
        Resolved,
        Snapshot,
    )
    from poetry_lockguard.snapshots.usage import Key


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Disagreement:
    """One contradiction: its place, and the value in each of the snapshots.

    ``sides`` pairs each value with the numbers, from 0, of the snapshots that have it.
    """

    place: str
    sides: tuple[tuple[str, tuple[int, ...]], ...]


def project(sides: Sequence[tuple[int, Snapshot]]) -> Iterator[Disagreement]:
    """Compare what the snapshots record of the manifest."""
    values = [(number, snapshot.project) for number, snapshot in sides]
    for field in fields(values[0][1]):
        yield from _conflict(
            f"project.{field.name}",
            [(number, getattr(project, field.name)) for number, project in values],
            listed,
        )


def configuration(
    name: str, entries: Sequence[tuple[int, ConfigurationEntry]]
) -> Iterator[Disagreement]:
    """Compare the copies of one configuration."""
    place = f"configurations.{name}"
    for part in ("target", "groups", "extras", "sources", "constraints"):
        values = [(number, getattr(entry, part)) for number, entry in entries]
        yield from _conflict(f"{place}.{part}", values, listed)
    for part in ("packages", "build"):
        tables = [(number, getattr(entry, part)) for number, entry in entries]
        for package in sorted({package for _, table in tables for package in table}):
            resolved = [(number, table.get(package)) for number, table in tables]
            yield from _conflict(f"{place}.{part}.{package}", resolved, _resolved)
    apart = [(number, entry.build_apart) for number, entry in entries]
    yield from _conflict(f"{place}.build_apart", apart, listed)
    recorded = [
        (number, entry.installed) for number, entry in entries if entry.installed is not None
    ]
    yield from _conflict(f"{place}.installed", recorded, listed)


def pin(key: Key, entries: Sequence[tuple[int, PackageEntry]]) -> Iterator[Disagreement]:
    """Compare the copies of one pin; only a file that both have can contradict."""
    if all(entry == entries[0][1] for _, entry in entries):
        return
    name, (version, source) = key
    place = " ".join(filter(None, [f"packages.{name}", version, origins.described(source)]))
    for part in ("requires_python", "dependencies"):
        values = [(number, getattr(entry, part)) for number, entry in entries]
        yield from _conflict(f"{place}: {part}", values, listed)
    read = [(n, one.build_requires) for n, one in entries if one.build_requires is not None]
    if read:
        yield from _conflict(f"{place}: build_requires", read, listed)
    for file in sorted({file for _, entry in entries for file in entry.files}):
        digests = [(number, entry.files[file]) for number, entry in entries if file in entry.files]
        yield from _conflict(f"{place}: {file}", digests, str)


def _conflict(
    place: str, values: Sequence[tuple[int, Any]], word: Callable[[Any], str]
) -> Iterator[Disagreement]:
    if all(value == values[0][1] for _, value in values):
        return
    by_text: dict[str, list[int]] = defaultdict(list)
    for number, value in values:
        by_text[word(value)].append(number)
    sides = sorted((text, tuple(sorted(numbers))) for text, numbers in by_text.items())
    yield Disagreement(place=place, sides=tuple(sides))


def _resolved(resolved: Resolved | None) -> str:
    if resolved is None:
        return "not there"
    where = origins.described(resolved.source)
    groups = ", ".join(resolved.groups) or "no group"
    parts = [resolved.version, f"({where})" if where else ""]
    return f"{' '.join(filter(None, parts))} by {resolved.resolved_by} for {groups}"


def listed(value: Any) -> str:
    """Return any part of a snapshot as one line for a message."""
    match value:
        case None | str():
            return value or "nothing"
        case origins.PyPI() | origins.Index():
            return origins.described(value).removeprefix("index ") or "PyPI"
        case tuple():
            return ", ".join(value) or "nothing"
        case dict():
            return ", ".join(f"{key} {listed(item)}" for key, item in sorted(value.items()))
        case _:
            values = ((field.name, getattr(value, field.name)) for field in fields(value))
            return ", ".join(f"{name} {listed(item)}" for name, item in values if item)
