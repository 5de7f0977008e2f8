"""Learns from a lock's hash what its manifest required, if the manifest is not available."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from poetry_lockguard.manifest.content_hash import RULES, content_hash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.lockfile.document import Lock

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")


def was_made_without(data: dict[str, Any], lock: Lock, names: set[str]) -> bool:
    """Whether the lock was made for this manifest without the requirements of these names."""
    less = deepcopy(data)
    for table, key in [*_tables(less)]:
        if isinstance(table[key], list):
            table[key] = [text for text in table[key] if _name(text) not in names]
        elif isinstance(table[key], dict):
            table[key] = {
                name: one
                for name, one in table[key].items()
                if str(canonicalize_name(name)) not in names
            }
    try:
        return any(content_hash(less, rule) == lock.content_hash for rule in RULES)
    except TypeError:
        return False


def _tables(data: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    project = data.get("project", {})
    poetry = data.get("tool", {}).get("poetry", {})
    places = [(project, "dependencies"), (poetry, "dependencies"), (poetry, "dev-dependencies")]
    optional = project.get("optional-dependencies", {})
    groups = data.get("dependency-groups", {})
    places += [(optional, name) for name in optional] + [(groups, name) for name in groups]
    places += [(group, "dependencies") for group in poetry.get("group", {}).values()]
    yield from ((table, key) for table, key in places if key in table)


def _name(requirement: Any) -> str:
    match = _NAME.match(requirement) if isinstance(requirement, str) else None
    return str(canonicalize_name(match[1])) if match else ""
