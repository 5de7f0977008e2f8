"""Configurations that are alike as one column: "linux, macos · 3.11-3.13"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from poetry_lockguard.targets.platforms import short_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from poetry_lockguard.report.snapshot_rows import Row, Shown
    from poetry_lockguard.snapshots.document import ConfigurationEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class AlikeConfigurations:
    """Configurations with the same packages, groups and extras; ``at`` is where rows hold them."""

    at: int
    label: str
    entry: ConfigurationEntry


def columns(shown: Shown, found: Sequence[Row]) -> tuple[AlikeConfigurations, ...]:
    """Return the columns, in the order of the first configuration of each."""
    alike: dict[object, list[int]] = {}
    entries = [shown.snapshot.configurations[name] for name in shown.names]
    for number, entry in enumerate(entries):
        pins = tuple(
            (one.version, one.source) if (one := row.found[number]) else None for row in found
        )
        rules = frozenset(entry.sources.items()), entry.constraints
        alike.setdefault((entry.groups, entry.extras, rules, pins), []).append(number)
    plain = _without_architecture(entries)
    return tuple(
        AlikeConfigurations(
            at=numbers[0],
            label=shown.names[numbers[0]]
            if len(numbers) == 1
            else _label([entries[number] for number in numbers], plain),
            entry=entries[numbers[0]],
        )
        for numbers in alike.values()
    )


def _without_architecture(entries: Iterable[ConfigurationEntry]) -> Mapping[str, str]:
    """Return what to call each platform: without its architecture if no other has its system."""
    names = {entry.target.platform: short_name(entry.target.platform) for entry in entries}
    systems = [name.partition("-")[0] for name in {*names.values()}]
    return {
        tag: system if systems.count(system := name.partition("-")[0]) == 1 else name
        for tag, name in names.items()
    }


def _label(entries: Sequence[ConfigurationEntry], plain: Mapping[str, str]) -> str:
    """Name platforms with their Pythons; those with the same Pythons together."""
    pythons: dict[str, list[str]] = {}
    for entry in entries:
        name, is_pypy = plain[entry.target.platform], entry.target.implementation == "pypy"
        pythons.setdefault(f"{name} pypy" if is_pypy else name, []).append(entry.target.python)
    platforms: dict[str, list[str]] = {}
    for name, versions in pythons.items():
        platforms.setdefault(", ".join(_ranges(versions)), []).append(name)
    return "; ".join(f"{', '.join(names)} · {span}" for span, names in platforms.items())


def _ranges(versions: Iterable[str]) -> Iterator[str]:
    """Yield versions of Python, adjacent minors as a range; ``3.11.0`` is called 3.11."""
    numbers = sorted(tuple(map(int, _digits(version))) for version in {*versions})
    plain = [number[:2] for number in numbers if not any(number[2:])]
    yield from (f"{a}.{b}" if b == c else f"{a}.{b}-{a}.{c}" for a, b, c in _spans(plain))
    yield from (".".join(map(str, number)) for number in numbers if any(number[2:]))


def _digits(version: str) -> list[str]:
    return ["".join(filter(str.isdigit, part)) or "0" for part in version.split(".")]


def _spans(minors: Sequence[tuple[int, ...]]) -> Iterator[tuple[int, int, int]]:
    first = last = None
    for minor in minors:
        if last is not None and first is not None and minor != (last[0], last[1] + 1):
            yield first[0], first[1], last[1]
            first = None
        first, last = first or minor, minor
    if first is not None and last is not None:
        yield first[0], first[1], last[1]
