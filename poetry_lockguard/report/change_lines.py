"""Differences between locks as lines of text, a markdown table and JSON rows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from poetry_lockguard.lockfile.changes import KINDS
from poetry_lockguard.printable import harmless
from poetry_lockguard.report.cells import code

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from poetry_lockguard.lockfile.changes import Change, LockChange

Row = dict[str, "str | None"]


def summary(changes: Sequence[Change]) -> str:
    """Count the changes by kind: ``2 added, 1 upgraded``."""
    counts = Counter(change.kind for change in changes)
    return ", ".join(f"{counts[kind]} {kind}" for kind in KINDS if counts[kind]) or "no changes"


def lines(changes: Iterable[Change | LockChange]) -> list[str]:
    """Return one line for each change, in columns; plain ASCII around what the locks say."""
    told = (f"{_what(change):<12} {_subject(change)}".rstrip() for change in changes)
    return [*map(harmless, told)]


def rows(changes: Iterable[Change]) -> list[Row]:
    """Return the rows of the JSON documents."""
    return [
        {"package": change.package, "kind": change.kind, "from": change.old, "to": change.new}
        for change in changes
    ]


def lock_rows(changes: Iterable[LockChange]) -> list[Row]:
    """Return the rows for the locks' own differences."""
    return [{"key": change.key, "from": change.old, "to": change.new} for change in changes]


def markdown(title: str, changes: Sequence[Change], own: Sequence[LockChange] = ()) -> str:
    """Return a text fit for a comment on a pull request: heading, counts, one table."""
    head = [f"### {title}", "", summary(changes).capitalize() + "."]
    if not (changes or own):
        return "\n".join(head)
    body = ["", "| Package | Change | From | To |", "| --- | --- | --- | --- |"]
    cells = [(_code(row.package), row.kind, _code(row.old), _code(row.new)) for row in changes]
    cells += [("*the lock*", row.key, _code(row.old), _code(row.new)) for row in own]
    return "\n".join([*head, *body, *(f"| {' | '.join(row)} |" for row in cells)])


def _what(change: Change | LockChange) -> str:
    return getattr(change, "kind", "lock")


def _subject(change: Change | LockChange) -> str:
    name = getattr(change, "package", None) or getattr(change, "key", "")
    if change.old is None or change.new is None:
        unknown = "" if _what(change) in {"added", "removed"} else "none"
        sides = [change.old or unknown, change.new or unknown]
        return f"{name} {' -> '.join(side for side in sides if side)}"
    return f"{name} {change.old} -> {change.new}"


def _code(text: str | None) -> str:
    return code(text) if text else ""
