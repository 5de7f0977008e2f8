"""What the page of a snapshot shows of each package, column by column."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from poetry_lockguard.exports.wheel_choice import Built, Nothing, Unknown, Wheel, choice
from poetry_lockguard.report.snapshot_rows import rows
from poetry_lockguard.snapshots.document import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from poetry_lockguard.exports.wheel_choice import Choice
    from poetry_lockguard.report.html.columns import Column
    from poetry_lockguard.report.snapshot_rows import Row, Shown
    from poetry_lockguard.snapshots.document import PackageEntry, Resolved, Snapshot

READY, BUILT, NOTHING, UNKNOWN = "ready", "built", "nothing", "unknown"


@dataclass(frozen=True, slots=True)
class Fact:
    """One package in one configuration: its pin, the file that an installer takes, and why.

    ``fate`` says in one word how it is installed there. ``chain`` leads from the package that
    requires it up to the manifest.
    """

    resolved: Resolved
    entry: PackageEntry
    choice: Choice
    fate: str
    chain: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """Neighboring columns with the same pin and fate, or all without the package."""

    columns: tuple[Column, ...]
    fact: Fact | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One package: its row, the facts in each column, and its pins, latest first.

    ``present`` are the columns that have it, with their facts. ``fates`` are all its fates.
    ``differs`` says whether two columns have different pins.
    """

    row: Row
    columns: tuple[Column, ...]
    facts: tuple[Fact | None, ...]
    present: tuple[tuple[Column, Fact], ...]
    entries: tuple[PackageEntry, ...]
    fates: frozenset[str]
    differs: bool

    @property
    def name(self) -> str:
        """Its normalised name."""
        return self.row.name

    @property
    def is_partly(self) -> bool:
        """Whether a column does not have it."""
        return len(self.present) < len(self.columns)

    @property
    def segments(self) -> Iterator[Segment]:
        """Its row, split where the pin or the fate changes."""
        pairs = zip(self.columns, self.facts, strict=True)
        for _, group in groupby(pairs, key=lambda pair: _appearance(pair[1])):
            equal = [*group]
            yield Segment(tuple(column for column, _ in equal), equal[0][1])

    def rank(self, fact: Fact) -> int:
        """Return how many of its pins are newer."""
        return next(rank for rank, entry in enumerate(self.entries) if entry is fact.entry)


def packages(shown: Shown, ordered: tuple[Column, ...]) -> tuple[Package, ...]:
    """Return the packages of all columns, sorted by name."""
    collector = _FactCollector(shown.snapshot, ordered)
    names = tuple(column.name for column in ordered)
    return tuple(collector.package(row) for row in rows(replace(shown, names=names)))


class _FactCollector:
    """Collects the facts; what columns share is computed once.

    Pins are compared by identity, because each is in the snapshot once and may be used in
    thousands of places.
    """

    def __init__(self, snapshot: Snapshot, ordered: tuple[Column, ...]) -> None:
        self._snapshot = snapshot
        self._columns = ordered
        targets = [
            (target.python, target.implementation, target.platform)
            for target in (column.entry.target for column in ordered)
        ]
        self._targets = [targets.index(target) for target in targets]
        self._chains: list[dict[str, tuple[str, ...]]] = [{} for _ in ordered]

    def package(self, row: Row) -> Package:
        """Return one package with its facts."""
        entries = self._snapshot.packages[row.name]
        chosen: dict[tuple[int, int], tuple[Choice, str]] = {}
        facts: list[Fact | None] = []
        for number, resolved in enumerate(row.found):
            if resolved is None:
                facts.append(None)
                continue
            entry = _pinned(entries, resolved)
            place = (id(entry), self._targets[number])
            if place not in chosen:
                taken = choice(row.name, entry, self._columns[number].entry.target)
                chosen[place] = taken, _fate(taken)
            facts.append(
                Fact(resolved, entry, *chosen[place], self._chain(number, resolved.resolved_by))
            )
        pairs = zip(self._columns, facts, strict=True)
        present = tuple((column, fact) for column, fact in pairs if fact is not None)
        used = {id(fact.entry) for _, fact in present}
        return Package(
            row=row,
            columns=self._columns,
            facts=tuple(facts),
            present=present,
            entries=tuple(entry for entry in entries if id(entry) in used),
            fates=frozenset(fact.fate for _, fact in present),
            differs=len(used) > 1,
        )

    def _chain(self, number: int, name: str) -> tuple[str, ...]:
        known = self._chains[number]
        if name not in known:
            known[name] = tuple(_chain(name, self._columns[number]))
        return known[name]


def _pinned(entries: Sequence[PackageEntry], resolved: Resolved) -> PackageEntry:
    return next(
        entry
        for entry in entries
        if entry.version == resolved.version and entry.source == resolved.source
    )


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
    """Yield the packages from this one up to the manifest; stop at a circle."""
    seen: set[str] = set()
    while name != ROOT and name not in seen:
        yield name
        seen.add(name)
        found = column.entry.packages.get(name)
        name = ROOT if found is None else found.resolved_by


def _appearance(fact: Fact | None) -> tuple[int, str] | None:
    return None if fact is None else (id(fact.entry), fact.fate)
