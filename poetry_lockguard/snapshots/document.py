"""``lockguard.lock`` as values.

Every value puts its parts in the file's order when it is made, so that two that mean the same are
equal, and are written as the same bytes.

What identifies a pin is name, version *and source*: one version of a package may be pinned from
two places (a CPU and a GPU index). In memory every configuration therefore says the source of each
of its packages. In the file it does so only where version alone would be ambiguous.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from packaging.version import Version

from poetry_lockguard.errors import UsageError
from poetry_lockguard.snapshots.format.file_facts import NOTHING_KNOWN, FileFacts
from poetry_lockguard.snapshots.format.sealing import unsealed
from poetry_lockguard.snapshots.origins import Index, PyPI, SnapshotSource, key
from poetry_lockguard.targets.target import target as described

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 1  #: the ``lockguard_version`` this program reads and writes
ROOT = "root"  #: in ``resolved_by``: the manifest itself
VARIABLES = (  # of PEP 508's environment
    *("python_full_version", "python_version", "implementation_name", "implementation_version"),
    *("platform_python_implementation", "os_name", "sys_platform", "platform_machine"),
    *("platform_system", "platform_release", "platform_version"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What the manifest said; ``requirements`` maps each group to its PEP 508 texts.

    ``name`` is None for a project without one (``package-mode = false``).
    """

    name: str | None
    requires_python: str | None = None
    content_hash: str | None = None
    requirements: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _set(
            self,
            "requirements",
            {name: _set_of(self.requirements[name]) for name in self.requirements},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetEntry:
    """The environment of a configuration; ``platform`` is a wheel platform tag."""

    python: str
    implementation: str
    platform: str
    markers: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> Mapping[str, str]:
        """The markers, with those that the file leaves out, if this is a known platform."""
        if all(name in self.markers for name in VARIABLES):
            return self.markers
        try:
            known = described(self.python, self.platform, self.implementation).markers
        except UsageError:
            return self.markers
        return {**known, **self.markers}


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """One package of a configuration: which pin, what first brought it in, what needs it."""

    version: str
    source: SnapshotSource
    resolved_by: str = ROOT
    groups: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _set(self, "groups", _set_of(self.groups))


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """What was found in a real environment; ``source`` is None if it is not recorded there."""

    version: str
    source: SnapshotSource | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationEntry:
    """One configuration and all its packages, by normalised name.

    ``sources`` and ``constraints`` are what makes it a variant: the indexes that it takes packages
    from instead of the manifest's, and PEP 508 texts that narrow their versions. ``build`` is what
    builds the project and every package that has no wheel there; ``build_apart`` is what builds
    those packages whose build requirements contradict the others', by package.
    """

    target: TargetEntry
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    sources: Mapping[str, Index | PyPI] = field(default_factory=dict)
    constraints: tuple[str, ...] = ()
    packages: Mapping[str, Resolved] = field(default_factory=dict)
    build: Mapping[str, Resolved] = field(default_factory=dict)
    build_apart: Mapping[str, Mapping[str, Resolved]] = field(default_factory=dict)
    installed: Mapping[str, Installed] | None = None

    def __post_init__(self) -> None:
        _set(self, "groups", _set_of(self.groups))
        _set(self, "extras", _set_of(self.extras))
        _set(self, "constraints", _set_of(self.constraints))

    @property
    def builds(self) -> tuple[Mapping[str, Resolved], ...]:
        """Every set of build requirements: the one that is shared, and those of single packages."""
        return (self.build, *self.build_apart.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageEntry:
    """One pin. ``files`` maps file names to ``algorithm:digest``, ``dependencies`` is PEP 508.

    ``facts`` are what the index says of the files; they are no part of what the pin is.
    ``build_requires`` is what its source archive says that it needs to be built; None if nobody
    has read that, because no configuration builds it.
    """

    version: str
    source: SnapshotSource
    requires_python: str | None = None
    dependencies: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    build_requires: tuple[str, ...] | None = None
    facts: FileFacts = NOTHING_KNOWN

    def __post_init__(self) -> None:
        _set(self, "dependencies", _set_of(self.dependencies))
        if self.build_requires is not None:
            _set(self, "build_requires", _set_of(self.build_requires))

    @property
    def reason(self) -> str | None:
        """Return why this pin is not reproducible, or None if it is."""
        return unsealed(self.source, self.files)

    @property
    def reproducible(self) -> bool:
        """Whether file hashes or a full commit seal this pin."""
        return self.reason is None

    @property
    def pin(self) -> Pin:
        """Return what distinguishes this pin from the others of its name."""
        return self.version, self.source


Pin = tuple[str, SnapshotSource]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The whole file. Two with the same content are equal, whatever their dates.

    ``packages`` lists the pins of each name, latest first; unused pins are allowed.
    ``generated`` is an ISO 8601 moment with its time zone.
    """

    project: Project
    configurations: Mapping[str, ConfigurationEntry] = field(default_factory=dict)
    packages: Mapping[str, tuple[PackageEntry, ...]] = field(default_factory=dict)
    generated: str | None = field(default=None, compare=False)
    generator: Mapping[str, str] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        held = {name: _latest_first(self.packages[name]) for name in sorted(self.packages)}
        _set(self, "packages", {name: entries for name, entries in held.items() if entries})

    def entry(self, name: str, pin: Pin) -> PackageEntry:
        """Return the entry of one pin; raise KeyError if it is missing."""
        for entry in self.packages.get(name, ()):
            if entry.pin == pin:
                return entry
        raise KeyError(name, pin)


def _latest_first(entries: tuple[PackageEntry, ...]) -> tuple[PackageEntry, ...]:
    if len(entries) == 1:  # nearly always
        return entries
    by_source = sorted(entries, key=lambda entry: key(entry.source))
    return tuple(
        sorted(by_source, key=lambda entry: (Version(entry.version), entry.version), reverse=True)
    )


def _set_of(items: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({*items}))


def _set(value: object, name: str, part: object) -> None:
    object.__setattr__(value, name, part)
