"""Markers that distinguish configurations, as short as possible.

A marker has to be true in exactly some of the configurations of one file; elsewhere it may be
either. So each configuration is described by literals (``sys_platform == 'linux'``,
``'gpu' in extras``), each literal by the configurations it is true in, and a marker is an
alternative of conjunctions: literals are left out of each, one by one, as long as it lets no
configuration in that does not belong. Configurations are counted; a set of them is a number's bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from poetry_lockguard.exports import marker_literals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from packaging.version import Version

    from poetry_lockguard.snapshots.document import ConfigurationEntry


@dataclass(frozen=True, slots=True)
class Literal:
    """One comparison, and the set of configurations it is true in."""

    text: str
    true_in: int


class Distinctions:
    """What distinguishes the configurations of one file."""

    def __init__(self, entries: Sequence[ConfigurationEntry]) -> None:
        self._entries = entries
        self._all = (1 << len(entries)) - 1
        self._literals = _described(entries)
        self._known: dict[int, str | None] = {}

    def environments(self) -> list[str]:
        """Return one marker for each environment, whatever the extras and groups."""
        splits = marker_literals.patches(self._entries)
        return [*dict.fromkeys(_environment(entry, splits) for entry in self._entries)]

    def alike(self, number: int) -> int:
        """Return the set of configurations that no marker can distinguish from this one."""
        return self._true_in(self._literals[number])

    def marker(self, wanted: int) -> str | None:
        """Return a marker that is true in exactly these configurations; None for all of them.

        The set also contains the configurations that are ``alike`` to one of them.
        """
        if wanted not in self._known:
            self._known[wanted] = self._alternatives(wanted)
        return self._known[wanted]

    def _alternatives(self, wanted: int) -> str | None:
        terms: list[str] = []
        covered = 0
        for number in numbers(wanted):
            if not covered >> number & 1:
                shortest = self._shortest(number, wanted)
                covered |= self._true_in(shortest)
                terms.append(_conjunction(literal.text for literal in shortest))
        return " or ".join(terms) or None

    def _shortest(self, number: int, wanted: int) -> tuple[Literal, ...]:
        kept = self._literals[number]
        for literal in kept:
            rest = tuple(one for one in kept if one is not literal)
            if not self._true_in(rest) & ~wanted:
                kept = rest
        return kept

    def _true_in(self, described: Iterable[Literal]) -> int:
        found = self._all
        for literal in described:
            found &= literal.true_in
        return found


def numbers(configurations: int) -> Iterator[int]:
    """Return the members of a set of configurations, in order."""
    return (number for number in range(configurations.bit_length()) if configurations >> number & 1)


def _described(entries: Sequence[ConfigurationEntry]) -> list[tuple[Literal, ...]]:
    """Describe each configuration, beginning with what says least: that is left out first."""
    splits = marker_literals.patches(entries)
    groups = sorted({group for entry in entries for group in entry.groups})
    extras = sorted({extra for entry in entries for extra in entry.extras})
    texts: list[list[str]] = []
    true_in: dict[str, int] = {}
    for number, entry in enumerate(entries):
        absent, present = marker_literals.choices(entry, groups, extras)
        place = [*marker_literals.bounds(entry, splits), *marker_literals.environment(entry)]
        texts.append([*absent, *place, *present])
        for text in texts[-1]:
            true_in[text] = true_in.get(text, 0) | 1 << number
    return [tuple(Literal(text, true_in[text]) for text in described) for described in texts]


def _environment(entry: ConfigurationEntry, splits: Sequence[Version]) -> str:
    own = marker_literals.python(entry).release[:2]
    near = [split for split in splits if split.release[:2] == own]
    return _conjunction([*marker_literals.bounds(entry, near), *marker_literals.environment(entry)])


def _conjunction(texts: Iterable[str]) -> str:
    return " and ".join(reversed([*texts]))
