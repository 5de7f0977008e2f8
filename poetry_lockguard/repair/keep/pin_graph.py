"""A lock's pins and what each of them needs, read once from their entries."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from poetry_lockguard.lockfile import notation
from poetry_lockguard.repair import equal_meaning
from poetry_lockguard.repair.keep.grid import normalized

if TYPE_CHECKING:
    from collections.abc import Mapping

    from poetry.core.constraints.version import Version, VersionConstraint
    from poetry.core.version.markers import BaseMarker

    from poetry_lockguard.freshness.locked_package import LockedPackage

_ORIGINS = ("git", "url", "path", "file")
_EXTRA = re.compile(r"\bextra\b")


@dataclass(frozen=True, kw_only=True, eq=False)  # no slots: results are cached
class Edge:
    """One dependency of a pin: where, in which versions, with which extras."""

    name: str
    versions: VersionConstraint
    marker: BaseMarker
    asked: frozenset[str]
    is_optional: bool
    origin: str

    @cached_property
    def names_extras(self) -> bool:
        """Whether only an extra of the pin adds this dependency."""
        return self.is_optional or bool(_EXTRA.search(str(self.marker)))


@dataclass(frozen=True, kw_only=True, eq=False)  # no slots: results are cached
class Node:
    """One pin. ``number`` is its position in the lock."""

    number: int
    locked: LockedPackage
    entry: Mapping[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        """The normalized name."""
        return self.locked.name

    @cached_property
    def version(self) -> Version | None:
        """The version; None if it is invalid, so that nothing fits it."""
        return None if self.locked.package is None else self.locked.package.version

    @cached_property
    def python(self) -> VersionConstraint:
        """The Pythons it can be installed for."""
        text = self.locked.pin.python_versions
        return notation.constraint("*" if text in {"", "*"} else text)

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """Its dependencies, with the optional ones. Raises UnreadableError."""
        return tuple(
            _edge(name, constraint)
            for name, constraints in self.locked.pin.dependencies.items()
            for constraint in constraints
        )

    @cached_property
    def old_groups(self) -> frozenset[str]:
        """The groups it is locked for; none before format 2.1."""
        return normalized(self.locked.pin.groups)

    def allows(self, edge: Edge) -> bool:
        """Whether this pin satisfies an edge."""
        source = self.locked.pin.source
        if edge.origin:
            kind = {"git": "git", "url": "url"}.get(edge.origin, "path")
            if source is None or source.kind not in {kind, *_LOCAL.get(kind, ())}:
                return False
        return self.version is not None and edge.versions.allows(self.version)


_LOCAL = {"path": ("directory", "file")}


def _edge(name: str, table: str | dict[str, Any]) -> Edge:
    if isinstance(table, str):
        table = {"version": table}
    (need,) = equal_meaning.needs(table)
    return Edge(
        name=name,
        versions=need.versions,
        marker=need.where,
        asked=frozenset(str(canonicalize_name(extra)) for extra in table.get("extras", ())),
        is_optional=bool(table.get("optional")) and not _is_joined(need.where),
        origin=next((key for key in _ORIGINS if key in table), ""),
    )


def _is_joined(where: BaseMarker) -> bool:
    """Whether a dependency of an extra is also needed without it."""
    return bool(_EXTRA.search(str(where))) and notation.holds_without_extras(where)
