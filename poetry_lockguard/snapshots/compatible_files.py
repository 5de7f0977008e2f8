"""Which files of a pin install in a target: wheels by tag, and one source distribution."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from poetry_lockguard.targets.target import wheel_tags

if TYPE_CHECKING:
    from packaging.tags import Tag

    from poetry_lockguard.snapshots.document import PackageEntry, TargetEntry
    from poetry_lockguard.targets.target import Target


@dataclass(frozen=True, slots=True)
class Installable:
    """File names, sorted; ``sdist`` is the source distribution to build where no wheel fits."""

    wheels: tuple[str, ...]
    sdist: str | None

    def __or__(self, other: Installable) -> Installable:
        """Join what installs in two targets."""
        return Installable(tuple(sorted({*self.wheels, *other.wheels})), self.sdist)

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.wheels, self.sdist) if self.sdist else self.wheels


def installable(name: str, entry: PackageEntry, target: TargetEntry | Target) -> Installable:
    """Choose from a pin's files what installs in a target, and agrees with the pin's name."""
    accepted = _accepted(".".join(target.python.split(".")[:2]), target)
    wheels = [file for file in entry.files if not accepted.isdisjoint(_tags(file, name))]
    sdists = [file for file in entry.files if _is_sdist(file, name)]
    # Of two archives of the same sources, every installer reads .tar.gz.
    sdists.sort(key=lambda file: (not file.endswith(".tar.gz"), file))
    return Installable(tuple(sorted(wheels)), next(iter(sdists), None))


def _accepted(minor: str, target: TargetEntry | Target) -> frozenset[Tag]:
    return _tag_set(minor, target.implementation, target.platform)


@cache
def _tag_set(minor: str, implementation: str, platform: str) -> frozenset[Tag]:
    return frozenset(wheel_tags(minor, implementation, platform))


@cache
def _tags(file: str, name: str) -> frozenset[Tag]:
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename

    if not file.endswith(".whl"):
        return frozenset()
    try:
        own, _, _, tags = parse_wheel_filename(file)
    except InvalidWheelFilename:
        return frozenset()
    return tags if own == name else frozenset()


@cache
def _is_sdist(file: str, name: str) -> bool:
    from packaging.utils import InvalidSdistFilename, parse_sdist_filename

    try:
        own, _ = parse_sdist_filename(file)
    except InvalidSdistFilename:
        return False
    return own == name
