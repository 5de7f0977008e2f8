"""The format of ``lockguard.lock``."""

from __future__ import annotations

from poetry_lockguard.schemas.rows import INDEX, MAYBE_TEXT, PYPI, SOURCE
from poetry_lockguard.schemas.shapes import (
    COUNT,
    FLAG,
    SOME_TEXT,
    TEXT,
    Schema,
    always,
    either,
    items,
    maybe,
    pattern,
    record,
    table,
)

_HASH = pattern("^[a-z0-9_]+:[0-9a-f]+$")
_PROJECT = record(
    {
        "name": MAYBE_TEXT,
        "requires_python": MAYBE_TEXT,
        "content_hash": MAYBE_TEXT,
        "requirements": table(items(SOME_TEXT)),
    },
    {"root": pattern(r"^\.\.(/\.\.)*$")},
)
_PIN = record(
    {
        "version": SOME_TEXT,
        "source": SOURCE,
        "requires_python": MAYBE_TEXT,
        "dependencies": items(SOME_TEXT),
        "files": table(_HASH),
        "reproducible": FLAG,
    },
    {
        "reason": SOME_TEXT,
        "build_requires": items(SOME_TEXT),
        "bytes": table(COUNT),
        "upload_times": table(pattern(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$")),
    },
)
_TARGET = record(
    {
        "python": SOME_TEXT,
        "implementation": SOME_TEXT,
        "platform": SOME_TEXT,
        "markers": table(TEXT),
    }
)
_HELD = record(
    {"version": SOME_TEXT, "resolved_by": SOME_TEXT, "groups": items(SOME_TEXT)}, {"source": SOURCE}
)
_INSTALLED = record({"version": SOME_TEXT}, {"source": maybe(SOURCE)})
_CONFIGURATION = record(
    {
        "target": _TARGET,
        "groups": items(SOME_TEXT),
        "extras": items(SOME_TEXT),
        "packages": table(_HELD),
        "installed": maybe(table(_INSTALLED)),
    },
    {
        "sources": table(either(PYPI, INDEX)),
        "constraints": items(SOME_TEXT),
        "build": table(_HELD),
        "build_apart": table(table(_HELD)),
    },
)


def lockguard_lock() -> Schema:
    """Return the format of the file, version 1."""
    return record(
        {
            "lockguard_version": always(1),
            "sha256": pattern("^[0-9a-f]{64}$"),
            "project": _PROJECT,
            "configurations": table(_CONFIGURATION),
            "packages": table({**items(_PIN), "minItems": 1}),
        },
        {"generated": SOME_TEXT, "generator": table(SOME_TEXT)},
    )
