"""Reports of ``snapshot show``: packages by configurations, with differences marked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from poetry_lockguard.plurals import counted
from poetry_lockguard.report.cells import aligned, code, table
from poetry_lockguard.report.snapshot_rows import NONE, Row, Shown, identity, rows
from poetry_lockguard.snapshots import origins
from poetry_lockguard.snapshots.usage import unused_pins, users

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


DIFFERS, LOOSE = "*", "!"


def text(shown: Shown) -> str:
    """Return the numbered configurations, then one line for each package."""
    numbers = [str(number) for number, _ in enumerate(shown.names, start=1)]
    found = rows(shown)
    legend = [
        [number, *_headline(shown, name)] for number, name in zip(numbers, shown.names, strict=True)
    ]
    body = [[" ", "package", *numbers], *([_mark(row), row.name, *row.cells] for row in found)]
    return "\n\n".join(
        "\n".join(block)
        for block in (
            [f"{shown.where}: {_title(shown)}"],
            aligned(legend),
            aligned(body) if found else [],
            _notes(shown, found),
        )
        if block
    )


def markdown(shown: Shown) -> str:
    """Return a Markdown table; packages whose versions differ are in bold."""
    head = ["Package", *map(code, shown.names)]
    body = [
        [f"**{code(row.name)}**" if row.differs else code(row.name), *_quoted(row)]
        for row in rows(shown)
    ]
    notes = [f"- {note.strip()}" for note in _notes(shown, rows(shown), keys=False)]
    parts = [
        [f"### {shown.where}"],
        [f"{_title(shown)}."],
        table(head, body) if body else [],
        notes,
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def as_json(shown: Shown) -> str:
    """Return the JSON document."""
    snapshot = shown.snapshot
    document = {
        "lockguard": 1,
        "command": "snapshot show",
        "status": "shown",
        "file": shown.where,
        "seal": shown.seal.value,
        "project": snapshot.project.name,
        "generated": snapshot.generated,
        "configurations": [_configuration(shown, name) for name in shown.names],
        "packages": [_package(shown, row) for row in rows(shown)],
        "unused": [
            {"package": name, "version": entry.version, "source": origins.fields(entry.source)}
            for (name, _), entry in unused_pins(snapshot).items()
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def html(shown: Shown) -> str:
    """Return a complete HTML page."""
    from poetry_lockguard.report.html.snapshot_page import html as page

    return page(shown)


FORMATS: Mapping[str, Callable[[Shown], str]] = {
    "text": text,
    "json": as_json,
    "markdown": markdown,
    "html": html,
}


def _title(shown: Shown) -> str:
    snapshot = shown.snapshot
    every = len(snapshot.configurations)
    some = counted(every, "configuration")
    if len(shown.names) < every:
        some = f"{len(shown.names)} of {some}"
    pin_count = counted(sum(map(len, snapshot.packages.values())), "pin")
    seal = {"ok": "sealed", "missing": "seal missing", "wrong": "seal wrong"}[shown.seal.value]
    return ", ".join(filter(None, [snapshot.project.name, some, pin_count, seal]))


def _headline(shown: Shown, name: str) -> list[str]:
    entry = shown.snapshot.configurations[name]
    wanted = [*entry.groups, *(f"[{extra}]" for extra in entry.extras)]
    return [name, counted(len(entry.packages), "package"), ", ".join(wanted)]


def _notes(shown: Shown, found: Sequence[Row], *, keys: bool = True) -> list[str]:
    notes = []
    if keys and any(row.differs for row in found):
        notes.append(f"{DIFFERS} differs in version")
    mark = f"{LOOSE} " if keys else ""
    notes += [
        f"{mark}{row.name} {version}: not reproducible: {reason}"
        for row in found
        for version, reason in row.loose
    ]
    notes += [
        f"{'  ' if keys else ''}{name} {identity(entry)}: no configuration uses it"
        for (name, _), entry in unused_pins(shown.snapshot).items()
    ]
    return notes


def _mark(row: Row) -> str:
    return (DIFFERS if row.differs else "") + (LOOSE if row.loose else "")


def _quoted(row: Row) -> list[str]:
    return [cell if cell == NONE else code(cell) for cell in row.cells]


def _configuration(shown: Shown, name: str) -> dict[str, Any]:
    entry = shown.snapshot.configurations[name]
    return {
        "name": name,
        "python": entry.target.python,
        "implementation": entry.target.implementation,
        "platform": entry.target.platform,
        "groups": list(entry.groups),
        "extras": list(entry.extras),
        "packages": len(entry.packages),
        "installed": None
        if entry.installed is None
        else {package: found.version for package, found in sorted(entry.installed.items())},
    }


def _package(shown: Shown, row: Row) -> dict[str, Any]:
    by_configuration = zip(shown.names, row.found, strict=True)
    return {
        "package": row.name,
        "differs": row.differs,
        "reproducible": not row.loose,
        "configurations": {
            name: None
            if one is None
            else {
                "version": one.version,
                "source": origins.fields(one.source),
                "resolved_by": one.resolved_by,
                "groups": list(one.groups),
            }
            for name, one in by_configuration
        },
        "pins": [
            {
                "version": entry.version,
                "source": origins.fields(entry.source),
                "reproducible": entry.reproducible,
                "reason": entry.reason,
                "used_by": list(users(shown.snapshot).get((row.name, entry.pin), ())),
            }
            for entry in shown.snapshot.packages[row.name]
        ],
    }
