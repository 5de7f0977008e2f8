"""A pin as poetry-core's package, so that poetry-core decides what fits it and what it needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from poetry_lockguard.freshness.commits import is_of_commit, may_be_of_commit
from poetry_lockguard.lockfile.notation import holds_without_extras
from poetry_lockguard.manifest.requirements import silent_about_missing_paths
from poetry_lockguard.reachability import reachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from poetry.core.constraints.version import VersionConstraint
    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.package import Package
    from poetry.core.version.markers import BaseMarker

    from poetry_lockguard.lockfile.document import Pin

_PEP_508_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True, eq=False)  # no slots: cached properties need a dict
class LockedPackage:
    """One pin with poetry-core's view of it.

    ``package`` is None if the pin's version or git URL is invalid; such a pin fits nothing.
    ``extras`` maps the pin's normalized extras to the names, with extras, that each brings.
    """

    pin: Pin
    package: Package | None
    extras: dict[str, tuple[tuple[str, tuple[str, ...]], ...]]
    folder: Path

    @property
    def name(self) -> str:
        """The normalized name."""
        return self.pin.name

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The groups it is locked for, normalized; empty before format 2.1."""
        return tuple(str(canonicalize_name(group)) for group in self.pin.groups)

    def fits(self, dependency: Dependency) -> bool:
        """Whether version and source are what ``dependency`` requires."""
        if self.package is None or not self.package.satisfies(dependency, ignore_source_type=True):
            return False
        return (
            self.package.source_satisfies(dependency)
            or is_of_commit(self.package, dependency)
            or self._is_old_git_pin(dependency)
            or self._is_archive_not_here(dependency)
        )

    def may_fit(self, dependency: Dependency) -> bool:
        """Whether the pin fits, if a branch or tag that it does not name points to its commit."""
        return self.fits(dependency) or (
            self.allows_version(dependency)
            and self.package is not None
            and may_be_of_commit(self.package, dependency)
        )

    def allows_version(self, dependency: Dependency) -> bool:
        """Whether the version is what ``dependency`` requires, whatever the source."""
        return self.package is not None and dependency.constraint.allows(self.package.version)

    def _is_archive_not_here(self, dependency: Dependency) -> bool:
        """Whether poetry-core takes a path for a folder because the file does not exist."""
        return (
            self.package is not None
            and self.package.source_type == "file"
            and dependency.is_directory()
            and dependency.source_url == self.package.source_url
        )

    def _is_old_git_pin(self, dependency: Dependency) -> bool:
        """Whether an older Poetry would have written this pin for ``dependency``.

        Format 1.0 contains only the commit, not its branch. Format 1.1 calls the default branch
        ``master``; today's Poetry calls it ``HEAD``.
        """
        source = self.pin.source
        if source is None or not source.kind == dependency.source_type == "git":
            return False
        if self.package is None or self.package.source_url != dependency.source_url:
            return False
        if source.resolved_reference is None:
            return _COMMIT.fullmatch(source.reference or "") is not None
        return dependency.source_reference == "HEAD" and source.reference == "master"

    def expanded(self, features: Iterable[str]) -> frozenset[str]:
        """Return these extras and the extras of the same package that they include."""
        return frozenset(reachable(features, self._included))

    def _included(self, feature: str) -> Iterator[str]:
        for name, asked in self.extras.get(feature, ()):
            if name == self.name:
                yield from asked

    def brought_by(self, features: Iterable[str]) -> dict[str, frozenset[str]]:
        """Return the names that these extras require, each with the extras requested of it."""
        brought: dict[str, frozenset[str]] = {}
        for feature in self.expanded(features):
            for name, asked in self.extras.get(feature, ()):
                if name != self.name:
                    brought[name] = brought.get(name, frozenset()) | frozenset(asked)
        return brought

    def edges(self, features: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
        """Yield the names this pin needs with these extras active, and the extras of each.

        Markers and versions are ignored, which makes this cheap.
        """
        brought = self.brought_by(features)
        for name, constraints in self.pin.dependencies.items():
            tables = [table for table in constraints if isinstance(table, dict)]
            is_optional = len(tables) == len(constraints) and all(map(_is_optional, tables))
            if is_optional and name not in brought:
                continue
            asked = {extra for table in tables for extra in table.get("extras", ())}
            yield name, frozenset(map(canonicalize_name, asked)) | brought.get(name, frozenset())
        for name in brought.keys() - self.pin.dependencies.keys():
            yield name, brought[name]

    def needs_on(self, name: str, python: VersionConstraint) -> bool:
        """Whether the pin needs ``name`` on any of these Pythons; true if that is unclear."""
        if name not in self.pin.dependencies:
            return True
        try:
            needed = [needed for needed in self.dependencies if needed.name == name]
        except ValueError:
            return True
        return any(python.allows_any(each.python_constraint) for each in needed)

    @cached_property
    def dependencies(self) -> tuple[Dependency, ...]:
        """What this pin needs, as poetry-core's dependencies.

        Raises ValueError if the lock contains an invalid constraint or marker.
        """
        from poetry.core.factory import Factory

        source = self.pin.source
        root = self.folder / source.url if source and source.kind == "directory" else self.folder
        return tuple(
            _asked(Factory.create_dependency, name, constraint, root)
            for name, constraints in self.pin.dependencies.items()
            for constraint in constraints
        )


def _is_optional(table: dict[str, Any]) -> bool:
    """Whether only an extra brings what a table of a lock requires."""
    where = str(table.get("markers", ""))
    is_joined = "extra" in where and (" or " in where or "!=" in where)
    return bool(table.get("optional")) and not (
        is_joined and holds_without_extras(parsed_marker(where))
    )


def _asked(
    create: Callable[..., Dependency], name: str, constraint: str | dict[str, Any], root: Path
) -> Dependency:
    try:
        with silent_about_missing_paths():
            return create(name, constraint, root_dir=root)
    except Exception as error:  # poetry-core's parser raises its own exceptions
        raise ValueError(f"{name}: {' '.join(str(error).split())}") from error


def locked_package(pin: Pin, folder: Path) -> LockedPackage:
    """Return ``pin`` with poetry-core's view of it; ``folder`` is where the lock is."""
    extras = {
        str(canonicalize_name(extra)): tuple(_named(text) for text in texts)
        for extra, texts in pin.extras.items()
    }
    return LockedPackage(pin=pin, package=_package(pin, folder), extras=extras, folder=folder)


@lru_cache(maxsize=4096)
def _named(text: str) -> tuple[str, tuple[str, ...]]:
    match = _PEP_508_NAME.match(text)
    if match is None:
        return text, ()
    asked = tuple(extra.strip() for extra in (match[2] or "").split(","))
    return str(canonicalize_name(match[1])), tuple(
        str(canonicalize_name(extra)) for extra in asked if extra
    )


def _package(pin: Pin, folder: Path) -> Package | None:
    from poetry.core.packages.package import Package

    source = pin.source
    try:
        if source is None:
            return Package(pin.name, pin.version)
        local = source.kind in ("directory", "file")
        return Package(
            pin.name,
            pin.version,
            source_type=source.kind,
            source_url=folder.joinpath(source.url).resolve().as_posix() if local else source.url,
            source_reference=source.reference,
            source_resolved_reference=source.resolved_reference,
            source_subdirectory=source.subdirectory,
        )
    except ValueError:
        return None


def marker_of(pin: Pin, group: str) -> BaseMarker:
    """Return the marker under which a lock of format 2.1 installs ``pin`` for ``group``."""
    return parsed_marker(marker_text(pin, group))


def marker_text(pin: Pin, group: str) -> str:
    """Return that marker as the lock writes it; empty if there is no marker."""
    match pin.markers:
        case str() as text:
            return text
        case dict() as texts:
            by_group = {str(canonicalize_name(name)): str(text) for name, text in texts.items()}
            return by_group.get(str(canonicalize_name(group)), "")
        case None:
            return ""


@lru_cache(maxsize=4096)
def parsed_marker(text: str) -> BaseMarker:
    """Parse a marker; an invalid marker holds everywhere."""
    from poetry.core.version.markers import AnyMarker, parse_marker

    try:
        return parse_marker(text)
    except Exception:  # noqa: BLE001 - poetry-core's parser raises its own exceptions
        return AnyMarker()
