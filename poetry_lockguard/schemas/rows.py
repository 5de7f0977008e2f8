"""Rows that several JSON documents have: problems, changes, attempts, sources."""

from __future__ import annotations

from poetry_lockguard.outcomes import CHANGE_KINDS, Severity, Status
from poetry_lockguard.schemas.shapes import (
    COUNT,
    FLAG,
    TEXT,
    Schema,
    always,
    either,
    items,
    maybe,
    one_of,
    record,
)
from poetry_lockguard.settings import STRATEGIES

MAYBE_TEXT = maybe(TEXT)
STATUS = one_of(*(status.value for status in Status))
STRATEGY = one_of(*STRATEGIES)
PROBLEM = record(
    {
        **dict.fromkeys(("code", "message"), TEXT),
        "severity": one_of(*(severity.value for severity in Severity)),
        **dict.fromkeys(("package", "group", "requested", "locked"), MAYBE_TEXT),
        "line": maybe(COUNT),
        "help": TEXT,
    }
)
PROBLEMS = items(PROBLEM)
CHANGES = items(
    record(
        {
            "package": TEXT,
            "kind": one_of(*CHANGE_KINDS),
            "from": MAYBE_TEXT,
            "to": MAYBE_TEXT,
        }
    )
)
OWN_CHANGES = items(record({"key": TEXT, "from": MAYBE_TEXT, "to": MAYBE_TEXT}))
ATTEMPTS = items(
    record(
        {
            "strategy": TEXT,
            "outcome": one_of("solved", "declined", "failed"),
            "reason": MAYBE_TEXT,
            "seconds": {"type": "number", "minimum": 0},
        }
    )
)
PYPI = record({"type": always("pypi")})
INDEX = record({"type": always("index"), "name": TEXT, "url": TEXT})
SOURCE = either(
    PYPI,
    INDEX,
    record(
        {"type": always("git"), "url": TEXT},
        {"reference": MAYBE_TEXT, "commit": MAYBE_TEXT, "subdirectory": MAYBE_TEXT},
    ),
    record({"type": always("url"), "url": TEXT}, {"subdirectory": MAYBE_TEXT}),
    record({"type": always("file"), "path": TEXT}, {"subdirectory": MAYBE_TEXT}),
    record({"type": always("directory"), "path": TEXT, "editable": FLAG}),
)


#: two locks, or two configurations of a snapshot
COMPARED = record({"old": TEXT, "new": TEXT, "changes": CHANGES, "lock": OWN_CHANGES})


def document(command: Schema, status: Schema, rest: Schema) -> Schema:
    """Return a document with its head: version, command and status."""
    head = {"lockguard": always(1), "command": command, "status": status}
    return {
        **rest,
        "properties": {**head, **rest["properties"]},
        "required": [*head, *rest["required"]],
    }


def failure(command: Schema) -> Schema:
    """Return the document of a command that could not do its work (exit code 2)."""
    return document(command, always("error"), record({"message": TEXT}))
