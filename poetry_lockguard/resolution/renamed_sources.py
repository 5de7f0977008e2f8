"""Recognizes a source that was renamed, by its URL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from poetry_lockguard.poetry_api.imports.remote_repositories import LegacyRepository
from poetry_lockguard.repair.preferred import redeclared
from poetry_lockguard.urls import same_index

if TYPE_CHECKING:
    from collections.abc import Mapping

    from poetry_lockguard.poetry_api.imports.poetry_project import Poetry


def as_declared(poetry: Poetry, lock: Mapping[str, Any]) -> dict[str, Any]:
    """Return a lock's data with the names that the project gives its sources today."""
    sources = {
        one.name: one.url
        for one in poetry.pool.all_repositories
        if isinstance(one, LegacyRepository)
    }

    def name_of(source: dict[str, Any]) -> str | None:
        reference, url = str(source.get("reference")), str(source.get("url"))
        if poetry.pool.has_repository(reference):
            return reference
        return next((name for name, there in sources.items() if same_index(there, url)), None)

    return redeclared(lock, name_of)
