"""What the picture of a snapshot tells of each package, column by column."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from poetry_lockguard.exports.choice import Built, Nothing, Unknown, Wheel, choice
from poetry_lockguard.report.snapshot_rows import rows
from poetry_lockguard.snapshots.document import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.exports.choice import Choice
    from poetry_lockguard.report.html.columns import Column
    from poetry_lockguard.report.snapshot_rows import Row, Shown
    from poetry_lockguard.snapshots.document import PackageEntry, Resolved, Snapshot

READY, BUILT, NOTHING, UNKNOWN = "ready", "built", "nothing", "unknown"


@dataclass(frozen=True, slots=True)
class Fact:
    """One package in one configuration: its pin, what an installer takes there, and why.

    ``fate`` is what happens to it there, in a word, and ``chain`` leads from what asked for it
    first to the manifest.
    """

    resolved: Resolved
    entry: PackageEntry
    choice: Choice
    fate: str
    chain: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """Neighbouring columns that are alike: of one pin and one fate, or without the package."""

    columns: tuple[Column, ...]
    fact: Fact | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One package: its row, what is to be told of it in each column, its pins latest first.

    ``here`` are the columns that have it.
    """

    row: Row
    columns: tuple[Column, ...]
    facts: tuple[Fact | None, ...]
    here: tuple[tuple[Column, Fact], ...]
    entries: tuple[PackageEntry, ...]

    @property
    def name(self) -> str:
        """Its normalised name."""
        return self.row.name

    @property
    def is_partly(self) -> bool:
        """Whether a column does without it."""
        return None in self.facts

    @property
    def fates(self) -> frozenset[str]:
        """All that happens to it."""
        return frozenset(fact.fate for _, fact in self.here)

    @property
    def segments(self) -> Iterator[Segment]:
        """Its row, cut where something is another."""
        pairs = zip(self.columns, self.facts, strict=True)
        for _, group in groupby(pairs, key=lambda pair: _look(pair[1])):
            alike = [*group]
            yield Segment(tuple(column for column, _ in alike), alike[0][1])

    def rank(self, fact: Fact) -> int:
        """Tell how many later pins of it there are."""
        return [entry.pin for entry in self.entries].index(fact.entry.pin)


def packages(shown: Shown, ordered: tuple[Column, ...]) -> tuple[Package, ...]:
    """Give every package that one of the columns has, by name."""
    return tuple(
        _package(row, ordered, shown.snapshot)
        for row in rows(replace(shown, names=tuple(column.name for column in ordered)))
    )


def _package(row: Row, ordered: tuple[Column, ...], snapshot: Snapshot) -> Package:
    pinned = {entry.pin: entry for entry in snapshot.packages[row.name]}
    chosen: dict[object, tuple[Choice, str]] = {}
    facts: list[Fact | None] = []
    for column, resolved in zip(ordered, row.found, strict=True):
        if resolved is None:
            facts.append(None)
            continue
        pin, target = (resolved.version, resolved.source), column.entry.target
        place = (pin, target.python, target.implementation, target.platform)
        if place not in chosen:
            taken = choice(row.name, pinned[pin], target)
            chosen[place] = taken, _fate(taken)
        taken, fate = chosen[place]
        chain = tuple(_chain(resolved.resolved_by, column))
        facts.append(Fact(resolved, pinned[pin], taken, fate, chain))
    pairs = zip(ordered, facts, strict=True)
    here = tuple((column, fact) for column, fact in pairs if fact is not None)
    used = {fact.entry.pin for _, fact in here}
    entries = tuple(entry for pin, entry in pinned.items() if pin in used)
    return Package(row=row, columns=ordered, facts=tuple(facts), here=here, entries=entries)


def _fate(taken: Choice) -> str:
    match taken:
        case Wheel():
            return READY
        case Built():
            return BUILT
        case Nothing():
            return NOTHING
        case Unknown():
            return UNKNOWN


def _chain(name: str, column: Column) -> Iterator[str]:
    """Follow who brought whom in, up to the manifest; a circle ends where it closes."""
    seen: set[str] = set()
    while name != ROOT and name not in seen:
        yield name
        seen.add(name)
        found = column.entry.packages.get(name)
        name = ROOT if found is None else found.resolved_by


def _look(fact: Fact | None) -> tuple[object, ...]:
    return () if fact is None else (fact.entry.pin, fact.fate)
