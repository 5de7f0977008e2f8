"""Decides, without importing Poetry, whether Poetry certainly loads a manifest.

A fresh lock is useless with a manifest that Poetry refuses, but Poetry's own validation takes
longer than the whole check. So Poetry validates only the manifests that are not certain here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from poetry_lockguard.manifest.document import Manifest

_NAME = re.compile(r"[a-zA-Z0-9](?:[\w.-]{0,200}[a-zA-Z0-9])?", re.ASCII)
_VERSION = re.compile(
    r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,9}(?:(?:a|b|rc)[0-9]{1,9})?"
    r"(?:\.post[0-9]{1,9})?(?:\.dev[0-9]{1,9})?"
)
_PROJECT = {
    "description": str,
    "requires-python": str,
    "license-files": list,
    "authors": list,
    "maintainers": list,
    "keywords": list,
    "classifiers": list,
    "urls": dict,
    "scripts": dict,
    "gui-scripts": dict,
    "entry-points": dict,
    "dependencies": list,
    "optional-dependencies": dict,
    "dynamic": list,
}
_POETRY = {
    "package-mode": bool,
    "description": str,
    "keywords": list,
    "homepage": str,
    "repository": str,
    "documentation": str,
    "license": str,
    "authors": list,
    "maintainers": list,
    "classifiers": list,
    "packages": list,
    "dependencies": dict,
    "dev-dependencies": dict,
    "extras": dict,
    "group": dict,
    "source": list,
    "scripts": dict,
    "plugins": dict,
    "urls": dict,
}
_TEXTS = ("dependencies", "classifiers", "keywords", "dynamic", "license-files")


def is_ordinary(manifest: Manifest) -> bool:
    """Whether names, versions and the types of all tables are as Poetry requires."""
    project, poetry = manifest.project, manifest.poetry
    if "project" in manifest.data and not _is_project(project):
        return False
    if not (_has_types(poetry, _POETRY) and _is_named(poetry)):
        return False
    needs_names = poetry.get("package-mode", True) is True
    return not needs_names or all(
        project.get(key) or poetry.get(key) for key in ("name", "version")
    )


def _is_project(project: dict[str, Any]) -> bool:
    lists = [project.get(key, []) for key in _TEXTS]
    return (
        "name" in project
        and _is_named(project)
        and _has_types(project, _PROJECT)
        and all(isinstance(text, str) for texts in lists for text in texts)
        and isinstance(project.get("readme", ""), str | dict)
        and isinstance(project.get("license", ""), str | dict)
    )


def _is_named(table: dict[str, Any]) -> bool:
    return _is_text(table.get("name", "x"), _NAME) and _is_text(table.get("version", "0"), _VERSION)


def _is_text(value: object, pattern: re.Pattern[str]) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _has_types(table: dict[str, Any], types: Mapping[str, type]) -> bool:
    return all(key not in types or type(value) is types[key] for key, value in table.items())
