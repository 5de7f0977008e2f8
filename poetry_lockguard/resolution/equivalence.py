"""Which configurations show a solver the same, so that it needs to look only once.

What a solver finds depends on what it is shown: the requirements of the project and of every
package it looks at, as far as they apply; whether those packages run on the Python; and which
pins are preferred. Where all of that is the same for two configurations, so are their packages.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from poetry.core.constraints.version import Version, VersionConstraint
    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.package import Package
    from poetry.core.version.markers import BaseMarker

    from poetry_lockguard.resolution.package_source import MarkerEvaluator


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolverInput:
    """What a solver is given for one configuration.

    ``asked`` is everything about the question that is no matter of the environment, and which of
    the project's requirements apply.
    """

    asked: tuple[object, ...]
    preferred: Sequence[Package]
    python: Version
    holds: MarkerEvaluator

    def is_given(self, other: ResolverInput) -> bool:
        """Return whether both have the same question and the same pins, in order."""
        return self.asked == other.asked and is_same(self.preferred, other.preferred)

    def looks(
        self, markers: Iterable[BaseMarker], pythons: Iterable[VersionConstraint]
    ) -> Iterator[bool]:
        """Say what is required here, and what runs here, as each is asked for."""
        yield from map(self.holds, markers)
        yield from (python.allows(self.python) for python in pythons)


def is_same(some: Sequence[Package], others: Sequence[Package]) -> bool:
    """Return whether both are the same packages in the same order."""
    return len(some) == len(others) and all(map(operator.is_, some, others))


class ResolverTrace:
    """What a solver was shown of the packages it looked at."""

    def __init__(
        self, scene: ResolverInput, packages: Sequence[Package], required: Iterable[Dependency]
    ) -> None:
        """Take the packages, whole, and what the project itself requires.

        Of a package's extras only those count that something asks for.
        """
        wanted = [*required, *(one for package in packages for one in package.requires)]
        with_extras = {one.name for one in wanted if one.extras}
        self._scene = scene
        self._is_whole = not any(one.is_direct_origin() for one in (*wanted, *scene.preferred))
        markers = dict.fromkeys(
            one.marker
            for package in packages
            for one in package.requires
            if not one.marker.is_any() and (not one.in_extras or package.name in with_extras)
        )
        self._telling = markers, {package.python_constraint for package in packages}

    def is_shown(self, scene: ResolverInput) -> bool:
        """Return whether the solver would be shown the same again.

        Not where it may read packages from elsewhere: what is in those nobody has compared.
        """
        return (
            self._is_whole
            and self._scene.is_given(scene)
            and all(
                map(operator.eq, scene.looks(*self._telling), self._scene.looks(*self._telling))
            )
        )
