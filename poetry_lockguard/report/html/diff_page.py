"""Differences as a page: grouped by kind, old beside new, with changes in a value marked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from poetry_lockguard.outcomes import CHANGE_KINDS
from poetry_lockguard.plurals import counted
from poetry_lockguard.report import diff_values
from poetry_lockguard.report.change_lines import sourced
from poetry_lockguard.report.html.markup import Markup, element
from poetry_lockguard.report.html.page import controls, page
from poetry_lockguard.report.html.words import compared

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from poetry_lockguard.lockfile.changes import Change, LockChange
    from poetry_lockguard.report.diff_values import Diff, SnapshotDiff

_SIGNS = {
    "added": "+",
    "removed": "\N{MINUS SIGN}",
    "upgraded": "\N{UPWARDS ARROW}",
    "downgraded": "\N{DOWNWARDS ARROW}",
    "re-sourced": "\N{RIGHTWARDS ARROW OVER LEFTWARDS ARROW}",
    "configurations added": "+",
    "configurations removed": "\N{MINUS SIGN}",
}
_OTHER = "\N{TILDE OPERATOR}"
_NOUNS = {"groups", "markers", "metadata", "files"}


@dataclass(frozen=True, slots=True)
class DiffRow:
    """One difference: the subject, the old and new value, and where, if that varies."""

    subject: str
    old: str | None
    new: str | None
    where: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """The differences of one kind; ``noun`` names what its rows are about."""

    kind: str
    noun: str
    rows: tuple[DiffRow, ...]


def html(diff: Diff) -> str:
    """Return the page for two locks, or for two configurations."""
    sections = [
        *_by_kind((change, "") for change in diff.changes),
        Section("of the lock", "setting", _own(diff.own)),
    ]
    return _page(diff.old, diff.new, sections)


def html_of_snapshots(diff: SnapshotDiff) -> str:
    """Return the page for two snapshots."""
    found = diff.found
    whole = [one for one in found.configurations if one.kind != "changed"]
    sections = [
        *_by_kind((one.change, diff_values.where(one, diff)) for one in diff_values.shared(diff)),
        *(
            Section(f"configurations {kind}", "configuration", rows)
            for kind in ("added", "removed")
            if (
                rows := tuple(
                    _whole(one.name, kind, len(one.changes)) for one in whole if one.kind == kind
                )
            )
        ),
        Section(
            "of configurations",
            "configuration",
            tuple(
                DiffRow(f"{one.name}: {own.key}", own.old, own.new)
                for one in found.configurations
                for own in one.own
            ),
        ),
        Section("of the project", "setting", _own(found.project)),
    ]
    return _page(diff.old, diff.new, sections)


def _by_kind(changes: Iterable[tuple[Change, str]]) -> Iterator[Section]:
    rows: dict[str, list[DiffRow]] = {kind: [] for kind in CHANGE_KINDS}
    for change, where in changes:
        named = sourced(change)
        rows[change.kind].append(DiffRow(change.package, named.old, named.new, where))
    return (Section(_titled(kind), "package", tuple(found)) for kind, found in rows.items())


def _titled(kind: str) -> str:
    """Return the title of a kind; a noun gets ``other``, because the pin is the same."""
    return f"other {kind}" if kind in _NOUNS else kind


def _own(changes: Iterable[LockChange]) -> tuple[DiffRow, ...]:
    return tuple(DiffRow(change.key, change.old, change.new) for change in changes)


def _whole(name: str, kind: str, packages: int) -> DiffRow:
    content = counted(packages, "package")
    return DiffRow(name, None, content) if kind == "added" else DiffRow(name, content, None)


def _page(old: str, new: str, sections: Sequence[Section]) -> str:
    changed = [section for section in sections if section.rows]
    body = [
        element(
            "header",
            element("h1", "What changed" if changed else "No changes"),
            element(
                "dl",
                *(element("dt", "from"), element("dd", element("code", old))),
                *(element("dt", "to"), element("dd", element("code", new))),
                class_="sides",
            ),
            element("ul", *(_count(section) for section in changed), class_="counts"),
            class_="top",
        ),
        controls("changes"),
        element("main", *(_section(section) for section in changed), id="main", tabindex="-1"),
    ]
    return page(f"{old} to {new}", body, search="changes")


def _count(section: Section) -> Markup:
    number = element("b", str(len(section.rows)))
    return element("li", element("a", number, f" {section.kind}", href=f"#{_id(section)}"))


def _section(section: Section) -> Markup:
    has_places = any(row.where for row in section.rows)
    heads = [element("th", name, scope="col") for name in (section.noun.capitalize(), "From", "To")]
    if has_places:
        heads.append(element("th", "Where", scope="col", class_="where"))
    return element(
        "section",
        element(
            "h2",
            element("span", _SIGNS.get(section.kind, _OTHER), class_="sign", aria_hidden="true"),
            section.kind.capitalize(),
            element("span", str(len(section.rows)), class_="many"),
        ),
        element(
            "table",
            element("thead", element("tr", *heads)),
            element("tbody", *(_row(row, has_places=has_places) for row in section.rows)),
        ),
        id=_id(section),
        class_="changes",
    )


def _row(row: DiffRow, *, has_places: bool) -> Markup:
    old, new = row.old, row.new
    if old is not None and new is not None:
        old, new = compared(old, new)
    return element(
        "tr",
        element("th", row.subject, scope="row"),
        _side(old),
        _side(new),
        element("td", row.where, class_="where") if has_places else None,
        data_name=_found_by(row),
    )


def _found_by(row: DiffRow) -> str:
    """Return the text that the filter searches; for a requirement, also its old and new text."""
    is_requirement = row.subject.startswith("requirement ")
    sides = [side for side in (row.old, row.new) if side and is_requirement]
    return " ".join([row.subject, *sides])


def _side(text: str | None) -> Markup:
    if text is not None:
        return element("td", text)
    sign = element("span", "\N{EN DASH}", aria_hidden="true")
    return element("td", sign, element("span", "none", class_="vh"), class_="none")


def _id(section: Section) -> str:
    return section.kind.replace(" ", "-")
