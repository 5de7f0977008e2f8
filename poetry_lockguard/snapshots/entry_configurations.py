"""The configurations of a snapshot, in the form in which they are resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.targets.configuration import Configuration
from poetry_lockguard.targets.target import Target

if TYPE_CHECKING:
    from poetry_lockguard.snapshots.document import ConfigurationEntry, Snapshot


def of_snapshot(snapshot: Snapshot | None) -> dict[str, Configuration]:
    """Return the configurations of a snapshot, by name."""
    entries = {} if snapshot is None else snapshot.configurations
    return {name: from_entry(name, entry) for name, entry in entries.items()}


def from_entry(name: str, entry: ConfigurationEntry) -> Configuration:
    """Return a configuration of a snapshot."""
    target = entry.target
    return Configuration(
        name=name,
        target=Target(
            python=target.python,
            implementation=target.implementation,
            platform=target.platform,
            markers=dict(target.markers),
        ),
        groups=entry.groups,
        extras=entry.extras,
    )
