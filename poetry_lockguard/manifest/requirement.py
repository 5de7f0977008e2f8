"""One declared requirement: poetry-core's dependency, and its text in messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from poetry_lockguard.urls import redact

if TYPE_CHECKING:
    from poetry.core.constraints.version import VersionConstraint
    from poetry.core.packages.dependency import Dependency
    from poetry.core.version.markers import BaseMarker


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Requirement:
    """One requirement of one group; the same one in two groups is two requirements.

    ``group`` is normalized, and ``main`` for the project's own. ``dependency`` is poetry-core's,
    as the resolver gets it. Compare two with ``means_the_same``: there are many spellings.
    """

    dependency: Dependency
    group: str

    @property
    def name(self) -> str:
        """The package's normalized name."""
        return str(self.dependency.name)

    @property
    def features(self) -> tuple[str, ...]:
        """The requested extras of the package, normalized and sorted."""
        return tuple(sorted(str(feature) for feature in self.dependency.features))

    @property
    def in_extras(self) -> tuple[str, ...]:
        """The project's extras that include this requirement, normalized and sorted."""
        return tuple(sorted(str(extra) for extra in self.dependency.in_extras))

    @property
    def constraint(self) -> VersionConstraint:
        """The allowed versions."""
        return self.dependency.constraint

    @property
    def marker(self) -> BaseMarker:
        """Where it applies, without the project's extras."""
        return self.dependency.marker

    @property
    def python_constraint(self) -> VersionConstraint:
        """The Python versions where it applies, as far as one range can express them."""
        return self.dependency.python_constraint

    @property
    def origin(self) -> str | None:
        """``git``, ``url``, ``file`` or ``directory``; None for a package of an index."""
        return self.dependency.source_type

    @property
    def source_name(self) -> str | None:
        """The name of the index that it must come from, or None."""
        return self.dependency.source_name

    @property
    def allows_prereleases(self) -> bool | None:
        """Whether pre-releases are allowed; None if the manifest does not say."""
        return self.dependency.allows_prereleases()

    @property
    def is_optional(self) -> bool:
        """Whether only an extra includes it."""
        return self.dependency.is_optional()

    @property
    def is_editable(self) -> bool:
        """Whether a folder or a clone is installed in place (``develop = true``)."""
        return bool(getattr(self.dependency, "develop", False))

    @property
    def flags(self) -> tuple[str, ...]:
        """The properties that ``wanted`` does not show, in words."""
        states = {
            "optional": self.is_optional,
            "pre-releases": self.origin is None and self.allows_prereleases is True,
            "no pre-releases": self.allows_prereleases is False,
            "editable": self.is_editable,
        }
        return tuple(word for word, is_set in states.items() if is_set)

    @property
    def wanted(self) -> str:
        """What is required, without the name: ``>=2,<3 ; python_version < "3.12"``."""
        dependency = self.dependency
        what = _what(dependency)
        if self.features:
            what = f"[{','.join(self.features)}] {what}"
        if self.source_name:
            what += f" from {self.source_name}"
        if not dependency.marker.is_any():
            what += f" ; {dependency.marker}"
        return redact(what)

    @property
    def text(self) -> str:
        """The whole requirement in one line."""
        return f"{self.dependency.pretty_name} ({self.wanted})"

    def means_the_same(self, other: Requirement) -> bool:
        """Whether two requirements mean the same; spelling, spaces and order do not matter."""
        mine, theirs = self.dependency, other.dependency
        return (
            self._plain() == other._plain()
            and mine.constraint == theirs.constraint
            and mine.is_same_source_as(theirs)
            and same_marker(mine.marker, theirs.marker)
        )

    def _plain(self) -> tuple[object, ...]:
        dependency = self.dependency
        return (
            self.name,
            self.group,
            self.features,
            self.in_extras,
            (self.source_name or "").lower(),
            dependency.source_reference,
            self.allows_prereleases,
            self.is_optional,
            self.is_editable,
        )


def _what(dependency: Dependency) -> str:
    from poetry.core.packages.path_dependency import PathDependency
    from poetry.core.packages.vcs_dependency import VCSDependency

    if isinstance(dependency, VCSDependency):
        return f"git {dependency.source} {dependency.pretty_constraint}".rstrip()
    if isinstance(dependency, PathDependency):
        return f"{dependency.source_type} {dependency.path.as_posix()}"
    if dependency.is_url():
        return f"url {dependency.source_url}"
    text = dependency.pretty_constraint
    return f"=={text}" if text[:1].isdigit() else text  # Poetry drops the operator of PEP 508


def same_marker(one: BaseMarker, other: BaseMarker) -> bool:
    """Whether two markers are true in the same environments, as far as poetry-core can tell."""
    if one == other:
        return True
    return one.intersect(other.invert()).is_empty() and other.intersect(one.invert()).is_empty()
