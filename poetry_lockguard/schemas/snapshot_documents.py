"""The JSON documents of the commands for snapshots, and of ``matrix``."""

from __future__ import annotations

from poetry_lockguard.schemas.rows import (
    CHANGES,
    COMPARED,
    INDEX,
    MAYBE_TEXT,
    OWN_CHANGES,
    PROBLEMS,
    PYPI,
    SOURCE,
    document,
    failure,
)
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
    table,
)

#: commands that print the same document
CHANGING = (
    "create",
    "sync",
    "verify",
    "add",
    "remove",
    "update",
    "upgrade",
    "merge",
    "clean",
    "export",
    "record",
)
_TEXTS = items(TEXT)
_CONFIGURATION_CHANGE = record({"name": TEXT, "kind": TEXT, "own": OWN_CHANGES, "changes": CHANGES})
_SIDE = record({"value": TEXT, "snapshots": items(COUNT), "names": _TEXTS})
_CHANGED = record(
    {
        "file": TEXT,
        "project": OWN_CHANGES,
        "configurations": items(_CONFIGURATION_CHANGE),
        "pins": CHANGES,
        "unsolvable": items(record({"configuration": TEXT, "reason": TEXT})),
        "conflicts": items(record({"place": TEXT, "sides": items(_SIDE)})),
        "problems": PROBLEMS,
        "notes": _TEXTS,
    }
)
_VARIANT = {"sources": table(either(PYPI, INDEX)), "constraints": _TEXTS}
_BUILT_WITH = table(record({"version": TEXT, "source": SOURCE, "resolved_by": TEXT}))
_SHOWN_CONFIGURATION = record(
    {
        "name": TEXT,
        "python": TEXT,
        "implementation": TEXT,
        "platform": TEXT,
        "groups": _TEXTS,
        "extras": _TEXTS,
        "packages": COUNT,
        "installed": maybe(table(TEXT)),
    },
    {**_VARIANT, "build": _BUILT_WITH, "build_apart": table(_BUILT_WITH)},
)
_HELD = record({"version": TEXT, "source": SOURCE, "resolved_by": TEXT, "groups": _TEXTS})
_PIN = record(
    {
        "version": TEXT,
        "source": SOURCE,
        "reproducible": FLAG,
        "reason": MAYBE_TEXT,
        "used_by": _TEXTS,
    }
)
_SHOWN = record(
    {
        "file": TEXT,
        "seal": one_of("ok", "missing", "wrong"),
        "project": MAYBE_TEXT,
        "generated": MAYBE_TEXT,
        "configurations": items(_SHOWN_CONFIGURATION),
        "packages": items(
            record(
                {
                    "package": TEXT,
                    "differs": FLAG,
                    "reproducible": FLAG,
                    "configurations": table(maybe(_HELD)),
                    "pins": items(_PIN),
                }
            )
        ),
        "unused": items(record({"package": TEXT, "version": TEXT, "source": SOURCE})),
    }
)
_CHAIN = items(record({"package": TEXT, "version": TEXT}))
_WHY = record({"file": TEXT, "why": items(record({"configurations": _TEXTS, "chain": _CHAIN}))})
_JOB = record(
    {
        "name": TEXT,
        "python": TEXT,
        "implementation": TEXT,
        "platform": TEXT,
        "tag": TEXT,
        "groups": _TEXTS,
        "extras": _TEXTS,
    },
    {"sources": table(TEXT), "constraints": _TEXTS},
)


def snapshot() -> Schema:
    """Return what commands that write, verify or export a snapshot print."""
    command = one_of(*(f"snapshot {name}" for name in CHANGING))
    status = one_of("created", "changed", "unchanged", "ok", "failed")
    return either(document(command, status, _CHANGED), failure(command))


def snapshot_show() -> Schema:
    """Return what ``snapshot show --format json`` prints, with and without ``--why``."""
    command = always("snapshot show")
    shown = (document(command, always("shown"), rest) for rest in (_SHOWN, _WHY))
    return either(*shown, failure(command))


def snapshot_diff() -> Schema:
    """Return what ``snapshot diff --format json`` prints."""
    command = always("snapshot diff")
    rest = record(
        {
            "old": TEXT,
            "new": TEXT,
            "project": OWN_CHANGES,
            "configurations": items(_CONFIGURATION_CHANGE),
            "pins": CHANGES,
        }
    )
    status = one_of("same", "different")
    return either(*(document(command, status, one) for one in (rest, COMPARED)), failure(command))


def matrix() -> Schema:
    """Return what ``matrix --format json`` prints."""
    command = always("matrix")
    rest = record({"configurations": items(_JOB)})
    return either(document(command, always("listed"), rest), failure(command))


def bundle() -> Schema:
    """Return what ``bundle --format json`` prints."""
    command = always("bundle")
    file = record({**dict.fromkeys(("name", "package", "version", "hash"), TEXT), "size": COUNT})
    rest = record(
        {
            "output": TEXT,
            "size": COUNT,
            "fetched": COUNT,
            "files": items(file),
            "unpinned_builds": _TEXTS,
            "folders": _TEXTS,
            "failures": _TEXTS,
        }
    )
    return either(document(command, one_of("complete", "failed"), rest), failure(command))
