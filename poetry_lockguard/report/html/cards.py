"""Cards with the details of one package or one configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.report.html.markup import Markup, element, joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from poetry_lockguard.report.html.columns import Column

_MANY = 6  # a line with more names may name the others instead


def card(identity: str, title: str, kind: str, *parts: Markup | None) -> Markup:
    """Return a card; links to its ``identity`` open it, a link or the Escape key closes it."""
    return element(
        "article",
        element(
            "header",
            element("p", kind, class_="kind"),
            element("h3", title),
            element("a", "Close", href="#matrix", class_="close", title="Close (Escape)"),
        ),
        *parts,
        id=identity,
        class_="card",
        tabindex="-1",
        aria_label=f"{kind} {title}",
    )


def terms(pairs: Iterable[tuple[str, Sequence[str | None]]]) -> Markup:
    """Return a list of terms, without those that have no values."""
    return element(
        "dl",
        *(
            element("div", element("dt", term), *(element("dd", one) for one in values if one))
            for term, values in pairs
            if any(values)
        ),
    )


def where(columns: Sequence[Column], every: Sequence[Column]) -> Markup:
    """Name these configurations, or the others if there are fewer of them."""
    names = {column.name for column in columns}
    others = [column for column in every if column.name not in names]
    if not others:
        return Markup(element("span", _all(len(columns)), class_="where"))
    if len(columns) > _MANY and len(others) < len(columns) // 2:
        text = joined([f"{_all(len(every))} but ", _names(others)])
    else:
        text = _names(columns)
    return element("span", text, class_="where")


def _all(number: int) -> str:
    return "the only configuration" if number == 1 else f"all {number}"


def _names(columns: Sequence[Column]) -> Markup:
    return joined((element("span", column.name, class_="name") for column in columns), ", ")
