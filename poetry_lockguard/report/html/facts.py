"""What the picture of a snapshot tells of each package, column by column."""

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

    ``here`` are the columns that have it, ``fates`` all that happens to it, ``differs`` whether
    two of them have different pins.
    """

    row: Row
    columns: tuple[Column, ...]
    facts: tuple[Fact | None, ...]
    here: tuple[tuple[Column, Fact], ...]
    entries: tuple[PackageEntry, ...]
    fates: frozenset[str]
    differs: bool

    @property
    def name(self) -> str:
        """Its normalised name."""
        return self.row.name

    @property
    def is_partly(self) -> bool:
        """Whether a column does without it."""
        return len(self.here) < len(self.columns)

    @property
    def segments(self) -> Iterator[Segment]:
        """Its row, cut where something is another."""
        pairs = zip(self.columns, self.facts, strict=True)
        for _, group in groupby(pairs, key=lambda pair: _look(pair[1])):
            alike = [*group]
            yield Segment(tuple(column for column, _ in alike), alike[0][1])

    def rank(self, fact: Fact) -> int:
        """Tell how many later pins of it there are."""
        return next(rank for rank, entry in enumerate(self.entries) if entry is fact.entry)


def packages(shown: Shown, ordered: tuple[Column, ...]) -> tuple[Package, ...]:
    """Return every package that one of the columns has, by name."""
    desk = _Desk(shown.snapshot, ordered)
    names = tuple(column.name for column in ordered)
    return tuple(desk.package(row) for row in rows(replace(shown, names=names)))


class _Desk:
    """Gathers the facts; what columns have in common is found out once.

    Pins are told apart by identity: each stands in the snapshot once, and there may be thousands
    of places that lead to it.
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
        held = self._snapshot.packages[row.name]
        chosen: dict[tuple[int, int], tuple[Choice, str]] = {}
        facts: list[Fact | None] = []
        for number, resolved in enumerate(row.found):
            if resolved is None:
                facts.append(None)
                continue
            entry = _pinned(held, resolved)
            place = (id(entry), self._targets[number])
            if place not in chosen:
                taken = choice(row.name, entry, self._columns[number].entry.target)
                chosen[place] = taken, _fate(taken)
            facts.append(
                Fact(resolved, entry, *chosen[place], self._chain(number, resolved.resolved_by))
            )
        pairs = zip(self._columns, facts, strict=True)
        here = tuple((column, fact) for column, fact in pairs if fact is not None)
        used = {id(fact.entry) for _, fact in here}
        return Package(
            row=row,
            columns=self._columns,
            facts=tuple(facts),
            here=here,
            entries=tuple(entry for entry in held if id(entry) in used),
            fates=frozenset(fact.fate for _, fact in here),
            differs=len(used) > 1,
        )

    def _chain(self, number: int, name: str) -> tuple[str, ...]:
        known = self._chains[number]
        if name not in known:
            known[name] = tuple(_chain(name, self._columns[number]))
        return known[name]


def _pinned(held: Sequence[PackageEntry], resolved: Resolved) -> PackageEntry:
    return next(
        entry
        for entry in held
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
    """Follow who brought whom in, up to the manifest; a circle ends where it closes."""
    seen: set[str] = set()
    while name != ROOT and name not in seen:
        yield name
        seen.add(name)
        found = column.entry.packages.get(name)
        name = ROOT if found is None else found.resolved_by


def _look(fact: Fact | None) -> tuple[int, str] | None:
    return None if fact is None else (id(fact.entry), fact.fate)
