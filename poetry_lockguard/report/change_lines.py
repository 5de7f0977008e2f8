"""Differences between locks as lines of text, as markdown and as JSON rows."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from poetry_lockguard.lockfile.changes import KINDS
from poetry_lockguard.printable import harmless
from poetry_lockguard.report import places
from poetry_lockguard.report.cells import code

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from poetry_lockguard.lockfile.changes import Change, LockChange

Row = dict[str, "str | None"]

_UNLIMITED = 1_000_000  # columns: without a terminal no line is shortened
_ELLIPSIS = "..."
_COUNTED = {
    "groups": "in other groups",
    "markers": "with other markers",
    "metadata": "with other metadata",
    "files": "with other files",
    "notation": "in notation only",
}
_PLACES = {"groups", "markers"}
_COLORS = {"removed": 31, "added": 32, "upgraded": 36, "downgraded": 33, "re-sourced": 35}
_HASH = re.compile(r"^([0-9a-f]{12})[0-9a-f]{28,}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How lines are shown: their width, whether with each change of notation, and in color."""

    width: int = _UNLIMITED
    verbose: bool = False
    color: bool = False

    @classmethod
    def of_terminal(cls, *, verbose: bool = False, color: bool = False) -> View:
        """Return the view of the terminal that this runs in."""
        width = shutil.get_terminal_size((_UNLIMITED, 24)).columns
        return cls(width=max(width, 40), verbose=verbose, color=color)


PLAIN = View()


@dataclass(frozen=True, slots=True)
class _Told:
    """One line to show: its label, the package, and one text or two sides."""

    label: str
    package: str
    sides: tuple[str, ...]
    colon: bool = False


def summary(changes: Sequence[Change]) -> str:
    """Count the changes by kind: ``2 added, 1 upgraded``."""
    counts = Counter(change.kind for change in changes)
    return (
        ", ".join(f"{counts[kind]} {_COUNTED.get(kind, kind)}" for kind in KINDS if counts[kind])
        or "no changes"
    )


def outcome(changes: Sequence[Change], own: Sequence[LockChange] = ()) -> str:
    """Return in one phrase how a lock changed."""
    if changes or not own:
        return summary(changes)
    if {one.key for one in own} == {"content-hash"}:
        return "only the content hash; no pin moved"
    return f"only {', '.join(one.key for one in own)}; no pin moved"


def lines(changes: Iterable[Change | LockChange]) -> list[str]:
    """Return one line for each change, in columns."""
    told = (f"{_what(change):<12} {_subject(change)}".rstrip() for change in changes)
    return [*map(harmless, told)]


def told(changes: Sequence[Change], view: View, own: Sequence[LockChange] = ()) -> list[str]:
    """Return the grouped lines: by kind, then groups and markers, with notation folded."""
    shown = [_line(one, view) for one in _told(changes)]
    notation = [change for change in changes if change.kind == "notation" and not change.versions]
    if view.verbose:
        shown += [
            _line(_Told("notation", one.package, (one.old or "none", one.new or "none")), view)
            for one in notation
        ]
    elif notation:
        shown.append(_folded(notation))
    for one in own:
        sides = (_short(one.old), _short(one.new))
        shown.append(_line(_Told("lock", one.key, sides), view))
    return shown


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
    """Return markdown for a pull request: heading, counts, table, notation folded."""
    head = [f"### {title}", "", _sentence(outcome(changes, own))]
    notation = [change for change in changes if change.kind == "notation" and not change.versions]
    cells = [_cells(one) for one in _told(changes)]
    cells += [("*the lock*", row.key, _code(row.old), _code(row.new)) for row in own]
    body = _table(cells) if cells else []
    folded = [(_code(row.package), row.kind, _code(row.old), _code(row.new)) for row in notation]
    if folded:
        summed = f"<summary>{_folded(notation, hint=False)}</summary>"
        body += ["", "<details>", summed, *_table(folded), "", "</details>"]
    return "\n".join([*head, *body])


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _table(cells: Iterable[Sequence[str]]) -> list[str]:
    head = ["", "| Package | Change | From | To |", "| --- | --- | --- | --- |"]
    return [*head, *(f"| {' | '.join(row)} |" for row in cells)]


def _cells(one: _Told) -> tuple[str, str, str, str]:
    if one.colon:
        return _code(one.package), one.label, "", _code(one.sides[0])
    old, new = one.sides if len(one.sides) > 1 else ("", one.sides[0])
    if one.label == "removed":
        old, new = new, old
    old, new = ("" if side == "none" else side for side in (old, new))
    return _code(one.package), one.label, _code(old), _code(new)


def _told(changes: Sequence[Change]) -> list[_Told]:
    """Return the rows by kind; a package with more or fewer versions than before is one row."""
    found = [_row(change) for change in _ordered(changes) if not change.versions]
    several = {change.package: change.versions for change in changes if change.versions}
    apart = [
        _Told("versions", name, (places.versions(held),), colon=True)
        for name, held in several.items()
    ]
    before = [one for one in found if one.label not in {*_PLACES, "metadata", "files"}]
    return [*before, *apart, *found[len(before) :]]


def _ordered(changes: Iterable[Change]) -> list[Change]:
    """Sort by kind, without notation; groups and markers count as one kind."""
    ranks = {kind: rank for rank, kind in enumerate(KINDS)}
    ranks["markers"] = ranks["groups"]
    return sorted(
        (change for change in changes if change.kind != "notation"),
        key=lambda change: ranks[change.kind],
    )


def _row(change: Change) -> _Told:
    if change.kind in _PLACES and change.before is not None:
        return _Told(change.kind, change.package, (places.said(change),), colon=True)
    if change.kind in {"added", "removed"}:
        return _Told(change.kind, change.package, (change.new or change.old or "",))
    return _Told(change.kind, change.package, (change.old or "none", change.new or "none"))


def _folded(notation: Sequence[Change], *, hint: bool = True) -> str:
    many = len({change.package for change in notation})
    what, them = ("1 package", "it") if many == 1 else (f"{many} packages", "them")
    more = f" (-v lists {them})" if hint else ""
    return f"{what} written differently with the same meaning{more}"


def _line(one: _Told, view: View) -> str:
    head = f"{one.label:<12} {one.package}{':' if one.colon else ''} "
    room = max(view.width - len(head) - len(" -> ") * (len(one.sides) - 1), 20)
    line = harmless(f"{head}{' -> '.join(_fitted([*one.sides], room))}".rstrip())
    color = _COLORS.get(one.label)
    if not (view.color and color):
        return line
    return f"\033[{color}m{one.label}\033[39m{line[len(one.label) :]}"


def _fitted(sides: list[str], room: int) -> list[str]:
    """Shorten the longer sides until all of them fit."""
    if sum(map(len, sides)) <= room:
        return sides
    if len(sides) == 1:
        return [_cut(sides[0], room)]
    half = room // 2
    shorter = min(map(len, sides))
    most = room - shorter if shorter < half else half
    return [_cut(side, most) for side in sides]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - len(_ELLIPSIS)]}{_ELLIPSIS}"


def _short(text: str | None) -> str:
    """Return a hash by its first digits."""
    return _HASH.sub(r"\1", text) if text else "none"


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
