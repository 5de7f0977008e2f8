"""Split a snapshot by configuration, and drop unused pins.

Unused pins are kept for the next resolution. Every part gets them, so that merging the parts again
restores the original.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from poetry_lockguard.errors import UsageError
from poetry_lockguard.nearest_names import suggestion
from poetry_lockguard.snapshots.usage import packages, pins, used_in_any_way, users

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from poetry_lockguard.snapshots.document import ConfigurationEntry, Snapshot


def named(snapshot: Snapshot, name: str) -> ConfigurationEntry:
    """Return the configuration of this name; raise a UsageError with the nearest ones."""
    if name in snapshot.configurations:
        return snapshot.configurations[name]
    none = "the snapshot has no configurations"
    near = suggestion(name, snapshot.configurations, none=none)
    raise UsageError(f"no configuration is named {name}{near}")


def select(snapshot: Snapshot, names: Iterable[str]) -> Snapshot:
    """Return these configurations with their pins, and the pins that wait for one.

    Raises UsageError for a configuration that is not there.
    """
    chosen = {name: named(snapshot, name) for name in names}
    wanted = frozenset[object]().union(*map(used_in_any_way, chosen.values()))
    elsewhere = users(snapshot).keys() - wanted
    kept = {key: entry for key, entry in pins(snapshot).items() if key not in elsewhere}
    return replace(snapshot, configurations=chosen, packages=packages(kept))


def split(snapshot: Snapshot) -> Mapping[str, Snapshot]:
    """Return each configuration as a snapshot of its own; merged, they are this one again."""
    return {name: select(snapshot, [name]) for name in snapshot.configurations}


def clean(snapshot: Snapshot) -> Snapshot:
    """Drop the pins that no configuration uses."""
    held = users(snapshot)
    kept = {key: entry for key, entry in pins(snapshot).items() if key in held}
    return replace(snapshot, packages=packages(kept))
