"""Reports of ``snapshot diff``: a change that several configurations share is reported once."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from poetry_lockguard.plurals import counted
from poetry_lockguard.report import change_lines
from poetry_lockguard.report.cells import aligned, code, table
from poetry_lockguard.report.diff_values import changed, shared, where

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from poetry_lockguard.lockfile.changes import Change
    from poetry_lockguard.report.diff_values import SnapshotDiff
    from poetry_lockguard.snapshots.differences import ConfigurationChange


def text(diff: SnapshotDiff) -> str:
    """Return one line for each change and a last line with the counts."""
    if not diff.found:
        return f"{diff.old} and {diff.new}: no changes"
    lines = [*_project(diff), *_whole(diff), *_own(diff), *_packages(diff), *_grown(diff)]
    return "\n".join([*lines, _last(diff)])


def markdown(diff: SnapshotDiff) -> str:
    """Return Markdown for a comment on a pull request."""
    head = ["Package", "Change", "From", "To", "Configurations"]
    body = [
        [
            code(change.package),
            change.kind,
            code(change.old or ""),
            code(change.new or ""),
            where(one, diff),
        ]
        for one in shared(diff)
        for change in [change_lines.sourced(one.change)]
    ]
    lines = [*_project(diff, code), *_whole(diff), *_own(diff)]
    listed = [f"- {' '.join(line.split())}" for line in lines]
    parts = [
        [f"### {code(diff.old)} -> {code(diff.new)}"],
        [f"{_summary(diff).capitalize()}."],
        listed,
        table(head, body) if body else [],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def as_json(diff: SnapshotDiff) -> str:
    """Return the JSON document."""
    document = {
        "lockguard": 1,
        "command": "snapshot diff",
        "status": "different" if diff.found else "same",
        "old": diff.old,
        "new": diff.new,
        "project": change_lines.lock_rows(diff.found.project),
        "configurations": [_configuration(one) for one in diff.found.configurations],
        "pins": change_lines.rows(_pins(diff)),
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def html(diff: SnapshotDiff) -> str:
    """Return a complete HTML page."""
    from poetry_lockguard.report.html.diff_page import html_of_snapshots

    return html_of_snapshots(diff)


FORMATS: Mapping[str, Callable[[SnapshotDiff], str]] = {
    "text": text,
    "markdown": markdown,
    "json": as_json,
    "html": html,
}


def _project(diff: SnapshotDiff, quote: Callable[[str], str] = str) -> list[str]:
    """Return the changes of the manifest; a hash is shortened to its first digits."""
    return [
        f"{'project':<12} {one.key} {_side(one.old, quote)} -> {_side(one.new, quote)}"
        for one in diff.found.project
    ]


def _side(text: str | None, quote: Callable[[str], str]) -> str:
    return "none" if not text else quote(re.sub(r"^([0-9a-f]{12})[0-9a-f]{52}$", r"\1", text))


def _whole(diff: SnapshotDiff) -> list[str]:
    """Return added and removed configurations, without listing their packages."""
    return [
        f"{one.kind:<12} configuration {one.name} with {counted(len(one.changes), 'package')}"
        for one in diff.found.configurations
        if one.kind != "changed"
    ]


def _own(diff: SnapshotDiff) -> list[str]:
    """Return the changes of the configurations' own fields."""
    return [
        f"{'changed':<12} configuration {one.name}: {own.key}"
        f" {own.old or 'none'} -> {own.new or 'none'}"
        for one in changed(diff)
        for own in one.own
    ]


def _pins(diff: SnapshotDiff) -> list[Change]:
    return sorted((*diff.found.pins, *diff.found.grown), key=lambda one: one.package)


def _grown(diff: SnapshotDiff) -> list[str]:
    """Return one line for all packages of which only more is known than before."""
    count = len({one.package for one in diff.found.grown})
    if diff.verbose or not count:
        return []
    return [f"{counted(count, 'package')} pinned as before, with more metadata (-v lists it)"]


def _packages(diff: SnapshotDiff) -> list[str]:
    """Return the changes of packages; each of those that only grew with ``verbose``."""
    listed = diff if diff.verbose else replace(diff, found=replace(diff.found, grown=()))
    found = shared(listed)
    lines = change_lines.lines(one.change for one in found)
    return aligned(
        [[line, f"({where(one, diff)})"] for line, one in zip(lines, found, strict=True)]
    )


def _last(diff: SnapshotDiff) -> str:
    return f"{diff.old} -> {diff.new}: {_summary(diff)}"


def _summary(diff: SnapshotDiff) -> str:
    kinds = Counter(one.kind for one in diff.found.configurations)
    whole = [
        f"{counted(kinds[kind], 'configuration')} {kind}"
        for kind in ("added", "removed", "changed")
        if kinds[kind]
    ]
    packages = [one.change for one in shared(diff)]
    parts = [*whole, *([change_lines.summary(packages)] if packages else [])]
    return "; ".join(parts) or ("the project changed" if diff.found.project else "no changes")


def _configuration(one: ConfigurationChange) -> dict[str, Any]:
    return {
        "name": one.name,
        "kind": one.kind,
        "own": change_lines.lock_rows(one.own),
        "changes": change_lines.rows(one.changes),
    }
