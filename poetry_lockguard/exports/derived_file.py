"""One file that is derived from a lock: what it should contain, and its text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from poetry_lockguard.errors import UsageError
from poetry_lockguard.exports.lock_selection import ExportChoice, checked_choice, placed
from poetry_lockguard.exports.outcome import Refused
from poetry_lockguard.lockfile.fast.exclusive_markers import are_exclusive
from poetry_lockguard.nearest_names import suggestion
from poetry_lockguard.plurals import enumerated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from poetry_lockguard.exports.lock_selection import PlacedPin
    from poetry_lockguard.exports.outcome import Export, Places
    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.settings import Settings
    from poetry_lockguard.snapshots.document import PackageEntry
    from poetry_lockguard.snapshots.usage import Key
    from poetry_lockguard.targets.configuration import Configuration


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSpec:
    """What a file should contain; without ``groups``, main, and in a pylock.toml everything.

    ``config`` names a configuration of the settings; its groups and extras are then used.
    """

    format: str
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    config: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedFile:
    """A file to be made of one project's lock."""

    manifest: Manifest
    lock: Lock
    spec: ExportSpec
    choice: ExportChoice
    pins: tuple[PlacedPin, ...]

    @property
    def is_for_everybody(self) -> bool:
        """Whether groups and extras are chosen when the file is installed."""
        spec = self.spec
        return spec.format == "pylock" and not (spec.groups or spec.extras or spec.config)

    @property
    def addresses_needed(self) -> Mapping[Key, PackageEntry]:
        """The pins whose files' addresses the format asks for."""
        if self.spec.format != "pylock":
            return {}
        from poetry_lockguard.exports.lock_pylock import index_files

        return index_files(self.pins, self.choice.target)

    def made(self, places: Places) -> Export:
        """Return the file's text, or why there can be none."""
        if self.spec.format == "cyclonedx":
            from poetry_lockguard.exports.bills.lock_cyclonedx import cyclonedx

            name = self.manifest.name or self.manifest.folder.absolute().name
            return cyclonedx(name, self.pins, places.licences)
        if rivals := [*_rivals(self.pins, self.lock.python_versions)]:
            return Refused(tuple(rivals))
        if self.spec.format == "pylock":
            return self._pylock(places)
        from poetry_lockguard.exports import lock_requirements

        if self.spec.format == "constraints":
            return lock_requirements.constraints_of_lock(self.pins)
        return lock_requirements.requirements_of_lock(self.pins, places, self.choice.target)

    def _pylock(self, places: Places) -> Export:
        from poetry_lockguard.exports.lock_pylock import pylock_of_lock
        from poetry_lockguard.manifest.requirements import declaration

        offered = declaration(self.manifest) if self.is_for_everybody else None
        return pylock_of_lock(self.lock, self.pins, places, offered, self.choice.target)


def _rivals(pins: Iterable[PlacedPin], python_versions: str | None) -> Iterator[str]:
    """Yield a sentence for each package with several versions where an installer takes one."""
    places: dict[str, list[PlacedPin]] = {}
    for one in pins:
        places.setdefault(one.pin.name, []).append(one)
    for name, several in places.items():
        meeting = {
            pin.pin.version: None
            for one, other in combinations(several, 2)
            if _is_one_within(one.marker, other.marker, python_versions or "*")
            for pin in (one, other)
        }
        if meeting:
            yield (
                f"poetry.lock: {name} is locked at {enumerated([*meeting])} for the same"
                " environments, and an installer accepts one version only; `poetry lockguard"
                " snapshot create` resolves each configuration by itself"
            )


def _is_one_within(one: str, other: str, python_versions: str) -> bool:
    """Whether one of two markers holds wherever the other does."""
    if one == other:
        return True
    if are_exclusive(one, other):
        return False
    from poetry_lockguard.freshness.marker_overlap import overlap

    return overlap(one, other, python_versions) is True


def derived_file(
    manifest: Manifest, lock: Lock, settings: Settings, spec: ExportSpec
) -> DerivedFile:
    """Choose the pins for a file. Raises UsageError for unknown groups, extras, configurations."""
    choice = _choice(manifest, lock, settings, spec)
    file = DerivedFile(manifest=manifest, lock=lock, spec=spec, choice=choice, pins=())
    if not file.is_for_everybody:
        return replace(file, pins=tuple(placed(manifest, lock, choice)))
    from poetry_lockguard.exports.lock_pylock import placed_for_everybody

    return replace(file, pins=tuple(placed_for_everybody(manifest, lock)))


def _choice(manifest: Manifest, lock: Lock, settings: Settings, spec: ExportSpec) -> ExportChoice:
    if spec.config is None:
        groups = spec.groups or ("main",)
        return checked_choice(manifest, lock, ExportChoice(groups=groups, extras=spec.extras))
    if spec.groups or spec.extras:
        raise UsageError(
            "a configuration has its own groups and extras; name either the configuration, or"
            " groups and extras"
        )
    one = _configuration(manifest, settings, spec.config)
    if one.variant:
        raise UsageError(
            f"{manifest.path}: {one.name} has sources or constraints of its own, and what it"
            " installs is not in poetry.lock; run"
            f" `poetry lockguard snapshot export --config {one.name}`"
        )
    return ExportChoice(groups=one.groups, extras=one.extras, target=one.target)


def _configuration(manifest: Manifest, settings: Settings, name: str) -> Configuration:
    from poetry_lockguard.targets.declared import declared_configurations

    known = declared_configurations(manifest, settings)
    if name in known:
        return known[name]
    near = suggestion(name, known, none="none is declared")
    raise UsageError(f"{manifest.path}: no such configuration: {name}{near}")
