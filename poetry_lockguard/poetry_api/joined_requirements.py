"""What a package always needs and an extra of it needs, too, which Poetry makes one requirement.

Poetry joins both while it solves, in place, in the package that the index gave. A package that is
asked for without the extra then lacks what it needs, so the solver gets copies here, and both are
written as one only where nobody asks for the package without the extra.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from poetry_lockguard.lockfile.notation import holds_without_extras, when_no_extra
from poetry_lockguard.poetry_api import private
from poetry_lockguard.poetry_api.cloning import clone
from poetry_lockguard.reachability import reachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any, TypeVar

    from packaging.utils import NormalizedName
    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.package import Package

    Info = TypeVar("Info")

    Merge = Callable[[Iterable[Dependency]], list[Dependency]]

#: the mark of a requirement of an extra that took the place of one that is always there; copies
#: keep it
_JOINED = "lockguard_is_joined"


def merged_apart(merge: Merge, dependencies: Iterable[Dependency]) -> list[Dependency]:
    """Return what Poetry's own ``merge`` makes of copies of the requirements."""
    copies = [*map(clone, dependencies)]
    always = [one for one in copies if not one.in_extras]
    merged = merge(copies)
    for one in always:
        if one.in_extras:  # by now
            one.__dict__[_JOINED] = True
    return merged


def as_read(package: Package) -> Package:
    """Return a package of a lock with both requirements, the one that is always there first.

    Poetry would take the joined requirement for one of the extra alone.
    """
    if not any(map(_is_joined, package.requires)):
        return package
    apart = [part for needed in package.requires for part in _apart(needed)]
    return _requiring(package, apart)


def _apart(needed: Dependency) -> Iterator[Dependency]:
    if _is_joined(needed):
        always = needed.with_constraint(needed.constraint)
        private.require_always(always)
        always.marker = when_no_extra(needed.marker)
        yield always
    yield needed


def _is_joined(needed: Dependency) -> bool:
    return bool(needed.in_extras) and holds_without_extras(needed.marker)


def as_written(root: Package, packages: Mapping[Package, Info]) -> dict[Package, Info]:
    """Return the packages of a new lock with both requirements as one where Poetry writes one.

    A package that something requires without the extra keeps both. From a joined requirement a
    Poetry that solves again before it installs would not install it for them.
    """
    asked = _Asked(root, packages)
    return {_joined(package, asked): info for package, info in packages.items()}


def _joined(package: Package, asked: _Asked) -> Package:
    joined = [one for one in package.requires if _JOINED in one.__dict__]
    kept = [
        one
        for one in package.requires
        if not any(_is_part(one, whole) and asked.always(package, whole) for whole in joined)
    ]
    return package if len(kept) == len(package.requires) else _requiring(package, kept)


def _is_part(always: Dependency, joined: Dependency) -> bool:
    return (
        not always.in_extras and always == joined and always.marker == when_no_extra(joined.marker)
    )


def _requiring(package: Package, needed: Iterable[Dependency]) -> Package:
    changed = package.with_dependency_groups([], only=True)
    for one in needed:
        changed.add_dependency(one)
    return changed


class _Asked:
    """Which extras of each package the others ask for, each requirement apart."""

    def __init__(self, root: Package, packages: Iterable[Package]) -> None:
        self._extras: dict[NormalizedName, set[frozenset[Any]]] = {}
        for package in (root, *packages):
            for needed in package.all_requires:
                self._extras.setdefault(needed.name, set()).add(frozenset(needed.extras))

    def always(self, package: Package, joined: Dependency) -> bool:
        """Whether all that require a package ask for an extra that a requirement of it is of."""
        wanted = {*map(canonicalize_name, joined.in_extras)}
        return all(
            not wanted.isdisjoint(_with_others(package, extras))
            for extras in self._extras.get(package.name, ())
        )


def _with_others(package: Package, extras: Iterable[Any]) -> set[Any]:
    """Return extras of a package with those that they ask of the package itself."""
    return {
        *reachable(
            extras,
            lambda extra: (
                other
                for needed in package.extras.get(extra, ())
                if needed.name == package.name
                for other in needed.extras
            ),
        )
    }
