"""Reports of ``snapshot show --why``: what brings a package into each configuration."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from poetry_lockguard.errors import UsageError
from poetry_lockguard.nearest_names import suggestion
from poetry_lockguard.report.cells import FIRM, wrapped
from poetry_lockguard.report.deduplication import listed
from poetry_lockguard.snapshots.document import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from poetry_lockguard.report.snapshot_rows import Shown
    from poetry_lockguard.snapshots.document import ConfigurationEntry

Chain = tuple[tuple[str, str], ...]  # (package, version), from the manifest's requirement on


def text(shown: Shown, package: str) -> str:
    """Return a line for each chain: the configurations, and the packages from the manifest on."""
    lines = (
        f"{listed(names)}: {f'{FIRM}-> '.join(['pyproject.toml', *map(FIRM.join, chain)])}"
        for chain, names in chains(shown, package).items()
    )
    return "\n".join(part for line in lines for part in wrapped(line, "  "))


def as_json(shown: Shown, package: str) -> str:
    """Return the JSON document."""
    why = [
        {
            "configurations": names,
            "chain": [{"package": name, "version": version} for name, version in chain],
        }
        for chain, names in chains(shown, package).items()
    ]
    head = {"lockguard": 1, "command": "snapshot show", "status": "shown", "file": shown.where}
    return json.dumps({**head, "why": why}, indent=2, ensure_ascii=False)


def chains(shown: Shown, package: str) -> Mapping[Chain, list[str]]:
    """Return the configurations by chain; UsageError if none of them has the package."""
    wanted = canonicalize_name(package)
    found: dict[Chain, list[str]] = {}
    for name in shown.names:
        entry = shown.snapshot.configurations[name]
        if wanted in entry.packages:
            found.setdefault(_chain(entry, wanted), []).append(name)
    if not found:
        known = {
            one for name in shown.names for one in shown.snapshot.configurations[name].packages
        }
        near = suggestion(wanted, known)
        raise UsageError(f"{shown.where}: no configuration has {package}{near}")
    return found


def _chain(entry: ConfigurationEntry, package: str) -> Chain:
    chain: list[tuple[str, str]] = []
    while package != ROOT and package in entry.packages:
        step = package, entry.packages[package].version
        if step in chain:
            break
        chain.insert(0, step)
        package = entry.packages[package].resolved_by
    return tuple(chain)
