"""Differences between locks as lines of text, as Markdown and as JSON rows."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from poetry_lockguard.lockfile.changes import Change
from poetry_lockguard.outcomes import CHANGE_KINDS
from poetry_lockguard.plurals import counted, enumerated, first_few
from poetry_lockguard.printable import Clean, harmless, printable
from poetry_lockguard.report import places
from poetry_lockguard.report.cells import code
from poetry_lockguard.report.showing.folding import ELLIPSIS, cut, fitted, folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from poetry_lockguard.lockfile.changes import LockChange

Row = dict[str, "str | None"]

_UNLIMITED = 1_000_000  # columns: without a terminal no line is shortened
_COUNTED = {
    "versions": "with other versions",
    "groups": "in other groups",
    "markers": "with other markers",
    "metadata": "with other metadata",
    "files": "with other files",
    "notation": "in notation only",
}
_PLACES = {"groups", "markers"}
_COLORS = {
    "removed": 31,
    "added": 32,
    "upgraded": 36,
    "downgraded": 33,
    "re-sourced": 35,
    "versions": 34,
    "groups": 34,
    "markers": 34,
}
_OWN = {"content-hash": "the content hash", "python-versions": "the Python range"}
_OWN |= {"lock-version": "the lock format", "extras": "the extras"}
_PINS = CHANGE_KINDS.index("groups")  # the number of kinds that concern pins themselves
_ORDER = (*CHANGE_KINDS[:_PINS], "versions", *CHANGE_KINDS[_PINS:])
_HANG = 13  # columns of a label, below which the rest of a line continues
_MOST = 3  # lines of a change without -v
_TOGETHER = 4  # names in a line about packages with the same change
_HASH = re.compile(r"^([0-9a-f]{12})[0-9a-f]{28,}$")


class View(NamedTuple):
    """How lines are printed: the width, whether notation is listed, and whether in color."""

    width: int = _UNLIMITED
    verbose: bool = False
    color: bool = False

    @classmethod
    def of_terminal(cls, *, verbose: bool = False, color: bool = False) -> View:
        """Return the view for the current terminal."""
        width = shutil.get_terminal_size((_UNLIMITED, 24)).columns
        return cls(width=max(width, 40), verbose=verbose, color=color)


PLAIN = View()


class _Entry(NamedTuple):
    """One line to print: its label, the package, and one text or two sides."""

    label: str
    package: str
    sides: tuple[str, ...]
    colon: bool = False


def summary(changes: Sequence[Change]) -> str:
    """Count the changes by kind: ``2 added, 1 upgraded``."""
    regrouped = {change.package for change in changes if change.kind == "groups"}
    counts = Counter(
        change.kind
        for change in changes
        if not change.versions
        and (change.kind != "markers" or change.package not in regrouped)  # one line says both
    )
    counts["versions"] = len({change.package for change in changes if change.versions})
    return (
        ", ".join(f"{counts[kind]} {_COUNTED.get(kind, kind)}" for kind in _ORDER if counts[kind])
        or "no changes"
    )


def outcome(changes: Sequence[Change], own: Sequence[LockChange] = ()) -> str:
    """Return in one phrase how a lock changed."""
    if changes or not own:
        return summary(changes)
    return f"only {enumerated([_OWN.get(row.key, row.key) for row in own])}; no pin moved"


def lines(changes: Iterable[Change | LockChange]) -> list[str]:
    """Return one line for each change, in columns."""
    named = (sourced(change) if isinstance(change, Change) else change for change in changes)
    texts = (f"{_kind(change):<12} {_subject(change)}".rstrip() for change in named)
    return [*map(harmless, texts)]


def sourced(change: Change) -> Change:
    """Return a change for people: PyPI is named as the source if it changed, an index of a pin."""
    if change.named is not None and change.kind in {"added", "removed"}:
        is_new = change.new is not None
        return change._replace(new=change.named) if is_new else change._replace(old=change.named)
    if change.kind != "re-sourced":
        return change
    old, new = (
        f"{side} (PyPI)" if side and " (" not in side else side for side in (change.old, change.new)
    )
    return change._replace(old=old, new=new)


def told(changes: Sequence[Change], view: View, own: Sequence[LockChange] = ()) -> list[str]:
    """Return the grouped lines: by kind, then groups and markers, with notation folded."""
    entries = _entries(changes)
    shown = [
        line
        for entry in (entries if view.verbose else _together(entries))
        for line in _lines(entry, view)
    ]
    notation = [change for change in changes if change.kind == "notation" and not change.versions]
    if view.verbose:
        shown += [
            line
            for row in notation
            for line in _lines(
                _Entry("notation", row.package, (row.old or "none", row.new or "none")), view
            )
        ]
    elif notation:
        shown.append(_folded(notation))
    for row in own:
        sides = (_short(row.old), _short(row.new))
        shown += _lines(_Entry("lock", row.key, sides), view)
    return shown


def rows(changes: Iterable[Change]) -> list[Row]:
    """Return the rows of the JSON documents, in the order of the kinds."""
    return [
        {"package": change.package, "kind": change.kind, "from": change.old, "to": change.new}
        for change in sorted(changes, key=lambda change: CHANGE_KINDS.index(change.kind))
    ]


def lock_rows(changes: Iterable[LockChange]) -> list[Row]:
    """Return the rows for the locks' own differences."""
    return [{"key": change.key, "from": change.old, "to": change.new} for change in changes]


def markdown(title: str, changes: Sequence[Change], own: Sequence[LockChange] = ()) -> str:
    """Return Markdown for a pull request: heading, counts, table, notation folded."""
    head = [f"### {title}", "", _sentence(outcome(changes, own))]
    notation = [change for change in changes if change.kind == "notation" and not change.versions]
    cells = [_cells(entry) for entry in _entries(changes)]
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


