"""Finds what makes Poetry refuse to load a project, so that its lock is not blamed for it."""

from __future__ import annotations

import json
from copy import deepcopy
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from poetry_lockguard.errors import ManifestError
from poetry_lockguard.manifest import quick_core
from poetry_lockguard.manifest.ordinary import is_requirement, requirement_tables
from poetry_lockguard.manifest.wrong_sources import wrong_sources
from poetry_lockguard.names import normalized

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.manifest.document import Manifest

_MOST = 3
_LONG = 100
_KEYS_OF_POETRY = ("source", "requires-poetry", "requires-plugins", "build-constraints")


def must_load(manifest: Manifest) -> None:
    """Raise ManifestError, with the first reasons, if Poetry would not load the project.

    What Poetry only warns about (a missing README, deprecated fields) is ignored here.
    """
    reasons = refusals(manifest.data)
    if reasons:
        listed = "; ".join(reasons[:_MOST])
        raise ManifestError(f"{manifest.path}: Poetry refuses it: {listed}; correct it")


def refusals(data: dict[str, Any]) -> list[str]:
    """Return what the running Poetry finds invalid in a manifest's TOML data, one phrase each."""
    quick_core.load()
    from poetry.core.factory import Factory

    own = [*_no_tables(data)] or [*_wrong_groups(data), *wrong_sources(data)]
    if own:  # poetry-core would raise for some of them
        return own
    try:
        found = Factory.validate(deepcopy(data))  # it writes defaults into its argument
    except (AttributeError, TypeError) as error:
        return [f"a value has the wrong type ({error})"]
    if found["errors"]:
        return [" ".join(reason.split()) for reason in found["errors"]]
    poetry = data.get("tool", {}).get("poetry", {})
    project = data.get("project", {})
    return [
        *_unknown_keys(poetry),
        *_wrong_own_requirements(poetry),
        *_own_name(project, poetry),
        *_wrong_version(project.get("version") or poetry.get("version") or "0"),
    ]


def _no_tables(data: dict[str, Any]) -> Iterator[str]:
    for name in ("project", "dependency-groups", "tool"):
        if not isinstance(data.get(name, {}), dict):
            yield f"{name} must be a table"
            return
    if not isinstance(data.get("tool", {}).get("poetry", {}), dict):
        yield "tool.poetry must be a table"


def _wrong_groups(data: dict[str, Any]) -> Iterator[str]:
    groups = data.get("tool", {}).get("poetry", {}).get("group", {})
    if not isinstance(groups, dict):
        yield "tool.poetry.group must be a table"
        return
    for name, group in groups.items():
        if not (isinstance(group, dict) and isinstance(group.get("dependencies", {}), dict)):
            yield f"tool.poetry.group.{name} must be a table of tables"
    standard = data.get("dependency-groups", {})
    for name, needs in standard.items():
        if not isinstance(needs, list):
            yield f"dependency-groups.{name} must be array"


def _unknown_keys(poetry: dict[str, Any]) -> Iterator[str]:
    """Yield the keys of ``[tool.poetry]`` that neither poetry-core nor Poetry knows."""
    schema = files("poetry.core.json") / "schemas" / "poetry-schema.json"
    known = {*_KEYS_OF_POETRY, *json.loads(schema.read_text("utf-8"))["properties"]}
    for key in sorted(poetry.keys() - known):
        yield f"tool.poetry has a key that Poetry does not know ({key!r})"


def _own_name(project: dict[str, Any], poetry: dict[str, Any]) -> Iterator[str]:
    """Yield the project's name if one of Poetry's tables of requirements has it, too."""
    tables = requirement_tables(poetry)
    name = project.get("name") or poetry.get("name")
    if name and normalized(name) in {normalized(each) for table in tables for each in table}:
        yield f"the project {name} requires itself"


def _wrong_own_requirements(poetry: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the requirements on Poetry itself and on its plugins."""
    required = poetry.get("requires-poetry", "*")
    if not isinstance(required, str):
        yield "tool.poetry.requires-poetry must be string"
    elif not _is_constraint(required):
        yield "tool.poetry.requires-poetry is no version constraint"
    plugins = poetry.get("requires-plugins", {})
    if not isinstance(plugins, dict):
        yield "tool.poetry.requires-plugins must be object"
        return
    for name, requirement in plugins.items():
        if not is_requirement(requirement):
            yield f"tool.poetry.requires-plugins.{name} is no requirement"


def _is_constraint(text: str) -> bool:
    from poetry.core.constraints.version import parse_constraint

    try:
        parse_constraint(text)
    except ValueError:
        return False
    return True


def _wrong_version(version: str) -> Iterator[str]:
    from poetry.core.constraints.version import Version

    try:
        Version.parse(version)
    except ValueError:
        yield f"the project's version {_short(version)!r} is invalid"


def _short(text: str) -> str:
    return text if len(text) <= _LONG else f"{text[:_LONG]}..."
