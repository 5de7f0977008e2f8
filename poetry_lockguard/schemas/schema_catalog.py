"""All schemas by their names, each a whole document of JSON Schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.errors import UsageError
from poetry_lockguard.nearest_names import nearest
from poetry_lockguard.schemas import (
    lock_documents,
    settings_table,
    snapshot_documents,
    snapshot_file,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from poetry_lockguard.schemas.shapes import Schema

_DRAFT = "http://json-schema.org/draft-07/schema#"
SCHEMAS: dict[str, tuple[str, Callable[[], Schema]]] = {
    "settings": ("[tool.lockguard] of pyproject.toml", settings_table.settings),
    "lockguard.lock": ("a snapshot's file", snapshot_file.lockguard_lock),
    "check": ("check --format json", lock_documents.check),
    "fix": ("fix --format json", lock_documents.fix),
    "update": ("update --format json", lock_documents.update),
    "install": ("install --format json", lock_documents.install),
    "diff": ("diff --format json", lock_documents.diff),
    "explain": ("explain --format json", lock_documents.explain),
    "snapshot": ("snapshot commands that write or verify", snapshot_documents.snapshot),
    "snapshot show": ("snapshot show --format json", snapshot_documents.snapshot_show),
    "snapshot diff": ("snapshot diff --format json", snapshot_documents.snapshot_diff),
    "bundle": ("bundle --format json", snapshot_documents.bundle),
    "matrix": ("matrix --format json", snapshot_documents.matrix),
}


def schema_of(name: str) -> Schema:
    """Return a schema; raise UsageError with the nearest name for an unknown one."""
    if name not in SCHEMAS:
        raise UsageError(f"no schema {name!r}; did you mean {nearest(name, SCHEMAS)!r}?")
    title, make = SCHEMAS[name]
    head = {"$schema": _DRAFT, "$id": identity(name), "title": f"poetry-lockguard: {title}"}
    return {**head, **make()}


def identity(name: str) -> str:
    """Return a schema's ``$id``, which ends with the version of the format it describes."""
    if name == "settings":  # the layout of SchemaStore's parts of pyproject.toml
        return "https://json.schemastore.org/partial-lockguard.json"
    return f"urn:poetry-lockguard:{name.replace(' ', '-')}:1"


def documented(command: str) -> str | None:
    """Return the name of the schema of a command's JSON document, or None."""
    first = command.partition(" ")[0]
    return next((name for name in (command, first) if name in SCHEMAS), None)
