"""Between Poetry's packages and a snapshot's pins: what a pin needs to say, and back."""

from __future__ import annotations

import os
import re
from itertools import pairwise
from pathlib import Path, PurePath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

from poetry.core.constraints.version import EmptyConstraint, VersionUnion
from poetry.core.packages.directory_dependency import DirectoryDependency
from poetry.core.packages.path_dependency import PathDependency
from poetry.core.packages.vcs_dependency import VCSDependency
from poetry.inspection.info import PackageInfo

from poetry_lockguard.errors import LockguardError
from poetry_lockguard.poetry_api import private
from poetry_lockguard.snapshots.document import PackageEntry
from poetry_lockguard.snapshots.format.checks import is_relative
from poetry_lockguard.snapshots.format.file_facts import NOTHING_KNOWN, facts_of
from poetry_lockguard.snapshots.origins import (
    Directory,
    Git,
    Index,
    LocalFile,
    PyPI,
    SnapshotSource,
    Url,
)
from poetry_lockguard.urls import has_credentials

# name, versions, marker
_UNION = re.compile(r"([^()@;]+) \(((?=[^()]*\|\|)[^()]*|<empty>)\)( ; .*)?")
_NOTHING = str(EmptyConstraint())
_RELATIVE_GIT = re.compile(r"@ git\+(\.[^@#;\s]*)")

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.utils import NormalizedName
    from poetry.core.constraints.version import Version, VersionRangeConstraint
    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.package import Package


def entry(package: Package, folder: Path, dependencies: Iterable[Dependency]) -> PackageEntry:
    """Return the pin of a package; ``folder`` is the snapshot's, which paths are relative to."""
    python = package.python_versions
    is_of_index = package.source_type in {None, "legacy"}
    return PackageEntry(
        version=package.version.text,
        source=source(package, folder),
        requires_python=None if python == "*" else python,
        dependencies=tuple(requirement(one, folder) for one in dependencies),
        files={file["file"]: file["hash"] for file in package.files},
        facts=facts_of(package.files) if is_of_index else NOTHING_KNOWN,
    )


def source(package: Package, folder: Path) -> SnapshotSource:
    """Say where a package comes from."""
    url = package.source_url or ""
    below = package.source_subdirectory
    match package.source_type:
        case "git":
            return Git(
                url=_repository(_without_secret(url, package), folder),
                commit=package.source_resolved_reference,
                reference=package.source_reference,
                subdirectory=below,
            )
        case "url":
            return Url(url=_without_secret(url, package), subdirectory=below)
        case "file":
            return LocalFile(path=_relative(url, folder), subdirectory=below)
        case "directory":
            return Directory(path=_relative(url, folder), editable=bool(package.develop))
        case "legacy":
            name = package.source_reference or ""
            return Index(name=name, url=_without_secret(url, package))
        case _:
            return PyPI()


def _without_secret(url: str, package: Package) -> str:
    if has_credentials(url):
        raise LockguardError(
            f"{package.name}: its URL contains credentials, which must not be in a snapshot;"
            " take them out of pyproject.toml (poetry config http-basic keeps them)"
        )
    return url


def _repository(url: str, folder: Path) -> str:
    """Return a repository's address; one on this disk as the way there."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return _relative(url2pathname(parts.path), folder)
    return url


def _relative(path: str, folder: Path) -> str:
    """Return the way from the snapshot's folder to a path, both with symlinks resolved."""
    try:
        way = os.path.relpath(Path(os.path.realpath(folder / path)), os.path.realpath(folder))
    except ValueError as error:  # another drive
        raise LockguardError(
            f"{path}: there is no relative path to it from {folder}, and a snapshot contains no"
            " absolute one; move it to the same drive"
        ) from error
    return PurePath(way).as_posix()


