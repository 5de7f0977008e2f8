"""Which releases are not worth a try beside those that an update is asked for.

The solver finds out by itself, but one release at a time, and its work grows with the square of
their number: some packages have thousands, each of which wants other versions of its siblings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from poetry_lockguard.index.repository_pool import NotServedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from poetry.core.constraints.version import Version
    from poetry.core.packages.package import Package

_FEW = 25  #: releases that are left to the solver, which explains a refusal best if it sees all


@dataclass(frozen=True, slots=True)
class Exclusions:
    """The ``only`` versions of some packages, and the pins that cannot stay beside them.

    ``pinned`` has the versions of those pins. Older releases are not worth a try, either: what
    needs an older version hardly allows a newer one. ``dropped`` are the packages of which
    something was left out: without it, a solver may come to a wrong refusal, but to no wrong lock.
    """

    only: Mapping[str, Version] = field(default_factory=dict)
    pinned: Mapping[str, Version] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)
    _known: dict[tuple[str, Version], bool] = field(default_factory=dict)

    def left(self, found: list[Package], read: Callable[[Package], Package]) -> list[Package]:
        """Return the releases that are worth a try, or all if there never were many others."""
        name = str(found[0].name) if found else ""
        if name not in self.pinned or (len(found) <= _FEW and name not in self.dropped):
            return found
        pinned = self.pinned[name]
        kept = [one for one in found if one.version > pinned and not self._is(one, read)]
        if len(found) - len(kept) > _FEW:
            self.dropped.add(name)
        return kept if name in self.dropped else found

    def _is(self, release: Package, read: Callable[[Package], Package]) -> bool:
        key = (str(release.name), release.version)
        if key not in self._known:
            try:
                self._known[key] = excludes_any(read(release), self.only)
            except NotServedError:
                self._known[key] = False
        return self._known[key]


def exclusions(only: Mapping[str, Version], pins: Iterable[Package]) -> Exclusions:
    """Return the pins that cannot stay beside these versions, by what they need."""
    pinned: dict[str, Version] = {}
    for pin in pins:
        if pin.name not in only and not pin.is_direct_origin() and excludes_any(pin, only):
            pinned[pin.name] = min(pin.version, pinned.get(pin.name, pin.version))
    return Exclusions(only, pinned)


def excludes_any(package: Package, only: Mapping[str, Version]) -> bool:
    """Whether a package needs another version of one of these wherever it is installed."""
    return any(
        need.name in only
        and need.marker.is_any()
        and not need.is_optional()
        and not need.is_direct_origin()
        and not need.constraint.allows(only[need.name])
        for need in package.requires
    )
