"""The configurations as columns, sorted so that equal ones are neighbors, under a shared head.

The head has a row for each axis. Columns are sorted by platform and then by Python, or the other
way round if more neighbors are equal then. A name that does not follow from the axes is below the
last of them; repeating the axes in every name would make all columns wide.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from packaging.version import Version

from poetry_lockguard.errors import UsageError
from poetry_lockguard.targets.configuration import Wish, configuration
from poetry_lockguard.targets.platforms import short_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from poetry_lockguard.report.snapshot_rows import Shown
    from poetry_lockguard.snapshots.document import ConfigurationEntry

_LEVELS = 3  # platform, Python, groups and extras
_AXES = 2  # platform and Python, which always have a row


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One configuration; ``labels`` name it in the rows of the head, from the top.

    ``own`` is its name if that does not follow from the axes.
    """

    name: str
    entry: ConfigurationEntry
    labels: tuple[str, ...]
    own: str | None


@dataclass(frozen=True, slots=True)
class Heading:
    """One cell of the head, and the columns below it."""

    label: str
    columns: tuple[Column, ...]


def columns(shown: Shown) -> tuple[Column, ...]:
    """Return a column for each configuration to show, in order."""
    entries = {name: shown.snapshot.configurations[name] for name in shown.names}
    orders = [sorted(entries, key=lambda name: _by_platform(entries[name], name))]
    orders.append(sorted(entries, key=lambda name: _by_python(entries[name], name)))
    boundaries = [_boundaries([entries[name] for name in order]) for order in orders]
    python_first = boundaries[1] < boundaries[0]
    labels = {name: _labels(entry, python_first=python_first) for name, entry in entries.items()}
    levels = _levels([*labels.values()])
    return tuple(
        Column(
            name=name,
            entry=entries[name],
            labels=tuple(labels[name][level] for level in levels),
            own=None if name == _automatic_name(entries[name]) else name,
        )
        for name in orders[python_first]
    )


def head(found: Sequence[Column]) -> Iterator[list[Heading]]:
    """Yield the rows of the head; in the last one each column has a cell of its own."""
    last = len(found[0].labels) - 1 if found else -1
    for level in range(last):
        yield _grouped(found, level + 1)
    if found:
        yield [Heading(one.labels[last], (one,)) for one in found]


def _grouped(found: Sequence[Column], depth: int) -> list[Heading]:
    under = groupby(found, key=lambda one: one.labels[:depth])
    return [Heading(labels[-1], tuple(group)) for labels, group in under]


def platform_label(entry: ConfigurationEntry) -> str:
    """Return the short name of the platform, or its tag if it has none."""
    try:
        return short_name(entry.target.platform)
    except UsageError:  # a platform that another program wrote
        return entry.target.platform


def python_label(entry: ConfigurationEntry) -> str:
    """Return the interpreter: ``3.11``, ``3.11.7``, ``pypy 3.11``."""
    target = entry.target
    version = target.python.removesuffix(".0") if target.python.count(".") > 1 else target.python
    return version if target.implementation == "cpython" else f"{target.implementation} {version}"


def wants_label(entry: ConfigurationEntry) -> str:
    """Return the groups and extras: ``main, dev [gpu]``."""
    extras = f"[{', '.join(entry.extras)}]" if entry.extras else ""
    first = sorted(entry.groups, key=lambda group: (group != "main", group))
    return " ".join(filter(None, [", ".join(first), extras]))


def _labels(entry: ConfigurationEntry, *, python_first: bool) -> tuple[str, ...]:
    axes = (platform_label(entry), python_label(entry))
    if python_first:
        axes = (f"Python {axes[1]}", axes[0])
    return (*axes, wants_label(entry))


def _levels(labels: Sequence[tuple[str, ...]]) -> list[int]:
    """Return the rows of the head to show: both axes, and the others if their labels differ."""
    return [
        level
        for level in range(_LEVELS)
        if level < _AXES or len({one[level] for one in labels}) > 1
    ]


def _automatic_name(entry: ConfigurationEntry) -> str | None:
    target = entry.target
    wish = Wish(
        python=python_label(entry).rpartition(" ")[2],
        platform=platform_label(entry),
        implementation=target.implementation,
        groups=entry.groups,
        extras=entry.extras,
    )
    if entry.sources or entry.constraints:
        return None
    try:
        return configuration(wish).name
    except UsageError:
        return None


def _by_platform(entry: ConfigurationEntry, name: str) -> tuple[object, ...]:
    return (platform_label(entry), *_rest(entry, name))


def _by_python(entry: ConfigurationEntry, name: str) -> tuple[object, ...]:
    implementation, version, *others = _rest(entry, name)
    return (implementation, version, platform_label(entry), *others)


def _rest(entry: ConfigurationEntry, name: str) -> tuple[object, ...]:
    version = Version(entry.target.python)
    return entry.target.implementation, version, entry.extras, entry.groups, name


def _boundaries(entries: Sequence[ConfigurationEntry]) -> int:
    """Count the pins that differ between neighboring configurations."""
    pinned = [
        {(name, one.version, one.source) for name, one in entry.packages.items()}
        for entry in entries
    ]
    return sum(len(left ^ right) for left, right in pairwise(pinned))
