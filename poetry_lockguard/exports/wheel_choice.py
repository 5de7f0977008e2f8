"""Which one file of a pin an installer takes in a target, or what it would do without one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from packaging.utils import parse_wheel_filename

from poetry_lockguard.errors import UsageError
from poetry_lockguard.snapshots.compatible_files import installable
from poetry_lockguard.snapshots.origins import Directory, Git, Index, LocalFile, PyPI, Url
from poetry_lockguard.targets.target import wheel_tags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from packaging.tags import Tag
    from packaging.utils import BuildTag

    from poetry_lockguard.snapshots.document import PackageEntry, TargetEntry


@dataclass(frozen=True, slots=True)
class Wheel:
    """It is unpacked."""

    file: str


@dataclass(frozen=True, slots=True)
class Built:
    """It is built there, from a source archive or from what is checked out."""

    origin: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """No file of the pin installs there."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The snapshot does not say which file; ``reason`` says why."""

    reason: str


Choice = Wheel | Built | Nothing | Unknown


def choice(name: str, entry: PackageEntry, target: TargetEntry) -> Choice:
    """Choose as Poetry's installer does: the highest build, then the most specific tag."""
    match entry.source:
        case Git():
            return Built("the repository")
        case Directory(path=path):
            return Built(path)
        case Url(url=place) | LocalFile(path=place) if not entry.files:
            return _among_files(name, replace(entry, files={_file(place): ""}), target)
        case PyPI() | Index() if not entry.files:
            return Unknown("the index gave no files")
        case _:
            return _among_files(name, entry, target)


def _file(place: str) -> str:
    return place.partition("#")[0].partition("?")[0].rpartition("/")[2]


def _among_files(name: str, entry: PackageEntry, target: TargetEntry) -> Choice:
    try:
        found = installable(name, entry, target)
    except UsageError as error:
        return Unknown(str(error))
    if found.wheels:
        ranks = _ranks(".".join(target.python.split(".")[:2]), target)
        return Wheel(max(found.wheels, key=lambda file: _preference(file, ranks)))
    if found.sdist:
        return Built(found.sdist)
    if not isinstance(entry.source, (PyPI, Index)):  # such an archive may be called anything
        archives = sorted(file for file in entry.files if not file.endswith(".whl"))
        return Built(archives[0]) if archives else Nothing()
    return Nothing()


def _preference(file: str, ranks: Mapping[Tag, int]) -> tuple[BuildTag, int, str]:
    build, tags = _parsed(file)
    return build, -min(ranks[tag] for tag in tags if tag in ranks), file


@cache
def _parsed(file: str) -> tuple[BuildTag, frozenset[Tag]]:
    _, _, build, tags = parse_wheel_filename(file)
    return build, tags


def _ranks(minor: str, target: TargetEntry) -> Mapping[Tag, int]:
    return _rank_of(minor, target.implementation, target.platform)


@cache
def _rank_of(minor: str, implementation: str, platform: str) -> Mapping[Tag, int]:
    return {tag: rank for rank, tag in enumerate(wheel_tags(minor, implementation, platform))}
