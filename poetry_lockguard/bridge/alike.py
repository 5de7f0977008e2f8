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
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from poetry.core.constraints.version import Version
    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.package import Package

    from poetry_lockguard.bridge.library import Sight

    Look = tuple[bool, tuple[bool, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a solver is given for one configuration.

    ``asked`` is everything about the question that is no matter of the environment, and which of
    the project's requirements apply.
    """

    asked: tuple[object, ...]
    preferred: Sequence[Package]
    python: Version
    holds: Sight

    def is_given(self, other: Scene) -> bool:
        """Tell whether both have the same question and the same pins, in order."""
        return self.asked == other.asked and is_same(self.preferred, other.preferred)

    def looks(self, packages: Iterable[Package], with_extras: Collection[str]) -> Iterator[Look]:
        """Say what each package shows here; extras count only of those ``with_extras``."""
        for package in packages:
            yield (
                package.python_constraint.allows(self.python),
                tuple(
                    self.holds(one.marker)
                    for one in package.requires
                    if not one.marker.is_any()
                    and (not one.in_extras or package.name in with_extras)
                ),
            )


def is_same(some: Sequence[Package], others: Sequence[Package]) -> bool:
    """Tell whether both are the same packages in the same order."""
    return len(some) == len(others) and all(map(operator.is_, some, others))


class Seen:
    """What a solver was shown of the packages it looked at."""

    def __init__(
        self, scene: Scene, packages: Sequence[Package], required: Iterable[Dependency]
    ) -> None:
        """Take the packages, whole, and what the project itself requires."""
        self._scene = scene
        self._packages = packages
        wanted = [*required, *(one for package in packages for one in package.requires)]
        self._with_extras = frozenset(one.name for one in wanted if one.extras)
        self._looks = [*scene.looks(packages, self._with_extras)]
        self._is_whole = not any(one.is_direct_origin() for one in (*wanted, *scene.preferred))

    def is_shown(self, scene: Scene) -> bool:
        """Tell whether the solver would be shown the same again.

        Not where it may read packages from elsewhere: what is in those nobody has compared.
        """
        return (
            self._is_whole
            and self._scene.is_given(scene)
            and self._looks == [*scene.looks(self._packages, self._with_extras)]
        )
