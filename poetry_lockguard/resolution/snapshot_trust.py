"""Whether a snapshot contains only what was requested: the trust rules of locks apply to it."""

from __future__ import annotations

import os
import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name, canonicalize_version

from poetry_lockguard.freshness import trust
from poetry_lockguard.freshness.policed import forbidden
from poetry_lockguard.freshness.review.against import hashes, other_content
from poetry_lockguard.freshness.trusting import readable
from poetry_lockguard.lockfile.damage import LockDamage
from poetry_lockguard.lockfile.document import File, Lock, Pin, Source
from poetry_lockguard.lockfile.lock_bytes import read as read_lock
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.manifest.content_hash import newest_hash
from poetry_lockguard.outcomes import Problem, Severity
from poetry_lockguard.policy.admission import moment
from poetry_lockguard.policy.enforcement import Judged
from poetry_lockguard.policy.release_ages import DatedPin, recorded
from poetry_lockguard.printable import tamed
from poetry_lockguard.settings import parse as parse_settings
from poetry_lockguard.snapshots import origins
from poetry_lockguard.snapshots.format.checks import is_relative
from poetry_lockguard.snapshots.usage import pins, used, used_in_any_way, used_to_build
from poetry_lockguard.targets.declared import declared_configurations
from poetry_lockguard.urls import comparable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.snapshots.document import ConfigurationEntry, PackageEntry, Snapshot
    from poetry_lockguard.snapshots.usage import Key


def problems(
    manifest: Manifest,
    snapshot: Snapshot,
    folder: Path,
    file: str,
    names: Collection[str],
) -> Iterator[Problem]:
    """Yield what these configurations of a snapshot install although it was not requested.

    That is a source that the manifest does not declare, a pin that nothing needs, other content or
    another source than in ``poetry.lock``, and what the policy forbids. ``folder`` is the
    snapshot's, ``file`` what the problems call it. Raises SettingsError for unusable settings.
    """
    seen: set[Problem] = set()
    for bound, alike in _by_sources(manifest, names).items():
        for problem in _problems(manifest, snapshot, folder, file, alike, dict(bound)):
            if problem not in seen:
                seen.add(problem)
                yield problem
    yield from _ages(manifest, snapshot, file, names)


def _ages(
    manifest: Manifest, snapshot: Snapshot, file: str, names: Collection[str]
) -> Iterator[Problem]:
    """Yield the pins that the policy's ``min-age`` forbids, by the upload times in the snapshot."""
    policy = parse_settings(manifest.settings, str(manifest.path)).policy
    if policy is None or policy.min_age is None:
        return
    keys = {key for name in names for key in used_in_any_way(snapshot.configurations[name])}
    dated = [
        DatedPin(
            name=name,
            version=entry.version,
            uploaded=tuple(map(moment, entry.facts.upload_times.values())),
            file=file,
        )
        for (name, pin), entry in pins(snapshot).items()
        if (name, pin) in keys and isinstance(entry.source, origins.PyPI | origins.Index)
    ]
    yield from recorded(dated, file, policy, datetime.now(tz=timezone.utc))


def _by_sources(
    manifest: Manifest, names: Collection[str]
) -> dict[tuple[tuple[str, trust.BoundSource], ...], list[str]]:
    """Group configurations by the sources that the settings declare for them."""
    settings = parse_settings(manifest.settings, str(manifest.path))
    declared = declared_configurations(manifest, settings)
    found: dict[tuple[tuple[str, trust.BoundSource], ...], list[str]] = {}
    for name in names:
        sources = declared[name].variant.sources if name in declared else ()
        bound = tuple((one, trust.BoundSource(at.name, at.url)) for one, at in sources)
        found.setdefault(bound, []).append(name)
    return found or {(): []}


