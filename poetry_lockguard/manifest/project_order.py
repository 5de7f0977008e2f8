"""Which folders a manifest requires, and in which order projects come that require one another.

Read from the plain TOML: for hundreds of projects nothing else of a requirement matters here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from poetry_lockguard.manifest.document import Manifest

_FILE_URL = re.compile(r"@\s*(file:[^\s;]+)")


def required_folders(manifest: Manifest) -> tuple[Path, ...]:
    """Return the resolved folders of all path dependencies, of every group and extra."""
    found = (manifest.folder / place for place in _places(manifest))
    return tuple(dict.fromkeys(path.resolve() for path in found))


def _places(manifest: Manifest) -> Iterator[str]:
    for table in _tables(manifest):
        for value in table.values():
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, dict) and isinstance(one.get("path"), str):
                    yield one["path"]
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
    """Yield the requirements as PEP 508 writes them."""
    project = manifest.project
    several = (
        {"": project.get("dependencies")},
        _table(project.get("optional-dependencies")),
        _table(manifest.data.get("dependency-groups")),
    )
    for table in several:
        for values in table.values():
            if isinstance(values, list):
                yield from (one for one in values if isinstance(one, str))


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Projects, each after those it requires by their paths.

    ``required`` maps each resolved folder to those it requires itself. ``circles`` are the
    projects that require one another: among them there is no such order.
    """

    manifests: tuple[Manifest, ...]
    required: dict[Path, tuple[Path, ...]]
    circles: tuple[tuple[Manifest, ...], ...]

    def below(self, manifest: Manifest) -> Iterator[Path]:
        """Yield the folders that a project requires, directly or through others, each once."""
        own = manifest.folder.resolve()
        seen, waiting = {own}, [own]
        while waiting:
            for folder in self.required.get(waiting.pop(), ()):
                if folder not in seen:
                    seen.add(folder)
                    waiting.append(folder)
                    yield folder


def ordered(manifests: Iterable[Manifest]) -> Order:
    """Put projects in order; those that do not require one another keep theirs."""
    given = {manifest.folder.resolve(): manifest for manifest in manifests}
    required = {folder: required_folders(manifest) for folder, manifest in given.items()}
    done: dict[Path, None] = {}
    circles = []
    for start in given:
        path, waiting = [start], [iter(required[start])]  # a walk in depth, without recursion
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
