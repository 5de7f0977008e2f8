"""Reports of ``snapshot show``: packages by configurations, with differences marked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from poetry_lockguard.plurals import counted
from poetry_lockguard.report.cells import FIRM, WIDTH, aligned, code, table, wrapped
from poetry_lockguard.report.showing.snapshot_columns import columns
from poetry_lockguard.report.snapshot_rows import NONE, Row, Shown, identity, rows
from poetry_lockguard.snapshots import origins
from poetry_lockguard.snapshots.usage import unused_pins, users

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from poetry_lockguard.report.showing.snapshot_columns import AlikeConfigurations
    from poetry_lockguard.snapshots.document import ConfigurationEntry, Resolved


DIFFERS, LOOSE = "*", "!"


def text(shown: Shown) -> str:
    """Return the numbered columns, what is alike in all of them, and a line for each other package.

    Configurations that are alike are one column.
    """
    found = rows(shown)
    across = columns(shown, found)
    legend = [[str(number), *_headline(column)] for number, column in enumerate(across, start=1)]
    blocks = (
        wrapped(f"{shown.where}: {_title(shown)}", "  "),
        [line for each in aligned(legend) for line in wrapped(each, " " * 7)],
        _alike([row for row in found if row.is_alike], len(shown.names)),
        _table([row for row in found if not row.is_alike], across),
        [line for each in _builds(shown) for line in wrapped(each, "  ")],
        [line for each in _notes(shown, found) for line in wrapped(each, " " * 4)],
    )
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _builds(shown: Shown) -> list[str]:
    """Return what builds packages; configurations that build with the same share a line."""
    alike: dict[str, list[str]] = {}
    for name in shown.names:
        entry = shown.snapshot.configurations[name]
        for package, build in [("", entry.build), *sorted(entry.build_apart.items())]:
            versions = ", ".join(f"{one}{FIRM}{at.version}" for one, at in sorted(build.items()))
            if versions:
                label = f"builds {package} with" if package else "builds with"
                alike.setdefault(f"{label} {versions}", []).append(name)
    return [
        label if len(names) == len(shown.names) else f"{', '.join(names)}: {label}"
        for label, names in alike.items()
    ]


def _alike(found: Sequence[Row], number: int) -> list[str]:
    """Return the packages that every configuration has, in one block."""
    if not found:
        return []
    cells = [f"{row.name} {row.cells[0]}{f' {LOOSE}' if row.loose else ''}" for row in found]
    head = "in every configuration:" if number > 1 else "packages:"
    return [head, *wrapped(", ".join(cell.replace(" ", FIRM) for cell in cells), "  ", "  ")]


def _table(found: Sequence[Row], across: Sequence[AlikeConfigurations]) -> list[str]:
    """Return a line for each package; where a table is too wide, the columns by version."""
    if not found:
        return []
    head = [" ", "package", *(str(number) for number, _ in enumerate(across, start=1))]
    body = [[_mark(row), row.name, *(row.cells[one.at] for one in across)] for row in found]
    lines = aligned([head, *body])
    if max(map(len, lines)) <= WIDTH:
        return lines
    cells = aligned([[mark, name, *_by_version(versions)] for mark, name, *versions in body])
    return [line for each in cells for line in wrapped(each, " " * 7)]


def _by_version(cells: Sequence[str]) -> list[str]:
    """Return each version with the numbers of its columns: ``1.0 in 1-3, 7``."""
    places: dict[str, list[int]] = {}
    for number, cell in enumerate(cells, start=1):
        places.setdefault(cell, []).append(number)
    listed = [f"{cell} in {_numbers(numbers)}" for cell, numbers in places.items() if cell != NONE]
    return ["; ".join(one.replace(" ", FIRM) for one in listed)]


def _numbers(numbers: Sequence[int]) -> str:
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][-1] + 1:
            spans[-1] = [spans[-1][0], number]
        else:
            spans.append([number])
    return ", ".join("-".join(map(str, span)) for span in spans)


def markdown(shown: Shown) -> str:
    """Return a Markdown table; packages whose versions differ are in bold."""
    head = ["Package", *map(code, shown.names)]
    body = [
        [f"**{code(row.name)}**" if row.differs else code(row.name), *_quoted(row)]
        for row in rows(shown)
    ]
    lines = [*_notes(shown, rows(shown), keys=False), *_builds(shown)]
    notes = [f"- {note.strip().replace(FIRM, ' ')}" for note in lines]
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


def _headline(column: AlikeConfigurations) -> list[str]:
    entry = column.entry
    wanted = [*entry.groups, *(f"[{extra}]" for extra in entry.extras)]
    own = [f"{origins.named(at)} for {name}" for name, at in sorted(entry.sources.items())]
    rules = ", ".join([*wanted, *own, *entry.constraints])
    return [column.label, counted(len(entry.packages), "package"), rules]


def _notes(shown: Shown, found: Sequence[Row], *, keys: bool = True) -> list[str]:
    notes = []
    if keys and any(row.differs for row in found):
        notes.append(f"{DIFFERS} differs in {_in_what(found)}")
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


def _in_what(found: Sequence[Row]) -> str:
    """Return what the marked packages differ in."""
    by_version = {len(_versions(row)) > 1 for row in found if row.differs}
    if len(by_version) > 1:
        return "version or source"
    return "version" if True in by_version else "source"


def _versions(row: Row) -> set[str]:
    return {one.version for one in row.found if one is not None}


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
        **_variant(entry),
        "packages": len(entry.packages),
        **_built_with(entry),
        "installed": None
        if entry.installed is None
        else {package: found.version for package, found in sorted(entry.installed.items())},
    }


def _built_with(entry: ConfigurationEntry) -> dict[str, Any]:
    """Return what builds packages; a configuration that pins none of that has neither key."""
    apart = {name: _pinned(build) for name, build in entry.build_apart.items()}
    made = {"build": _pinned(entry.build), "build_apart": apart}
    return {key: value for key, value in made.items() if value}


def _pinned(build: Mapping[str, Resolved]) -> dict[str, Any]:
    return {
        name: {
            "version": one.version,
            "source": origins.fields(one.source),
            "resolved_by": one.resolved_by,
        }
        for name, one in sorted(build.items())
    }


def _variant(entry: ConfigurationEntry) -> dict[str, Any]:
    """Return the sources and constraints of a variant; other configurations have neither key."""
    if not (entry.sources or entry.constraints):
        return {}
    sources = {name: origins.fields(at) for name, at in sorted(entry.sources.items())}
    return {"sources": sources, "constraints": list(entry.constraints)}


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
