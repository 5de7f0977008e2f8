"""A digest of what configurations install, as a key for caches and container layers."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from poetry_lockguard.snapshots import compatible_files, origins
from poetry_lockguard.snapshots.usage import pins
from poetry_lockguard.targets.target import wheel_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from poetry_lockguard.snapshots.document import (
        ConfigurationEntry,
        PackageEntry,
        Resolved,
        Snapshot,
        TargetEntry,
    )


def digest(snapshot: Snapshot, names: Iterable[str]) -> str:
    """Return 64 hexadecimal digits that change exactly when what is installed changes.

    They cover the targets, and of each package its version, its source, and the file that its
    target takes. Neither the manifest nor names, files of other targets or times count.
    """
    every = [_configuration(snapshot, snapshot.configurations[name]) for name in names]
    ordered = sorted(json.dumps(one, sort_keys=True, separators=(",", ":")) for one in every)
    return hashlib.sha256("\n".join(ordered).encode()).hexdigest()


def _configuration(snapshot: Snapshot, entry: ConfigurationEntry) -> dict[str, Any]:
    target = entry.target
    return {
        "target": [target.python, target.implementation, target.platform],
        "packages": _packages(snapshot, entry.packages, target),
        **_builds(snapshot, entry),
    }


def _packages(
    snapshot: Snapshot, packages: Mapping[str, Resolved], target: TargetEntry
) -> dict[str, Any]:
    held = pins(snapshot)
    return {
        name: [
            one.version,
            origins.fields(one.source),
            _files(name, held[name, (one.version, one.source)], target),
        ]
        for name, one in packages.items()
    }


def _builds(snapshot: Snapshot, entry: ConfigurationEntry) -> dict[str, Any]:
    """Return what builds packages, if any package is built: the project itself does not count."""
    held = pins(snapshot)
    keys = ((name, (one.version, one.source)) for name, one in entry.packages.items())
    if not any(held[key].build_requires is not None for key in keys):
        return {}
    sets = {"": entry.build, **entry.build_apart}
    return {"build": {name: _packages(snapshot, one, entry.target) for name, one in sets.items()}}


def _files(name: str, pin: PackageEntry, target: TargetEntry) -> list[list[str]]:
    """Return the file that the target takes, with its hash; all of them where none is known to."""
    fitting = compatible_files.installable(name, pin, target)
    if fitting.wheels:
        chosen: Sequence[str] = [_best(fitting.wheels, target)]
    else:
        chosen = [fitting.sdist] if fitting.sdist else sorted(pin.files)
    return [[file, pin.files[file]] for file in chosen]


def _best(wheels: Sequence[str], target: TargetEntry) -> str:
    """Return the wheel whose tag the target prefers; with the same tag, the newest build."""
    from packaging.utils import parse_wheel_filename

    minor = ".".join(target.python.split(".")[:2])
    ranks = {
        tag: rank
        for rank, tag in enumerate(wheel_tags(minor, target.implementation, target.platform))
    }

    def order(file: str) -> tuple[int, tuple[int, str]]:
        _, _, build, tags = parse_wheel_filename(file)
        number, text = build or (0, "")
        return min(ranks.get(tag, len(ranks)) for tag in tags), (-number, text)

    return min(wheels, key=order)
