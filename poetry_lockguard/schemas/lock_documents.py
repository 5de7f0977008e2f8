"""The JSON documents of the commands for locks."""

from __future__ import annotations

from poetry_lockguard.schemas.rows import (
    ATTEMPTS,
    CHANGES,
    COMPARED,
    MAYBE_TEXT,
    PROBLEMS,
    STATUS,
    STRATEGY,
    document,
    failure,
)
from poetry_lockguard.schemas.shapes import (
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

_SINCE = record({"commit": TEXT, "date": TEXT, "subject": TEXT})
_CHECKED = record(
    {
        "path": TEXT,
        "name": MAYBE_TEXT,
        "status": either(STATUS, always("error")),
        "lock_version": MAYBE_TEXT,
        "generator": MAYBE_TEXT,
        "content_hash": record({"locked": MAYBE_TEXT, "expected": MAYBE_TEXT}),
        "problems": PROBLEMS,
        "since": maybe(_SINCE),
    }
)
_FIX_STATUS = one_of("fresh", "fixed", "failed")
_FIXED = {
    "path": TEXT,
    "strategy": maybe(STRATEGY),
    "attempts": ATTEMPTS,
    "changes": CHANGES,
    "problems": PROBLEMS,
}
_FIX_MORE = {"since_head": CHANGES, "exports": items(TEXT), "snapshot_behind": TEXT}
_FIX_PROJECT = either(
    record({"status": _FIX_STATUS, **_FIXED}, _FIX_MORE),
    record({"status": always("error"), "message": TEXT, "path": TEXT}),
)
_FORCED = items(record({"package": TEXT, "requirement": TEXT}))
_HELD = items(record({"package": TEXT, "reason": TEXT}))
_FIX = record({"status": _FIX_STATUS, "strategy": maybe(STRATEGY), "changes": CHANGES})
_INSTALL_STATUS = one_of("installed", "failed")


def check() -> Schema:
    """Return what ``check --format json`` prints."""
    command, status = always("check"), either(STATUS, one_of("mixed", "error"))
    return either(
        document(command, status, record({"projects": items(_CHECKED)})), failure(command)
    )


def fix() -> Schema:
    """Return what ``fix --format json`` prints, for one project and for several."""
    command = always("fix")
    error = record({"message": TEXT, "path": TEXT})
    return either(
        document(command, _FIX_STATUS, record(_FIXED, _FIX_MORE)),
        document(
            command,
            either(_FIX_STATUS, one_of("mixed", "error")),
            record({"projects": items(_FIX_PROJECT)}),
        ),
        document(command, always("error"), error),
        failure(command),
    )


def update() -> Schema:
    """Return what ``update --format json`` prints."""
    command = always("update")
    made = {**_FIXED, "strategy": maybe(one_of(*STRATEGIES, "update"))}
    return either(
        document(
            command,
            _FIX_STATUS,
            record({**made, "forced": _FORCED}, {**_FIX_MORE, "held": _HELD}),
        ),
        document(command, _FIX_STATUS, record({"path": TEXT, "held": _HELD})),
        failure(command),
    )


def install() -> Schema:
    """Return what ``install --format json`` prints, from a lock and from a snapshot."""
    command = always("install")
    ends = {"problems": PROBLEMS, "failures": items(TEXT)}
    return either(
        document(
            command,
            either(_INSTALL_STATUS, always("refused")),
            record({"lock": STATUS, "fix": maybe(_FIX), **ends}),
        ),
        document(
            command,
            _INSTALL_STATUS,
            record({"snapshot": TEXT, "configuration": MAYBE_TEXT, **ends}),
        ),
        failure(command),
    )


def diff() -> Schema:
    """Return what ``diff --format json`` prints."""
    command = always("diff")
    return either(document(command, one_of("same", "different"), COMPARED), failure(command))


def explain() -> Schema:
    """Return what ``explain --format json`` prints."""
    keys = ("code", "summary", "severity", "found_by", "meaning", "example", "cause", "remedy")
    codes = record({"codes": items(record(dict.fromkeys(keys, TEXT)))})
    head = {"lockguard": always(1), "command": always("explain")}
    shown = {**codes, "properties": {**head, **codes["properties"]}, "required": [*head, "codes"]}
    return either(shown, failure(always("explain")))
