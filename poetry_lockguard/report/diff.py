"""What ``diff`` found, in the three formats."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from poetry_lockguard.report import change_lines as wording

if TYPE_CHECKING:
    from collections.abc import Callable

    from poetry_lockguard.report.diff_values import Diff


def text(diff: Diff) -> str:
    """Return the changes by kind and, last, the counts."""
    if diff.is_same:
        return f"{diff.old} and {diff.new}: no changes"
    found = wording.told(diff.changes, diff.view, diff.own)
    said = wording.outcome(diff.changes, diff.own)
    return "\n".join([*found, f"{diff.old} -> {diff.new}: {said}"])


def markdown(diff: Diff) -> str:
    """Return a table fit for a comment on a pull request."""
    return wording.markdown(f"{diff.old} -> {diff.new}", diff.changes, diff.own)


def as_json(diff: Diff) -> str:
    """Return the JSON document of the contract."""
    document = {
        "lockguard": 1,
        "command": diff.command,
        "status": "same" if diff.is_same else "different",
        "old": diff.old,
        "new": diff.new,
        "changes": wording.rows(diff.changes),
        "lock": wording.lock_rows(diff.own),
    }
    return json.dumps(document, indent=2)


def html(diff: Diff) -> str:
    """Return a page of its own."""
    from poetry_lockguard.report.html.diff_page import html as page

    return page(diff)


FORMATS: dict[str, Callable[[Diff], str]] = {
    "text": text,
    "markdown": markdown,
    "json": as_json,
    "html": html,
}
