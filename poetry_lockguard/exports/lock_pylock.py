"""``pylock.toml`` (PEP 751) straight from a lock: universal, or for one configuration.

Without a choice of groups and extras the file offers all of them: the packages of ``main`` are
always installed, those of other groups and of extras where they are asked for.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from poetry_lockguard.errors import LockguardError
from poetry_lockguard.exports import marker_trees, toml_text
from poetry_lockguard.exports.file_seal import sealed
from poetry_lockguard.exports.lock_entries import whole
from poetry_lockguard.exports.lock_selection import placed_where
from poetry_lockguard.exports.outcome import Export, Exported, Refused
from poetry_lockguard.exports.pylock import CREATED_BY, NO_PYLOCK
from poetry_lockguard.snapshots.compatible_files import installable
from poetry_lockguard.snapshots.origins import Index, PyPI

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from packaging.utils import NormalizedName

    from poetry_lockguard.exports.lock_selection import PlacedPin
    from poetry_lockguard.exports.marker_trees import MarkerTree
    from poetry_lockguard.exports.outcome import Places
    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.manifest.requirements import Declaration
    from poetry_lockguard.snapshots.compatible_files import Installable
    from poetry_lockguard.snapshots.document import PackageEntry
    from poetry_lockguard.snapshots.usage import Key
    from poetry_lockguard.targets.target import Target

MAIN = "main"


def placed_for_everybody(manifest: Manifest, lock: Lock) -> list[PlacedPin]:
    """Return all pins, their markers in the language of PEP 751 for extras and groups."""
    return placed_where(
        manifest,
        lock,
        lambda trees: marker_trees.any_of(
            tree if group == MAIN else _in_group(tree, group) for group, tree in trees.items()
        ),
        lambda name: f"'{name}' in extras",
    )


def _in_group(tree: MarkerTree, group: str) -> MarkerTree:
    return marker_trees.all_of([f"'{group}' in dependency_groups", tree])


def index_files(pins: Iterable[PlacedPin], target: Target | None) -> dict[Key, PackageEntry]:
    """Return the pins whose files' addresses have to be known, each with only these files."""
    return {
        (one.pin.name, one.entry.pin): replace(
            one.entry,
            files={name: one.entry.files[name] for name in _chosen(one, target).names},
        )
        for one in pins
        if isinstance(one.entry.source, PyPI | Index)
    }


def _chosen(one: PlacedPin, target: Target | None) -> Installable:
    """Return the files of a pin that the file lists."""
    if target is not None and isinstance(one.entry.source, PyPI | Index):
        return installable(one.pin.name, one.entry, target)
    return whole(one.pin.name, one.entry).files


def pylock_of_lock(
    lock: Lock,
    pins: Sequence[PlacedPin],
    places: Places,
    offered: Declaration | None,
    target: Target | None,
) -> Export:
    """Write the ``pylock.toml`` of these pins, or return every reason against it.

    ``offered`` declares the groups and extras that may be asked for, if any may be. Raises
    LockguardError when the installed ``packaging`` cannot write such files.
    """
    try:
        from poetry_lockguard.exports.pylock_packages import Part, UnfitError, package
    except ModuleNotFoundError as error:
        raise LockguardError(NO_PYLOCK) from error
    packages, reasons = [], []
    for one in pins:
        part = Part(
            name=cast("NormalizedName", one.pin.name),
            entry=one.entry,
            marker=one.marker or None,
            files=_chosen(one, target),
        )
        try:
            packages.append(package(part, places))
        except UnfitError as error:
            reasons.append(f"{one.pin.name} {one.pin.version}: {error}")
    if reasons:
        return Refused(tuple(reasons))
    from packaging.pylock import PylockValidationError

    try:
        document = _document(lock, packages, offered)
    except PylockValidationError as error:
        return Refused((f"the lock makes no valid pylock.toml: {error}",))
    return Exported(text=sealed("\n" + toml_text.dumps(document)))


def _document(lock: Lock, packages: Any, offered: Declaration | None) -> Mapping[str, Any]:
    from packaging.pylock import Pylock
    from packaging.version import Version

    groups = sorted({*offered.groups} - {MAIN}) if offered else []
    file = Pylock(
        lock_version=Version("1.0"),
        requires_python=_specifier(lock.python_versions),
        extras=cast("Any", sorted(offered.extras) or None) if offered else None,
        dependency_groups=groups or None,
        created_by=CREATED_BY,
        packages=packages,
    )
    document = file.to_dict()
    Pylock.from_dict(document)
    return document


def _specifier(text: str | None) -> Any:
    from packaging.specifiers import SpecifierSet

    try:
        return SpecifierSet(text) if text and text != "*" else None
    except ValueError:  # of a range that only Poetry can write, such as one with ||
        return None
