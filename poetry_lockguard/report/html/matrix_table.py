"""Packages by configurations: a row is one bar if all columns are equal, and several if not.

A bar shows its version once and spans the columns that have it. If the versions of a package
differ, its bars are framed, and older versions are darker. A dashed frame means built from source,
a double one that no file can be installed. Screen readers get all of this in words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.report.html.columns import head
from poetry_lockguard.report.html.facts import BUILT, NOTHING, UNKNOWN
from poetry_lockguard.report.html.markup import Markup, element, joined
from poetry_lockguard.snapshots import origins

if TYPE_CHECKING:
    from collections.abc import Sequence

    from poetry_lockguard.report.html.columns import Column, Heading
    from poetry_lockguard.report.html.facts import Fact, Package, Segment

_PAPERS = (
    ("vast", 20),
    ("broad", 9),
)  # paper sizes, with the least number of columns that need them
SHADES = 4  # shades that are easy to distinguish
WORDS = {BUILT: "built", NOTHING: "nothing fits", UNKNOWN: "not known"}


def matrix(found: Sequence[Package], columns: Sequence[Column]) -> Markup:
    """Return the table."""
    return element(
        "table",
        element("caption", "Packages by configurations", class_="vh"),
        element("thead", *_head(columns)),
        element("tbody", *(_row(package) for package in found)),
        id="matrix",
        class_=f"matrix{_paper(len(columns))}",
    )


def _paper(columns: int) -> str:
    """Return the class for the paper size; a printer scales the page to its own paper."""
    return next((f" {name}" for name, least in _PAPERS if columns >= least), "")


def package_id(name: str) -> str:
    """Return the identity of a package's card."""
    return f"p-{name}"


def target_id(name: str) -> str:
    """Return the identity of a configuration's card."""
    return f"c-{name}"


def _head(columns: Sequence[Column]) -> list[Markup]:
    rows = [*head(columns)]
    corner = element("th", "Package", scope="col", rowspan=str(len(rows)), class_="corner")
    return [
        element(
            "tr",
            corner if number == 0 else None,
            *(_heading(one, is_last=number == len(rows) - 1) for one in row),
        )
        for number, row in enumerate(rows)
    ]


def _heading(one: Heading, *, is_last: bool) -> Markup:
    if not is_last:
        label = element("span", one.label, class_="stay")
        return element("th", label, scope="colgroup", colspan=_span(one.columns))
    name, own = one.columns[0].name, one.columns[0].own
    return element(
        "th",
        element(
            "a",
            one.label,
            element("span", f" {own}", class_="own") if own else None,
            href=f"#{target_id(name)}",
            title=name,
            aria_label=f"{one.label}: {name}",
        ),
        scope="col",
    )


def _row(package: Package) -> Markup:
    classes = ["differs" if package.differs else None, "partly" if package.is_partly else None]
    classes += [fate for fate in WORDS if fate in package.fates]
    classes += ["loose" if package.row.loose else None]
    return element(
        "tr",
        element(
            "th",
            element("a", package.name, href=f"#{package_id(package.name)}"),
            _mark("differs", "\N{NOT EQUAL TO}", "versions differ") if package.differs else None,
            _mark("loose", "!", "not reproducible") if package.row.loose else None,
            scope="row",
        ),
        *(_segment(segment, package) for segment in package.segments),
        class_=" ".join(filter(None, classes)),
        data_name=package.name,
    )


def _mark(kind: str, sign: str, words: str) -> Markup:
    """Return a visible sign, with words for screen readers and as a tooltip."""
    return element(
        "span",
        element("span", sign, aria_hidden="true"),
        element("span", f" {words}", class_="vh"),
        class_=f"mark {kind}",
        title=words,
    )


def _segment(segment: Segment, package: Package) -> Markup:
    span = _span(segment.columns)
    if segment.fact is None:
        words = element("span", "not needed here", class_="vh")
        sign = element("span", "\N{EN DASH}", class_="stay", aria_hidden="true")
        return element("td", sign, words, colspan=span, class_="absent")
    fact = segment.fact
    shade = f"v{min(package.rank(fact), SHADES - 1)}" if package.differs else None
    bar = element("span", element("span", *_content(fact, package), class_="stay"), class_="bar")
    classes = " ".join(filter(None, [shade, fact.fate if fact.fate in WORDS else None]))
    return element("td", bar, colspan=span, class_=classes)


def _content(fact: Fact, package: Package) -> list[Markup]:
    """Return the version, its source if sources differ, and its fate unless it is a wheel."""
    several = len({entry.source for entry in package.entries}) > 1
    return [
        element("span", fact.resolved.version, class_="version"),
        joined(
            element("span", f" {word}", class_="note")
            for word in (
                origins.named(fact.resolved.source) if several else None,
                WORDS.get(fact.fate),
            )
            if word
        ),
    ]


def _span(columns: Sequence[Column]) -> str | None:
    return str(len(columns)) if len(columns) > 1 else None
