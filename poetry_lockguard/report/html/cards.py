"""All there is to tell of one package or one configuration, on a card of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.report.html.markup import Markup, element, joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from poetry_lockguard.report.html.columns import Column

_MANY = 6  # names that a line may list where it could name the others instead


def card(identity: str, title: str, kind: str, *parts: Markup | None) -> Markup:
    """Return a card; it can be reached by its ``identity`` and left by a link or the Escape key."""
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
    """Return a list of terms; one of which nothing is said is left out."""
    return element(
        "dl",
        *(
            element("div", element("dt", term), *(element("dd", one) for one in said if one))
            for term, said in pairs
            if any(said)
        ),
    )


def where(columns: Sequence[Column], every: Sequence[Column]) -> Markup:
    """Say which of the configurations these are, in as few names as tell it."""
    names = {column.name for column in columns}
    others = [column for column in every if column.name not in names]
    if not others:
        return Markup(element("span", _all(len(columns)), class_="where"))
    if len(columns) > _MANY and len(others) < len(columns) // 2:
        text = joined([f"{_all(len(every))} but ", _names(others)])
    else:
        text = _names(columns)
    return element("span", text, class_="where")


def counted(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _all(number: int) -> str:
    return "the one configuration" if number == 1 else f"all {number}"


def _names(columns: Sequence[Column]) -> Markup:
    return joined((element("span", column.name, class_="name") for column in columns), ", ")