def requirement(dependency: Dependency, folder: Path) -> str:
    """Return a requirement as PEP 508, its markers in single quotes, its paths relative."""
    if isinstance(dependency, PathDependency):
        text = f"{_name(dependency)} @ {_relative(str(dependency.full_path), folder)}"
        plain = dependency.with_constraint("*") if hasattr(dependency, "with_constraint") else None
        marker = _marker(plain or dependency)
        text += f" ; {marker}" if marker else ""
    elif isinstance(dependency.constraint, VersionUnion):
        named, by, marker = dependency.with_constraint("*").to_pep_508().partition(" ; ")
        text = f"{named} ({_union(dependency.constraint)}){by}{marker}"
    else:
        text = dependency.to_pep_508()
        if isinstance(dependency, VCSDependency):
            text = text.replace(dependency.source, _repository(dependency.source, folder))
        if has_credentials(text):
            marker = _marker(dependency)
            text = f"{_name(dependency)} ; {marker}" if marker else _name(dependency)
    head, semicolon, markers = text.partition(" ; ")
    if "'" not in markers:
        markers = markers.replace('"', "'")
    return f"{head}{semicolon}{markers}"


def _union(versions: VersionUnion) -> str:
    """Return a union of ranges with ``!=`` where that says it, else as Poetry writes it.

    Which of the two Poetry itself writes depends on its version, and it cannot read back its own
    ``||`` (PEP 440 knows no such thing).
    """
    ranges = versions.ranges
    gaps = [*pairwise(ranges)]
    if any(not _is_one_version(below, above) for below, above in gaps):
        return str(versions)
    first, last = ranges[0], ranges[-1]
    parts = [f"!={above.min}" for _, above in gaps]
    if first.min is not None:
        parts.insert(0, f"{'>=' if first.include_min else '>'}{first.min}")
    if last.max is not None:
        parts.append(f"{'<=' if last.include_max else '<'}{last.max}")
    return ",".join(parts)


def _is_one_version(below: VersionRangeConstraint, above: VersionRangeConstraint) -> bool:
    """Return whether two ranges leave out exactly the version at which both end."""
    return (
        below.max is not None
        and below.max in {above.min, _before(above.min)}
        and not (below.include_max or above.include_min)
    )


def _before(version: Version | None) -> Version | None:
    """Return the version at which Poetry ends a range before another one: ``2.dev0`` for ``2``."""
    return None if version is None else version.first_devrelease()


def _name(dependency: Dependency) -> str:
    extras = ",".join(sorted(dependency.extras))
    return f"{dependency.pretty_name}[{extras}]" if extras else dependency.pretty_name


def _marker(dependency: Dependency) -> str:
    """Return the marker, the extras that bring the requirement among it."""
    by_extra = " or ".join(f"extra == '{extra}'" for extra in sorted(dependency.in_extras))
    own = "" if dependency.marker.is_any() else str(dependency.marker)
    if own and by_extra and "extra" not in own:
        return f"({own}) and ({by_extra})" if " or " in own + by_extra else f"{own} and {by_extra}"
    return own or by_extra


def package(name: str, pin: PackageEntry, folder: Path) -> Package:
    """Return a pin as Poetry's package; ``folder`` is the snapshot's.

    Raises LockguardError, with the place, for what Poetry cannot read.
    """
    try:
        return _package(name, pin, folder)
    except ValueError as error:
        raise _unreadable(f"packages.{name} ({pin.version})", error) from error


def _package(name: str, pin: PackageEntry, folder: Path) -> Package:
    kind, url, reference, resolved, below, develop = _origin(pin.source, folder)
    made = PackageInfo(
        name=name,
        version=pin.version,
        requires_python=pin.requires_python,
        files=[{"file": file, "hash": digest} for file, digest in sorted(pin.files.items())],
    ).to_package()
    private.set_source(made, kind, url, reference, resolved=resolved, subdirectory=below)
    made.develop = develop
    brought: dict[NormalizedName, list[Dependency]] = {}
    for text in pin.dependencies:
        one = readable(f"packages.{name} ({pin.version}): dependencies", text, folder)
        made.add_dependency(one)
        for extra in one.in_extras:
            brought.setdefault(extra, []).append(one)
    made.extras = brought
    return made


def with_own_extras(package: Package) -> Package:
    """Add the requirements by which extras of a package bring others of its own extras.

    Poetry writes these (``all = ["cloud[s3]"]``) into a lock's table of extras only.
    """
    brought: dict[str, list[str]] = {}
    for extra, requirements in package.extras.items():
        for one in requirements:
            if one.name == package.name:
                brought.setdefault(one.to_pep_508(with_extras=False), []).append(str(extra))
    for text, extras in sorted(brought.items()):
        package.add_dependency(_of_extras(text, sorted(extras)))
    return package


