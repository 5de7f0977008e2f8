"""One configuration in the words of environment markers (PEP 508, PEP 751).

Of each pair of opposites (in or not in, from or before) every configuration has exactly one, so
that the configurations that have a literal are all those in which it is true.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from packaging.version import Version

from poetry_lockguard.targets.platforms import platform

if TYPE_CHECKING:
    from collections.abc import Sequence

    from poetry_lockguard.snapshots.document import ConfigurationEntry

# ``os_name`` and ``platform_system`` follow from ``sys_platform``.
_EQUAL = ("implementation_name", "platform_machine", "python_version", "sys_platform")


def environment(entry: ConfigurationEntry) -> list[str]:
    """Return the comparisons for the system and the Python."""
    target = entry.target
    values = {
        **platform(target.platform).markers,
        "implementation_name": target.implementation,
        "python_version": ".".join(target.python.split(".")[:2]),
        **target.markers,
    }
    return [f"{variable} == {_quoted(values[variable])}" for variable in _EQUAL]


def patches(entries: Sequence[ConfigurationEntry]) -> list[Version]:
    """Return the patch releases that start a range of their own.

    Such a release covers all releases up to the next one: 3.11.9 belongs to what was resolved for
    3.11.7, not to what was resolved for 3.11.0.
    """
    versions = sorted({python(entry) for entry in entries})
    return [
        later for earlier, later in pairwise(versions) if earlier.release[:2] == later.release[:2]
    ]


def bounds(entry: ConfigurationEntry, splits: Sequence[Version]) -> list[str]:
    """Return on which side of each split a configuration's Python is."""
    own = python(entry)
    return [f"python_full_version {'>=' if own >= split else '<'} '{split}'" for split in splits]


def choices(
    entry: ConfigurationEntry, groups: Sequence[str], extras: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Return which groups and extras are not chosen, and which are."""
    named = [(name, "dependency_groups", entry.groups) for name in groups]
    named += [(name, "extras", entry.extras) for name in extras]
    absent = [f"{_quoted(name)} not in {kind}" for name, kind, own in named if name not in own]
    present = [f"{_quoted(name)} in {kind}" for name, kind, own in named if name in own]
    return absent, present


def python(entry: ConfigurationEntry) -> Version:
    """Return a configuration's whole Python version; a build from sources ends in ``+``."""
    return Version(entry.target.python.rstrip("+"))


def _quoted(value: str) -> str:
    return f'"{value}"' if "'" in value else f"'{value}'"
