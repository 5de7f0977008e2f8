"""Put newly resolved configurations into a snapshot, without any file access."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from poetry_lockguard.snapshots import disagreement
from poetry_lockguard.snapshots.document import Snapshot
from poetry_lockguard.snapshots.format.file_facts import first_known
from poetry_lockguard.snapshots.origins import Directory
from poetry_lockguard.snapshots.usage import packages, pins, users

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from poetry_lockguard.snapshots.disagreement import Disagreement
    from poetry_lockguard.snapshots.document import ConfigurationEntry, PackageEntry, Project
    from poetry_lockguard.snapshots.usage import Key


class Resolution(Protocol):
    """One configuration, resolved."""

    @property
    def name(self) -> str:
        """The configuration's name."""

    @property
    def entry(self) -> ConfigurationEntry:
        """The configuration as it is written to the file."""

    @property
    def pins(self) -> Mapping[str, PackageEntry]:
        """Every pin that it installs, by name."""

    @property
    def build_pins(self) -> Iterable[tuple[str, PackageEntry]]:
        """Every pin that builds something of it, with its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssembledConfiguration:
    """The results of several resolutions, together."""

    project: Project
    configurations: Mapping[str, ConfigurationEntry]
    pins: Iterable[tuple[str, PackageEntry]]

    @classmethod
    def of(cls, project: Project, resolutions: Iterable[Resolution]) -> AssembledConfiguration:
        """Put resolutions of single configurations together."""
        made = [*resolutions]
        return cls(
            project=project,
            configurations={one.name: one.entry for one in made},
            pins=[item for one in made for item in (*one.pins.items(), *one.build_pins)],
        )


@dataclass(frozen=True, slots=True)
class Tampered:
    """Files whose hash changed since they were pinned; nothing may be written."""

    conflicts: tuple[Disagreement, ...]


def assemble(
    previous: Snapshot | None,
    resolved: AssembledConfiguration,
    *,
    is_index: bool = True,
    forgets: bool = False,
) -> Snapshot | Tampered:
    """Return ``previous`` with these configurations in place of those of the same name.

    A known pin keeps its files, and what is known of them, and gains new ones. With ``is_index``,
    its metadata is replaced by what was just read; otherwise the known metadata stays, because a
    lock contains less, unless it is that of a folder that requires something else by now. With
    ``forgets``, pins that are no longer used are removed, except those that never were used.
    """
    before = {} if previous is None else {**previous.configurations}
    held: dict[Key, PackageEntry] = {} if previous is None else {**pins(previous)}
    conflicts: list[Disagreement] = []
    for name, entry in resolved.pins:
        key = name, entry.pin
        known = held.get(key)
        if known is None:
            held[key] = entry
            continue
        conflicts += _other_files(key, known, entry)
        held[key] = _joined(known, entry, is_index=is_index)
    if conflicts:
        return Tampered(tuple(sorted(conflicts)))
    configurations = before | {
        name: _kept_record(before.get(name), entry)
        for name, entry in resolved.configurations.items()
    }
    made = Snapshot(
        project=resolved.project, configurations=configurations, packages=packages(held)
    )
    return _without_left_over(previous, made) if forgets and previous is not None else made


def _other_files(key: Key, known: PackageEntry, entry: PackageEntry) -> Iterable[Disagreement]:
    same = replace(known, files=entry.files)
    return disagreement.pin(key, [(0, known), (1, same)])


def _joined(known: PackageEntry, entry: PackageEntry, *, is_index: bool) -> PackageEntry:
    files = {**entry.files, **known.files}
    requires = known.build_requires if entry.build_requires is None else entry.build_requires
    is_newer = is_index or (isinstance(entry.source, Directory) and _has_moved(known, entry))
    return replace(
        entry if is_newer else known,
        files=files,
        build_requires=requires,
        facts=first_known(files, (known, entry)),
    )


def _has_moved(known: PackageEntry, locked: PackageEntry) -> bool:
    """Return whether a folder has other requirements; a lock lacks those of extras nobody uses."""
    before, now = {*known.dependencies}, {*locked.dependencies}
    return not now <= before or any("extra ==" not in text for text in before - now)


def _kept_record(old: ConfigurationEntry | None, new: ConfigurationEntry) -> ConfigurationEntry:
    """Keep on record what was found installed, while the target is the same."""
    if old is None or old.target != new.target:
        return new
    return replace(new, installed=old.installed)


def _without_left_over(previous: Snapshot, made: Snapshot) -> Snapshot:
    gone = users(previous).keys() - users(made).keys()
    kept = {key: entry for key, entry in pins(made).items() if key not in gone}
    return replace(made, packages=packages(kept))