def _cells(entry: _Entry) -> tuple[str, str, str, str]:
    if entry.colon:
        return _code(entry.package), entry.label, "", _code(entry.sides[0])
    old, new = entry.sides if len(entry.sides) > 1 else ("", entry.sides[0])
    if entry.label == "removed":
        old, new = new, old
    old, new = ("" if side == "none" else side for side in (old, new))
    return _code(entry.package), entry.label, _code(old), _code(new)


def _entries(changes: Sequence[Change]) -> list[_Entry]:
    """Return the lines by kind; a package with more or fewer versions than before is one line."""
    single = _as_one([_entry(change) for change in _ordered(changes) if not change.versions])
    several = {change.package: change.versions for change in changes if change.versions}
    multiple = [
        _Entry("versions", name, (places.versions(versions),), colon=True)
        for name, versions in several.items()
    ]
    first = [entry for entry in single if entry.label not in {*_PLACES, "metadata", "files"}]
    return [*first, *multiple, *_place_by_package(single[len(first) :])]


def _place_by_package(entries: Iterable[_Entry]) -> list[_Entry]:
    """Return the entries with a package's groups and markers in one of them."""
    found: dict[object, _Entry] = {}
    for entry in entries:
        key = entry.package if entry.colon else object()
        known = found.get(key)
        if known is None:
            found[key] = entry
        elif entry.sides[0] not in known.sides[0].split("; "):
            found[key] = known._replace(sides=("; ".join(known.sides + entry.sides),))
    return [*found.values()]


def _together(entries: Iterable[_Entry]) -> list[_Entry]:
    """Return the entries with all packages whose place changed in the same way in one of them."""
    packages: dict[object, list[str]] = {}
    first: dict[object, _Entry] = {}
    for entry in entries:
        key = (entry.label, entry.sides) if entry.colon and entry.label in _PLACES else object()
        packages.setdefault(key, []).append(entry.package)
        first.setdefault(key, entry)
    return [
        entry._replace(package=first_few(packages[key], _TOGETHER)) for key, entry in first.items()
    ]


def _as_one(entries: Iterable[_Entry]) -> list[_Entry]:
    """Return the entries with all versions of a new or removed package in one of them."""
    found: dict[object, _Entry] = {}
    for entry in entries:
        key = (entry.label, entry.package) if entry.label in {"added", "removed"} else object()
        known = found.get(key)
        sides = entry.sides if known is None else (f"{known.sides[0]}, {entry.sides[0]}",)
        found[key] = entry._replace(sides=sides)
    return [*found.values()]


def _ordered(changes: Iterable[Change]) -> list[Change]:
    """Return the changes by kind, without notation; groups and markers count as one kind."""
    ranks = {kind: rank for rank, kind in enumerate(CHANGE_KINDS)}
    ranks["markers"] = ranks["groups"]
    return sorted(
        (change for change in changes if change.kind != "notation"),
        key=lambda change: ranks[change.kind],
    )


def _entry(change: Change) -> _Entry:
    if change.kind in _PLACES and change.before is not None:
        return _Entry(change.kind, change.package, (places.said(change),), colon=True)
    if change.kind == "re-sourced" and change.named is not None:
        return _Entry(change.kind, change.package, (change.named,), colon=True)
    named = sourced(change)
    if change.kind in {"added", "removed"}:
        return _Entry(change.kind, change.package, (named.new or named.old or "",))
    if change.kind == "metadata" and None in (change.old, change.new):
        words = "now with" if change.old is None else "no longer with"
        text = f"{words} {change.new or change.old}"
        return _Entry(change.kind, change.package, (text,), colon=True)
    return _Entry(change.kind, change.package, (named.old or "none", named.new or "none"))


def _folded(notation: Sequence[Change], *, hint: bool = True) -> str:
    number = len({change.package for change in notation})
    more = f" (-v lists {'it' if number == 1 else 'them'})" if hint else ""
    return f"{counted(number, 'package')} written differently with the same meaning{more}"


def _lines(entry: _Entry, view: View) -> list[str]:
    """Return a change in lines that fit; without ``-v`` in one, or few if in words."""
    head = f"{entry.label:<12} {entry.package}{':' if entry.colon else ''} "
    room = max(view.width - len(head) - len(" -> ") * (len(entry.sides) - 1), 20)
    is_whole = view.verbose or entry.colon or entry.label == "re-sourced"
    sides = [*entry.sides] if is_whole else fitted([*entry.sides], room)
    found = folded(harmless(f"{head}{' -> '.join(sides)}".rstrip()), view.width, _HANG)
    if len(found) > _MOST and not view.verbose:
        found = [*found[: _MOST - 1], cut(" ".join([found[_MOST - 1], ELLIPSIS]), view.width)]
    color = _COLORS.get(entry.label)
    if not (view.color and color):
        return found
    rest = printable(found[0][len(entry.label) :])
    return [Clean(f"\033[{color}m{entry.label}\033[39m{rest}"), *found[1:]]


def _short(text: str | None) -> str:
    """Return a hash shortened to its first digits."""
    return _HASH.sub(r"\1", text) if text else "none"


def _kind(change: Change | LockChange) -> str:
    return getattr(change, "kind", "lock")


def _subject(change: Change | LockChange) -> str:
    name = getattr(change, "package", None) or getattr(change, "key", "")
    if change.old is None or change.new is None:
        unknown = "" if _kind(change) in {"added", "removed"} else "none"
        sides = [change.old or unknown, change.new or unknown]
        return f"{name} {' -> '.join(side for side in sides if side)}"
    return f"{name} {change.old} -> {change.new}"


def _code(text: str | None) -> str:
    return code(text) if text else ""
