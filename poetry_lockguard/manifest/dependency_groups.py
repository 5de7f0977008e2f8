"""Which group of the manifest itself lists a package, and which only includes another group."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.manifest.document import Manifest

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")


def lists(manifest: Manifest, group: str, name: str) -> bool:
    """Whether a group lists the package itself; both names are normalized.

    Groups are those of PEP 735 and of ``[tool.poetry.group]``.
    """
    return any(canonicalize_name(listed) == name for listed in _listed(manifest, group))


def _listed(manifest: Manifest, group: str) -> Iterator[str]:
    for entries in _named(manifest.data.get("dependency-groups"), group):
        texts = [entry for entry in entries if isinstance(entry, str)]
        yield from (match[1] for match in map(_NAME.match, texts) if match)
    for table in _named(manifest.poetry.get("group"), group):
        yield from table.get("dependencies", {})


def _named(groups: Any, name: str) -> Iterator[Any]:
    for key, value in (groups or {}).items():
        if canonicalize_name(key) == name:
            yield value
