"""Which of several versions of a package Poetry can choose, where a lock does not say it.

From a lock without groups and markers, Poetry resolves again over the pins. It does not choose a
version whose own needs the pins do not meet, if there is another one. A set of environments is an
integer, as in ``install_walk``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from poetry.core.packages.dependency import Dependency

    from poetry_lockguard.freshness.locked_package import LockedPackage


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternatives:
    """The pins of a lock by name, and what is known of each.

    ``supported`` returns the environments whose Python a pin supports, ``needs`` its requirements
    and the environments in which they apply, ``serves`` whether a pin fits a requirement of a pin.
    """

    pins: Mapping[str, Sequence[LockedPackage]]
    supported: Callable[[LockedPackage], int]
    needs: Callable[[LockedPackage], Iterable[tuple[Dependency, int]]]
    serves: Callable[[LockedPackage, Dependency, LockedPackage], bool]

    def choosable(self) -> dict[LockedPackage, int]:
        """Return, of each pin that is one of several, the environments in which it can be chosen.

        Where none of several can be, all can: something else has to be said about these.
        """
        several = [those for those in self.pins.values() if len(those) > 1]
        found = {one: self.supported(one) for those in several for one in those}
        while True:
            narrowed = {}
            for those in several:
                able = {one: found[one] & ~self._unmet(one, found) for one in those}
                anywhere = 0
                for where in able.values():
                    anywhere |= where
                narrowed.update({one: able[one] | (found[one] & ~anywhere) for one in those})
            if narrowed == found:
                return found
            found = narrowed

    def _unmet(self, locked: LockedPackage, found: Mapping[LockedPackage, int]) -> int:
        """Return the environments in which something that a pin needs cannot be had."""
        unmet = 0
        for needed, where in self.needs(locked):
            for one in self.pins.get(str(needed.name), ()):
                if where and self.serves(one, needed, locked):
                    where &= ~found.get(one, self.supported(one))  # noqa: PLW2901 - what is left
            unmet |= where
        return unmet
