"""Finds the folders that a manifest requires, and orders projects that require one another.

It reads the plain TOML: nothing else of a requirement matters here, and there may be hundreds of
projects.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from poetry_lockguard.reachability import reachable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from poetry_lockguard.manifest.document import Manifest

_FILE_URL = re.compile(r"@\s*(file:[^\s;]+)")


def required_folders(manifest: Manifest) -> tuple[Path, ...]:
    """Return the resolved folders of all path dependencies in every group and extra."""
    found = (manifest.folder / place for place in _places(manifest))
    return tuple(dict.fromkeys(path.resolve() for path in found))


def _places(manifest: Manifest) -> Iterator[str]:
    for table in _tables(manifest):
        for value in table.values():
            for entry in value if isinstance(value, list) else [value]:
                if isinstance(entry, dict) and isinstance(entry.get("path"), str):
                    yield entry["path"]
    for text in _texts(manifest):
        if url := _FILE_URL.search(text):
            yield url2pathname(urlsplit(url[1]).path)


def _tables(manifest: Manifest) -> Iterator[dict[str, Any]]:
    """Yield Poetry's own tables of requirements."""
    groups = _table(manifest.poetry.get("group"))
    for owner in (manifest.poetry, *map(_table, groups.values())):
        yield _table(owner.get("dependencies"))
    yield _table(manifest.poetry.get("dev-dependencies"))


def _texts(manifest: Manifest) -> Iterator[str]:
    """Yield the requirements that are written as in PEP 508."""
    project = manifest.project
    tables = (
        {"": project.get("dependencies")},
        _table(project.get("optional-dependencies")),
        _table(manifest.data.get("dependency-groups")),
    )
    for table in tables:
        for values in table.values():
            if isinstance(values, list):
                yield from (text for text in values if isinstance(text, str))


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Projects, each after those that it requires by path.

    ``required`` maps each resolved folder to its direct path dependencies. ``circles`` are the
    cycles of projects that require one another, which have no such order.
    """

    manifests: tuple[Manifest, ...]
    required: dict[Path, tuple[Path, ...]]
    circles: tuple[tuple[Manifest, ...], ...]

    def below(self, manifest: Manifest) -> Iterator[Path]:
        """Yield the folders that a project requires, directly or through others, each once."""
        own = manifest.folder.resolve()
        folders = reachable([own], lambda folder: self.required.get(folder, ()))
        yield from (folder for folder in folders if folder != own)


def ordered(manifests: Iterable[Manifest]) -> Order:
    """Order projects; those that do not require one another keep their order."""
    given = {manifest.folder.resolve(): manifest for manifest in manifests}
    required = {folder: required_folders(manifest) for folder, manifest in given.items()}
    done: dict[Path, None] = {}
    circles = []
    for start in given:
        path, waiting = [start], [iter(required[start])]  # depth first, without recursion
        while waiting:
            folder = next(waiting[-1], None)
            if folder is None:
                waiting.pop()
                done[path.pop()] = None
            elif folder in path:
                circles.append(path[path.index(folder) :])
            elif folder in given and folder not in done:
                path.append(folder)
                waiting.append(iter(required[folder]))
    return Order(
        manifests=tuple(given[folder] for folder in done),
        required=required,
        circles=tuple(tuple(given[folder] for folder in circle) for circle in circles),
    )
