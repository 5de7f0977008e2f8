"""The report of ``diff``, in each of its formats."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from poetry_lockguard.printable import joined
from poetry_lockguard.report import change_lines
from poetry_lockguard.report.showing.folding import folded

if TYPE_CHECKING:
    from collections.abc import Callable

    from poetry_lockguard.report.diff_values import Diff


def text(diff: Diff) -> str:
    """Return the counts, and then the changes by kind."""
    if diff.is_same:
        return f"{diff.old} and {diff.new}: no changes"
    rows = change_lines.told(diff.changes, diff.view, diff.own)
    counts = change_lines.outcome(diff.changes, diff.own)
    head = folded(f"{diff.old} -> {diff.new}: {counts}", diff.view.width, 2)
    return joined([*head, *rows])


def markdown(diff: Diff) -> str:
    """Return a table for a comment on a pull request."""
    return change_lines.markdown(f"{diff.old} -> {diff.new}", diff.changes, diff.own)


def as_json(diff: Diff) -> str:
    """Return the JSON document."""
    document = {
        "lockguard": 1,
        "command": diff.command,
        "status": "same" if diff.is_same else "different",
        "old": diff.old,
        "new": diff.new,
        "changes": change_lines.rows(diff.changes),
        "lock": change_lines.lock_rows(diff.own),
    }
    return json.dumps(document, indent=2)


def html(diff: Diff) -> str:
    """Return a complete HTML page."""
    from poetry_lockguard.report.html.diff_page import html as page

    return page(diff)


FORMATS: dict[str, Callable[[Diff], str]] = {
    "text": text,
    "markdown": markdown,
    "json": as_json,
    "html": html,
}
