"""Packages by configurations: a row is one long bar where all is alike, and broken where it is not.

A bar says its version once and spans the columns it holds for. Where a package's versions differ,
its bars are framed, and the older the version the deeper the fill; a dashed frame is built from
source, a thick one installs nowhere. Each of these is said in words, too.
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

_PAPERS = (("vast", 20), ("broad", 9))  # and the least number of columns that need them
SHADES = 4  # fills that an eye can tell apart
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
    """Choose what it is printed on: a printer makes it fit its own sheet, and cuts nothing off."""
    return next((f" {name}" for name, least in _PAPERS if columns >= least), "")


def package_id(name: str) -> str:
    """Name the place on the page that tells all of a package."""
    return f"p-{name}"


def target_id(name: str) -> str:
    """Name the place on the page that tells all of a configuration."""
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
        stays = element("span", one.label, class_="stay")
        return element("th", stays, scope="colgroup", colspan=_span(one.columns))
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
    """Return a sign to the eye, and words to the ear and to the pointer."""
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
    bar = element("span", element("span", *_said(fact, package), class_="stay"), class_="bar")
    classes = " ".join(filter(None, [shade, fact.fate if fact.fate in WORDS else None]))
    return element("td", bar, colspan=span, class_=classes)


def _said(fact: Fact, package: Package) -> list[Markup]:
    """Say the version, its source where versions alone do not tell, and what is not ready made."""
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
