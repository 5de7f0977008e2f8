"""What ``install --snapshot`` says and selects before it installs a configuration."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from poetry_lockguard.errors import UsageError
from poetry_lockguard.plurals import first_few
from poetry_lockguard.snapshots.manifest_drift import drift

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from poetry_lockguard.installing.build_pool import BuildPins
    from poetry_lockguard.snapshots.document import ConfigurationEntry, PackageEntry, Project

_SHOWN = 3  # this many changes are named in one warning


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupChoice:
    """The groups of ``--with``, ``--without`` and ``--only``."""

    included: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()

    def of(self, name: str, entry: ConfigurationEntry) -> frozenset[str]:
        """Return the groups to install; UsageError for one that the configuration lacks."""
        held = frozenset(entry.groups)
        unknown = sorted((self.included | self.excluded | self.only) - held)
        if unknown:
            raise UsageError(
                f"{name} was created for {_groups(held)}, without {_groups(unknown)};"
                " remove the option, or create a configuration with that group"
            )
        return (self.only or held) - self.excluded


@dataclass(frozen=True, slots=True)
class Chosen:
    """The configuration to install, with its pins by name."""

    name: str
    entry: ConfigurationEntry
    pins: Mapping[str, PackageEntry]
    builds: BuildPins | None = None

    def only(self, choice: GroupChoice) -> Chosen:
        """Return the part of it that the chosen groups need."""
        groups = choice.of(self.name, self.entry)
        if groups >= {*self.entry.groups}:
            return self
        packages = {
            name: one for name, one in self.entry.packages.items() if groups & {*one.groups}
        }
        entry = replace(self.entry, groups=tuple(groups), packages=packages)
        pins = {name: self.pins[name] for name in packages}
        return Chosen(self.name, entry, pins, self.builds)


def _groups(names: frozenset[str] | list[str]) -> str:
    plural = "groups" if len(names) > 1 else "group"
    return f"the {plural} {', '.join(sorted(names))}"


def drift_warning(recorded: Project, manifest: Project, file: str) -> Iterator[str]:
    """Yield a warning if the manifest asks for other packages than the snapshot was made for."""
    changes = [problem.message for problem in drift(recorded, manifest, file)]
    if not changes:
        return
    yield (
        f"WARNING: pyproject.toml changed since {file} was made: {first_few(changes, _SHOWN)};"
        " what the snapshot pins is installed. `poetry lockguard snapshot create` brings"
        " it in step"
    )


def not_created(file: str, name: str) -> str:
    """Return the sentence about a configuration that is declared and not in the snapshot yet."""
    return (
        f"{file}: {name} is declared in pyproject.toml, but was not created yet;"
        f" `poetry lockguard snapshot create --config {name}` creates it"
    )
