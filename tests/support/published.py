"""Hold what commands print and write to this project's own schemas, as jsonschema reads them."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from poetry_lockguard.schemas.schema_catalog import documented, schema_of

if TYPE_CHECKING:
    from pathlib import Path

    from jsonschema import Draft7Validator

DOCUMENT = '{\n  "lockguard": 1,'
WRITTEN = ("lockguard.lock: created\n", "lockguard.lock: changed\n")


@cache
def validator(name: str) -> Draft7Validator:
    from jsonschema import Draft7Validator

    return Draft7Validator(schema_of(name))


def mistakes(name: str, value: Any) -> list[str]:
    """Return what is wrong with a value, the deepest cause first."""
    from jsonschema.exceptions import best_match

    error = best_match(validator(name).iter_errors(value))
    return [] if error is None else [f"{error.json_path}: {error.message}", str(value)]


def hold(out: str, project: Path) -> None:
    """Fail if a command's document, or the snapshot that it wrote, does not fit its schema."""
    if out.startswith(DOCUMENT):
        value = json.loads(out)
        name = documented(value["command"])
        assert name is not None, f"there is no schema for {value['command']}"
        assert mistakes(name, value) == []
    elif out.endswith(WRITTEN) and (project / "lockguard.lock").is_file():
        assert (
            mistakes("lockguard.lock", json.loads((project / "lockguard.lock").read_text("utf-8")))
            == []
        )
