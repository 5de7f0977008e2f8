"""Building blocks of JSON Schema; each function returns a schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Schema = dict[str, Any]

ANY: Schema = {}
TEXT: Schema = {"type": "string"}
SOME_TEXT: Schema = {"type": "string", "minLength": 1}
FLAG: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}


def record(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """Return an object with these keys and no other."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": [*required],
        "additionalProperties": False,
    }


def table(values: Schema) -> Schema:
    """Return an object with any keys."""
    return {"type": "object", "additionalProperties": values}


def items(each: Schema) -> Schema:
    """Return an array."""
    return {"type": "array", "items": each}


def maybe(schema: Schema) -> Schema:
    """Return a value that may be null."""
    return {"anyOf": [schema, {"type": "null"}]}


def one_of(*values: str) -> Schema:
    """Return one of several texts."""
    return {"enum": [*values]}


def always(value: Any) -> Schema:
    """Return the only possible value."""
    return {"const": value}


def pattern(expression: str) -> Schema:
    """Return a text that matches a regular expression."""
    return {"type": "string", "pattern": expression}


def described(schema: Schema, text: str, default: Any = None) -> Schema:
    """Return a schema with the description and default that an editor shows."""
    shown = {**schema, "description": text}
    return shown if default is None else {**shown, "default": default}


def either(*schemas: Schema) -> Schema:
    """Return a value that fits at least one schema."""
    return {"anyOf": [*schemas]}
