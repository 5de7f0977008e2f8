"""What ``snapshot diff`` found: a change that many configurations share is told once."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from poetry_lockguard.report import change_lines as wording
from poetry_lockguard.report.cells import aligned, code, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from poetry_lockguard.lockfile.changes import Change
    from poetry_lockguard.snapshots.differences import ConfigurationChange, Differences

PINS = "pins"  # where a change is that concerns no configuration
_MANY = 6  # configurations that a change may list where it could name the others instead


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotDiff:
    """Two sides by name, what is different, and the configurations that both of them have."""

    old: str
    new: str
    found: Differences
    common: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """One change and the configurations it is the same in."""

    change: Change
    names: tuple[str, ...]


def shared(diff: SnapshotDiff) -> tuple[Shared, ...]:
    """Return every package's changes once, in the order of the packages."""
    names: dict[Change, list[str]] = defaultdict(list)
    for one in _changed(diff):
        for change in one.changes:
            names[change].append(one.name)
    for change in diff.found.pins:
        names[change].append(PINS)
    found = (Shared(change=change, names=tuple(where)) for change, where in names.items())
    return tuple(sorted(found, key=lambda one: one.change.package))


def text(diff: SnapshotDiff) -> str:
    """Return one line a change and, last, the counts."""
    if not diff.found:
        return f"{diff.old} and {diff.new}: no changes"
    return "\n".join([*_project(diff), *_whole(diff), *_own(diff), *_packages(diff), _last(diff)])


def markdown(diff: SnapshotDiff) -> str:
    """Return a text fit for a comment on a pull request."""
    head = ["Package", "Change", "From", "To", "Configurations"]
    body = [
        [
            code(one.change.package),
            one.change.kind,
            code(one.change.old or ""),
            code(one.change.new or ""),
            where(one, diff),
        ]
        for one in shared(diff)
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
        "project": wording.lock_rows(diff.found.project),
        "configurations": [_configuration(one) for one in diff.found.configurations],
        "pins": wording.rows(diff.found.pins),
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def html(diff: SnapshotDiff) -> str:
    """Return a page of its own."""
    from poetry_lockguard.report.html.diff_page import html_of_snapshots

    return html_of_snapshots(diff)


FORMATS: Mapping[str, Callable[[SnapshotDiff], str]] = {
    "text": text,
    "markdown": markdown,
    "json": as_json,
    "html": html,
}


def _changed(diff: SnapshotDiff) -> Iterator[ConfigurationChange]:
    return (one for one in diff.found.configurations if one.kind == "changed")


def _project(diff: SnapshotDiff, word: Callable[[str], str] = str) -> list[str]:
    """Tell what changed in the manifest; a hash is recognised by its first digits."""
    return [
        f"{'project':<12} {one.key} {_side(one.old, word)} -> {_side(one.new, word)}"
        for one in diff.found.project
    ]


def _side(text: str | None, word: Callable[[str], str]) -> str:
    return "none" if not text else word(re.sub(r"^([0-9a-f]{12})[0-9a-f]{52}$", r"\1", text))


def _whole(diff: SnapshotDiff) -> list[str]:
    """Tell of configurations that came or went, without listing all their packages."""
    return [
        f"{one.kind:<12} configuration {one.name} with {len(one.changes)}"
        f" package{'' if len(one.changes) == 1 else 's'}"
        for one in diff.found.configurations
        if one.kind != "changed"
    ]


def _own(diff: SnapshotDiff) -> list[str]:
    """Tell what changed in the configurations themselves."""
    return [
        f"{'changed':<12} configuration {one.name}: {own.key}"
        f" {own.old or 'none'} -> {own.new or 'none'}"
        for one in _changed(diff)
        for own in one.own
    ]


def _packages(diff: SnapshotDiff) -> list[str]:
    found = shared(diff)
    lines = wording.lines(one.change for one in found)
    return aligned(
        [[line, f"({where(one, diff)})"] for line, one in zip(lines, found, strict=True)]
    )


def where(one: Shared, diff: SnapshotDiff) -> str:
    """Say in which configurations a change is."""
    if one.names == (PINS,):
        return "in the pins"
    others = [name for name in diff.common if name not in one.names]
    if not others and len(diff.common) > 1:
        return "in all configurations"
    is_told_by_others = len(one.names) > _MANY and len(others) < len(one.names) // 2
    if is_told_by_others and PINS not in one.names:
        return f"in all configurations but {', '.join(others)}"
    return ", ".join(one.names)


def _last(diff: SnapshotDiff) -> str:
    return f"{diff.old} -> {diff.new}: {_summary(diff)}"


def _summary(diff: SnapshotDiff) -> str:
    kinds = Counter(one.kind for one in diff.found.configurations)
    whole = [
        f"{kinds[kind]} configuration{'' if kinds[kind] == 1 else 's'} {kind}"
        for kind in ("added", "removed", "changed")
        if kinds[kind]
    ]
    packages = [one.change for one in shared(diff)]
    parts = [*whole, *([wording.summary(packages)] if packages else [])]
    return "; ".join(parts) or ("the project changed" if diff.found.project else "no changes")


def _configuration(one: ConfigurationChange) -> dict[str, Any]:
    return {
        "name": one.name,
        "kind": one.kind,
        "own": wording.lock_rows(one.own),
        "changes": wording.rows(one.changes),
    }
