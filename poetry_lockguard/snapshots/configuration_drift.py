"""What the settings say of a configuration now that they did not say when it was created."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.outcomes import Problem
from poetry_lockguard.snapshots.disagreement import listed
from poetry_lockguard.snapshots.entry_configurations import variant_sources

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from poetry_lockguard.snapshots.document import Snapshot
    from poetry_lockguard.targets.configuration import Configuration


def configuration_drift(
    snapshot: Snapshot, declared: Mapping[str, Configuration], file: str
) -> Iterator[Problem]:
    """Compare each declared configuration with its record; ``file`` is the snapshot's name."""
    for name in sorted({*declared} & {*snapshot.configurations}):
        now, then = _values(declared[name]), _recorded(snapshot, name)
        for part in now:
            if now[part] != then[part]:
                yield Problem(
                    code="configuration-changed",
                    message=(
                        f"{part} {then[part]} -> {now[part]} in pyproject.toml;"
                        f" `poetry lockguard snapshot create --config {name}` resolves it again"
                    ),
                    requested=now[part],
                    locked=then[part],
                    file=file,
                ).in_configuration(name)


def _values(one: Configuration) -> dict[str, str]:
    return {
        "python": one.target.python,
        "implementation": one.target.implementation,
        "platform": one.target.platform,
        "groups": listed(one.groups),
        "extras": listed(one.extras),
        "sources": listed(variant_sources(one.variant)) or "nothing",
        "constraints": listed(one.variant.constraints),
    }


def _recorded(snapshot: Snapshot, name: str) -> dict[str, str]:
    entry = snapshot.configurations[name]
    return {
        "python": entry.target.python,
        "implementation": entry.target.implementation,
        "platform": entry.target.platform,
        "groups": listed(entry.groups),
        "extras": listed(entry.extras),
        "sources": listed(dict(entry.sources)) or "nothing",
        "constraints": listed(entry.constraints),
    }