def _of_extras(text: str, extras: Iterable[str]) -> Dependency:
    """Read a requirement that each of some extras brings."""
    from poetry.core.packages.dependency import Dependency

    named, _, marker = text.partition(" ; ")
    by_extra = " or ".join(f"extra == '{extra}'" for extra in extras)
    whole = f"({marker}) and ({by_extra})" if marker else by_extra
    return Dependency.create_from_pep_508(f"{named} ; {whole}")


def readable(place: str, text: str, folder: Path) -> Dependency:
    """Read a requirement of a snapshot; LockguardError, with its place, if it is not one."""
    try:
        return dependency(text, folder)
    except ValueError as error:
        raise _unreadable(place, f"{text!r} is not a requirement") from error


def _unreadable(place: str, reason: object) -> LockguardError:
    return LockguardError(
        f"the snapshot's {place}: {reason}; restore the file from git, or"
        " make it again with `poetry lockguard snapshot create`"
    )


Origin = tuple[str | None, str | None, str | None, str | None, str | None, bool]


def _origin(origin: SnapshotSource, folder: Path) -> Origin:
    match origin:
        case PyPI():
            return None, None, None, None, None, False
        case Index(name=name, url=url):
            return "legacy", url, name, None, None, False
        case Git(url=url, commit=commit, reference=reference, subdirectory=below):
            address = _as_required(repository(url, folder))
            return "git", address, reference or commit, commit, below, False
        case Url(url=url, subdirectory=below):
            return "url", url, None, None, below, False
        case LocalFile(path=path, subdirectory=below):
            return "file", _absolute(path, folder), None, None, below, False
        case Directory(path=path, editable=editable):
            return "directory", _absolute(path, folder), None, None, None, editable


def repository(url: str, folder: Path) -> str:
    """Return a repository's address as git takes it; a way on this disk as a URL."""
    return Path(_absolute(url, folder)).as_uri() if is_relative(url) else url


def _as_required(url: str) -> str | None:
    """Spell the address as Poetry spells that of a requirement, so that it knows it again."""
    return VCSDependency("any", "git", url).source_url


def _absolute(path: str, folder: Path) -> str:
    return Path(os.path.realpath(folder / path)).as_posix()


def dependency(text: str, folder: Path) -> Dependency:
    """Read a requirement as a snapshot holds it; ``folder`` is the snapshot's."""
    if _is_by_path(text):
        return _by_path(text, folder)
    if (found := _UNION.fullmatch(text)) is not None:
        plain = _of_text(f"{found[1]}{found[3] or ''}")
        versions = EmptyConstraint() if found[2] == _NOTHING else found[2]
        return plain.with_constraint(versions)
    return _of_text(_RELATIVE_GIT.sub(lambda m: _reached(m, folder), text))


def _of_text(text: str) -> Dependency:
    from poetry.core.packages.dependency import Dependency

    try:
        return Dependency.create_from_pep_508(text)
    except AttributeError as error:  # it takes a name like x.zip for a file, and has none
        raise ValueError("its name looks like that of a file") from error


def _reached(found: re.Match[str], folder: Path) -> str:
    return f"@ git+{repository(found[1], folder)}"


def _is_by_path(text: str) -> bool:
    _, at, where = text.partition(" ; ")[0].partition(" @ ")
    return bool(at) and "://" not in where and not where.startswith("git+")


def _by_path(text: str, folder: Path) -> Dependency:
    """Read back a requirement that names a path."""
    from poetry.core.packages.file_dependency import FileDependency

    head, semicolon, marker = text.partition(" ; ")
    name, _, path = head.partition(" @ ")
    if not path.strip():
        raise ValueError("no address")
    plain = _of_text(f"{name}{semicolon}{marker}")
    where = Path(_absolute(path, folder))
    kind = FileDependency if where.suffix in {".whl", ".gz", ".zip"} else DirectoryDependency
    made: Dependency = kind(plain.name, where, extras=sorted(plain.extras))
    made.marker = plain.marker
    private.set_in_extras(made, plain.in_extras)
    return made
