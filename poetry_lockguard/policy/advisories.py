"""Which advisories affect a release, and the lowest version that none affects.

advisories.affecting("urllib3", "2.1.0")  # -> (Advisory(id="PYSEC-…", fixed=("2.2.2",)), …)
advisories.lowest_fix("urllib3", "2.1.0")  # -> "2.2.2"
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from poetry_lockguard.policy.osv import parsed_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.version import Version

    from poetry_lockguard.policy.osv import Affected, Record

_MALWARE = "MAL-"
_FIRST = (_MALWARE, "PYSEC-", "GHSA-", "CVE-")  # which of several identifiers names an advisory


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisory:
    """A known vulnerability of a release, or malware in it.

    ``aliases`` are its other identifiers. ``fixed`` are, in order, the first version after this
    one in which each affected range ends; empty if none is known.
    """

    id: str
    aliases: tuple[str, ...] = ()
    summary: str = ""
    fixed: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """Every identifier by which the advisory may be ignored."""
        return frozenset({self.id, *self.aliases})

    @property
    def is_malware(self) -> bool:
        """Whether the release itself is an attack."""
        return any(name.startswith(_MALWARE) for name in self.names)


class Advisories:
    """The records of a policy, by package."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._found: dict[str, list[tuple[Record, Affected]]] = defaultdict(list)
        for record in records:
            for affected in record.affected:
                self._found[affected.name].append((record, affected))

    def affecting(self, name: str, version: str) -> tuple[Advisory, ...]:
        """Return the advisories for a release, each once, however many records describe it.

        ``name`` is normalized.
        """
        hits = [one for one in self._found.get(name, ()) if one[1].affects(version)]
        merged = (_advisory(group, version) for group in _same(hits))
        return tuple(sorted(merged, key=lambda one: one.id))

    def lowest_fix(
        self, name: str, version: str, *, ignored: frozenset[str] = frozenset()
    ) -> str | None:
        """Return the lowest fixed version above this one that no advisory affects, if any.

        Advisories with an identifier among ``ignored`` do not count.
        """
        current = parsed_version(version)
        if current is None:
            return None
        later = sorted({one for one in self._fixes(name) if one > current})
        return next((str(one) for one in later if not self._counting(name, one, ignored)), None)

    def _fixes(self, name: str) -> Iterator[Version]:
        for _, affected in self._found.get(name, ()):
            for one in affected.ranges:
                yield from (
                    event.version for event in one.events if event.kind == "fixed" and event.version
                )

    def _counting(self, name: str, version: Version, ignored: frozenset[str]) -> bool:
        found = self.affecting(name, str(version))
        return any(ignored.isdisjoint(one.names) for one in found)


def _same(hits: list[tuple[Record, Affected]]) -> list[list[tuple[Record, Affected]]]:
    """Put together records that share an identifier."""
    groups: list[tuple[set[str], list[tuple[Record, Affected]]]] = []
    for hit in hits:
        names, members = {*hit[0].names}, [hit]
        apart = []
        for group in groups:
            if names.isdisjoint(group[0]):
                apart.append(group)
            else:
                names |= group[0]
                members = [*group[1], *members]
        groups = [*apart, (names, members)]
    return [members for _, members in groups]


def _advisory(group: list[tuple[Record, Affected]], version: str) -> Advisory:
    names = sorted({name for record, _ in group for name in record.names}, key=_rank)
    ids = {record.id for record, _ in group}
    chosen = next(name for name in names if name in ids)
    fixed = {one for _, affected in group for one in affected.fixed_after(version)}
    return Advisory(
        id=chosen,
        aliases=tuple(name for name in names if name != chosen),
        summary=next((record.summary for record, _ in group if record.summary), ""),
        fixed=tuple(map(str, sorted(fixed))),
    )


def _rank(name: str) -> tuple[int, str]:
    known = next((at for at, start in enumerate(_FIRST) if name.startswith(start)), len(_FIRST))
    return known, re.sub(r"\d+", lambda digits: digits[0].zfill(9), name)
