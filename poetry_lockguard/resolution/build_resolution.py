"""Locks what builds the project, and every package that a target has no wheel of.

All that a configuration builds shares one set of build requirements. A package whose requirements
contradict those of the others has a set of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from poetry_lockguard.errors import LockguardError
from poetry_lockguard.exports.wheel_choice import Built, choice
from poetry_lockguard.index.source_manifest import UnreadableRequirementsError
from poetry_lockguard.poetry_api import package_translation
from poetry_lockguard.poetry_api.target_env import TargetEnv, holds
from poetry_lockguard.resolution.configuration_resolver import Job, Unsolvable
from poetry_lockguard.resolution.package_source import plain
from poetry_lockguard.snapshots.document import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.package import Package

    from poetry_lockguard.resolution.configuration_resolver import (
        ConfigurationResolver,
        ResolvedConfiguration,
    )
    from poetry_lockguard.snapshots.document import PackageEntry, Resolved, TargetEntry
    from poetry_lockguard.targets.configuration import Configuration

    Needs = Mapping[str, tuple[str, ...]]  # what each package needs to be built
    Read = Callable[[str, PackageEntry, str], tuple[str, ...]]
    Solve = Callable[[Sequence[Dependency]], ResolvedConfiguration | Unsolvable]


_WITHOUT_WHEEL = Version("70.1")  # the first setuptools that makes wheels itself


class BuildReader(Protocol):
    """Reads what builds a pin; ``folder`` is the snapshot's."""

    folder: Path

    def read(self, name: str, pin: PackageEntry, origin: str) -> tuple[str, ...]:
        """Return what builds a pin from its archive, folder or repository ``origin``.

        Raises UnlockableError or UnreadableRequirementsError.
        """


class UnlockableError(LockguardError):
    """What builds a package cannot be locked; the message says why."""


def is_built(name: str, pin: PackageEntry, target: TargetEntry) -> str | None:
    """Return the archive, folder or repository that a target builds of a pin; None if it has none.

    What a pin has no known files of may be built, but nobody can tell from what.
    """
    match choice(name, pin, target):
        case Built(origin):
            return origin
        case _:
            return None


@dataclass(frozen=True, slots=True)
class _Set:
    """One set of build requirements: what it resolves to, and what each package needs of it."""

    needs: Needs
    outcome: ResolvedConfiguration

    def resolved(self) -> dict[str, Resolved]:
        """Return the packages of the set, each with what first needs it."""
        first = {
            _named(text): name
            for name in sorted(self.needs, key=lambda one: one != ROOT, reverse=True)
            for text in self.needs[name]
        }
        return {
            name: replace(
                one,
                groups=(),
                resolved_by=first.get(name, ROOT) if one.resolved_by == ROOT else one.resolved_by,
            )
            for name, one in self.outcome.entry.packages.items()
        }


def _named(text: str) -> str:
    return canonicalize_name(Requirement(text).name)