def _problems(  # noqa: PLR0913, PLR0917 - as ``problems``, and the sources that are bound
    manifest: Manifest,
    snapshot: Snapshot,
    folder: Path,
    file: str,
    names: Collection[str],
    bound: Mapping[str, trust.BoundSource],
) -> Iterator[Problem]:
    """Yield the problems of configurations that have the same sources."""
    found = _as_lock(snapshot, folder, names, used)
    is_in_step = snapshot.project.content_hash == newest_hash(manifest.data)
    yield from trust.problems(
        manifest, found, readable, is_in_step=is_in_step, held_in=file, bound=bound
    )
    yield from _unneeded(manifest, snapshot, found, file, is_in_step=is_in_step)
    yield from _disagreements(manifest, found, file, bound)
    building = _as_lock(snapshot, folder, names, used_to_build)
    if building.pins:
        yield from trust.problems(
            manifest, building, readable, is_in_step=is_in_step, held_in=file, bound=bound
        )
        yield from _unneeded_builds(manifest, snapshot, building, file)
    policy = parse_settings(manifest.settings, str(manifest.path)).policy
    if policy is not None:
        judged = (_judged(pin, file) for pin in (*found.pins, *building.pins))
        yield from forbidden(manifest, policy, judged, [one.url for one in bound.values()])


def reasons(
    manifest: Manifest, snapshot: Snapshot, folder: Path, file: str, names: Collection[str]
) -> tuple[str, ...]:
    """Return the messages of those problems that are errors."""
    found = problems(manifest, snapshot, folder, file, names)
    return tuple(
        f"{file}: {problem.message}" for problem in found if problem.severity is Severity.ERROR
    )


def _as_lock(
    snapshot: Snapshot,
    folder: Path,
    names: Collection[str],
    keys_of: Callable[[ConfigurationEntry], Collection[Key]],
) -> Lock:
    """Return those pins of these configurations that ``keys_of`` gives as a lock's."""
    keys = {key for name in names for key in keys_of(snapshot.configurations[name])}
    entries = {key: entry for key, entry in pins(snapshot).items() if key in keys}
    return Lock(
        generator=None,
        lock_version="2.1",
        content_hash=snapshot.project.content_hash,
        python_versions=None,
        extras={},
        pins=tuple(_pin(name, entry, folder) for (name, _), entry in entries.items()),
        raw={},
    )


def _pin(name: str, entry: PackageEntry, folder: Path) -> Pin:
    dependencies: dict[str, tuple[str | dict[str, Any], ...]] = {}
    for text in entry.dependencies:
        needed = canonicalize_name(re.split(r"[^\w.-]", text, maxsplit=1)[0])
        dependencies[needed] = (*dependencies.get(needed, ()), _constraint(text, folder))
    return Pin(
        name=name,
        version=entry.version,
        source=_source(entry.source, folder),
        python_versions="*",
        optional=False,
        groups=(),
        markers=None,
        files=tuple(File(name=file, hash=hash_) for file, hash_ in entry.files.items()),
        dependencies=dependencies,
        extras={},
        line=1,
        raw={},
    )


def _constraint(text: str, folder: Path) -> str | dict[str, Any]:
    """Return a requirement; one that names a path as a lock's table, its path absolute."""
    _, at, where = text.partition(" ; ")[0].partition(" @ ")
    is_path = bool(at) and "://" not in where and not where.startswith("git+")
    return {"path": os.path.realpath(folder / where)} if is_path else text


def _source(source: origins.SnapshotSource, folder: Path) -> Source | None:
    match source:
        case origins.PyPI():
            return None
        case origins.Index(name=name, url=url):
            return Source(kind="legacy", url=url, reference=name)
        case origins.Git(url=url, commit=commit, reference=reference, subdirectory=below):
            where = os.path.realpath(folder / url) if is_relative(url) else url
            return Source(
                kind="git",
                url=where,
                reference=reference,
                resolved_reference=commit,
                subdirectory=below,
            )
        case origins.Url(url=url, subdirectory=below):
            return Source(kind="url", url=url, subdirectory=below)
        case origins.LocalFile(path=path, subdirectory=below):
            return Source(kind=source.type, url=os.path.realpath(folder / path), subdirectory=below)
        case origins.Directory(path=path):
            return Source(kind=source.type, url=os.path.realpath(folder / path))