class BuildResolver:
    """Adds its build requirements to one configuration that is resolved."""

    def __init__(self, read: Read, solve: Solve, folder: Path, markers: Mapping[str, str]) -> None:
        """Take what reads a package's build requirements, and what resolves some."""
        self._read = read
        self._solve = solve
        self._folder = folder
        self._markers = TargetEnv(markers, folder).marker_env
        self._unlocked: list[str] = []
        self._solved: dict[frozenset[str], ResolvedConfiguration | Unsolvable] = {}

    def completed(
        self, outcome: ResolvedConfiguration, own: tuple[str, ...]
    ) -> ResolvedConfiguration:
        """Return the configuration with its build requirements; ``own`` are the project's."""
        target = outcome.entry.target
        pins = {name: self._with_requires(name, pin, target) for name, pin in outcome.pins.items()}
        needs = {
            name: pin.build_requires
            for name, pin in pins.items()
            if pin.build_requires is not None and is_built(name, pin, target)
        }
        shared, apart = self._sets({ROOT: own, **needs} if own else needs, target)
        sets = [*([shared] if shared else []), *apart.values()]
        return replace(
            outcome,
            entry=replace(
                outcome.entry,
                build=shared.resolved() if shared else {},
                build_apart={name: one.resolved() for name, one in apart.items()},
            ),
            pins=pins,
            build_pins=[item for one in sets for item in one.outcome.pins.items()],
            unlocked=[*dict.fromkeys(self._unlocked)],
        )

    def _with_requires(self, name: str, pin: PackageEntry, target: TargetEntry) -> PackageEntry:
        """Return a pin with what builds it, if the target builds it and that can be read."""
        origin = is_built(name, pin, target)
        if origin is None:
            return pin
        try:
            return replace(pin, build_requires=self._read(name, pin, origin))
        except (UnlockableError, UnreadableRequirementsError) as error:
            self._unlocked.append(f"what builds {name} {pin.version} is not locked: {error}")
            return pin

    def _sets(self, needs: Needs, target: TargetEntry) -> tuple[_Set | None, dict[str, _Set]]:
        """Return the set that is shared, and the sets of packages that contradict it."""
        needs = {name: texts for name, texts in needs.items() if texts}
        if not needs:
            return None, {}
        together = self._set(needs, target)
        if isinstance(together, _Set):
            return together, {}
        shared: _Set | None = None
        apart = {}
        for name in sorted(needs, key=lambda one: (one != ROOT, one)):
            known = {} if shared is None else shared.needs
            joined = self._set({**known, name: needs[name]}, target)
            if isinstance(joined, _Set):
                shared = joined
                continue
            alone = self._set({name: needs[name]}, target)
            if isinstance(alone, _Set):
                apart[name] = alone
            else:
                what = "the project" if name == ROOT else name
                self._unlocked.append(f"what builds {what} is not locked: {alone}")
        return shared, apart

    def _set(self, needs: Needs, target: TargetEntry) -> _Set | str:
        """Resolve build requirements, and those of what is built among them; or say why not."""
        needs = {**needs}
        while True:
            try:
                outcome = self._solved_once(needs)
            except UnlockableError as error:
                return str(error)
            if isinstance(outcome, Unsolvable):
                return " ".join(outcome.reason.split())
            pins = {
                name: self._with_requires(name, pin, target) for name, pin in outcome.pins.items()
            }
            outcome = replace(outcome, pins=pins)
            nested = {name: pin.build_requires for name, pin in pins.items() if pin.build_requires}
            built = {
                name: texts for name, texts in nested.items() if is_built(name, pins[name], target)
            }
            if _asks_for_wheel(pins):
                built["setuptools"] = ("wheel",)
            if not built.keys() - needs.keys():
                return _Set(needs, outcome)
            needs = {**built, **needs}

    def _solved_once(self, needs: Needs) -> ResolvedConfiguration | Unsolvable:
        """Resolve build requirements; most packages that are built ask for the same."""
        texts = frozenset(text for one in needs.values() for text in one)
        if texts not in self._solved:
            self._solved[texts] = self._solve(self._applying(needs))
        return self._solved[texts]

    def _applying(self, needs: Needs) -> list[Dependency]:
        """Return the requirements that hold in the target's environment, without markers."""
        texts = dict.fromkeys(text for name in sorted(needs) for text in needs[name])
        found = []
        for text in texts:
            one = package_translation.dependency(text, self._folder)
            if one.is_direct_origin():
                raise UnlockableError(f"{text} has an address of its own, which no index serves")
            if holds(one.marker, {**self._markers, "extra": frozenset()}):
                found.append(plain(one))
        return found


def _asks_for_wheel(pins: Mapping[str, PackageEntry]) -> bool:
    """Whether these are built with a setuptools that asks for wheel when a build begins."""
    setuptools = pins.get("setuptools")
    return setuptools is not None and Version(setuptools.version) < _WITHOUT_WHEEL


@dataclass(frozen=True, slots=True)
class BuildStage:
    """Locks what configurations build, after they are resolved: with one resolver for all.

    ``pinned`` gives the preferences of a configuration, and ``newest`` are the names without any.
    """

    resolver: ConfigurationResolver
    reader: BuildReader
    pinned: Callable[[str], Sequence[Package]]
    newest: Collection[str]

    def completed(
        self,
        resolved: ResolvedConfiguration,
        configuration: Configuration,
        own: tuple[str, ...],
    ) -> ResolvedConfiguration:
        """Return a configuration with its build requirements; ``own`` are the project's."""
        if not needs_builds(resolved, own):
            return resolved
        job = Job(
            configuration=configuration,
            preferred=self.pinned(resolved.name),
            newest=self.newest,
        )
        builds = BuildResolver(
            self.reader.read,
            lambda requirements: self.resolver.resolve_requirements(job, requirements),
            self.reader.folder,
            configuration.target.markers,
        )
        return builds.completed(resolved, own)


def needs_builds(resolved: ResolvedConfiguration, own: tuple[str, ...]) -> bool:
    """Whether a configuration builds anything."""
    target = resolved.entry.target
    return bool(own) or any(is_built(name, pin, target) for name, pin in resolved.pins.items())