def _unneeded(
    manifest: Manifest, snapshot: Snapshot, found: Lock, file: str, *, is_in_step: bool
) -> Iterator[Problem]:
    """Yield the pins that no requirement leads to: of the manifest, or as the snapshot has them."""
    names = trust.of_manifest(manifest).names if is_in_step else _recorded(snapshot)
    alone = trust.unreached(names, found.pins)
    for pin in found.pins:
        if pin.name in alone:
            yield Problem(
                code=trust.UNNEEDED,
                message=(
                    f"{pin.name}: pinned at {pin.version}, but nothing needs it, and an install"
                    f" would add it; restore {file} from git, or run `poetry lockguard snapshot"
                    " create`"
                ),
                package=pin.name,
                locked=pin.version,
                file=file,
            )


def _unneeded_builds(
    manifest: Manifest, snapshot: Snapshot, building: Lock, file: str
) -> Iterator[Problem]:
    """Yield the pins for builds that nothing is built with."""
    own = manifest.data.get("build-system", {}).get("requires", ())
    texts = [text for entry in pins(snapshot).values() for text in entry.build_requires or ()]
    alone = trust.unreached(frozenset(map(_name, (*own, *texts))), building.pins)
    for pin in building.pins:
        if pin.name in alone:
            yield Problem(
                code=trust.UNNEEDED,
                message=(
                    f"{pin.name}: pinned at {pin.version} to build packages, but none is built"
                    f" with it; restore {file} from git, or run `poetry lockguard snapshot create`"
                ),
                package=pin.name,
                locked=pin.version,
                file=file,
            )


def _name(requirement: str) -> str:
    return canonicalize_name(re.split(r"[^\w.-]", requirement, maxsplit=1)[0])


def _recorded(snapshot: Snapshot) -> frozenset[str]:
    texts = (text for group in snapshot.project.requirements.values() for text in group)
    return frozenset(map(_name, texts))


def _disagreements(
    manifest: Manifest, found: Lock, file: str, bound: Collection[str]
) -> Iterator[Problem]:
    """Yield the pins of which the lock has the same version with another source or content.

    Those that a variant takes from a source of its own (``bound``) may differ.
    """
    try:
        lock = parse(read_lock(manifest.lock_path))
    except (FileNotFoundError, LockDamage):
        return
    held: dict[tuple[str, str], list[Pin]] = {}
    for pin in lock.pins:
        held.setdefault((pin.name, canonicalize_version(pin.version)), []).append(pin)
    for pin in found.pins:
        same = held.get((pin.name, canonicalize_version(pin.version)), [])
        if pin.name in bound:
            continue
        if same and (disagreement := _disagreement(pin, same, manifest.folder)):
            code, what = disagreement
            yield Problem(
                code=code,
                message=(
                    f"{pin.name}: {what}; find out why, or run `poetry lockguard snapshot sync`"
                ),
                package=pin.name,
                locked=pin.version,
                file=file,
            )


def _disagreement(pin: Pin, same: list[Pin], folder: Path) -> tuple[str, str] | None:
    """Return the code and the words of a disagreement with the lock's pins of one version."""
    alike = [one for one in same if _place(one, folder) == _place(pin, folder)]
    if not alike:
        where, there = _called(pin.source), " and ".join(_called(one.source) for one in same)
        return "lock-differs", f"{pin.version} comes from {where}, but in poetry.lock from {there}"
    then = {name: hash_ for one in alike for name, hash_ in hashes(one.files).items()}
    what = other_content(pin.version, hashes(pin.files), then, "in poetry.lock")
    return None if what is None else ("content-replaced", what)


def _place(pin: Pin, folder: Path) -> tuple[str, ...] | None:
    if pin.source is None:
        return None
    if pin.source.kind == "legacy":
        return "legacy", comparable(pin.source.url).lower()
    origin = trust.origin_of(pin, folder)
    return None if origin is None else (pin.source.kind, origin.address)


def _called(source: Source | None) -> str:
    return "PyPI" if source is None else f"the {source.kind} {tamed(comparable(source.url))}"


def _judged(pin: Pin, file: str) -> Judged:
    kind, url = ("", "") if pin.source is None else (pin.source.kind, pin.source.url)
    return Judged(name=pin.name, version=pin.version, kind=kind, url=url, file=file)
