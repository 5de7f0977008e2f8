"""One self-contained page: style and script are inline, and it may load nothing.

The policy in its head forbids all requests, all styles and scripts except these two (named by their
hashes), and all changes of the page from parsed text. The page is ASCII, so it does not depend on
the encoding in which it is printed or served.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from poetry_lockguard.printable import Clean
from poetry_lockguard.report.html.markup import Markup, element, joined

if TYPE_CHECKING:
    from collections.abc import Iterable


def page(title: str, body: Iterable[Markup | None], *, search: str) -> str:
    """Return the text of a page; ``search`` names what the filter searches."""
    style, script = _resource("page.css"), _resource("page.js")
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy(style, script)),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        element("style", Markup(style)),
    )
    whole = element(
        "body",
        element("a", f"Skip to the {search}", href="#main", class_="skip"),
        *body,
        element("script", Markup(script)),
    )
    document = joined([Markup("<!DOCTYPE html>\n"), element("html", head, whole, lang="en")])
    return Clean(document.encode("ascii", "xmlcharrefreplace").decode("ascii"))


def controls(search: str, *choices: tuple[str, str]) -> Markup:
    """Return the filter field and the checkboxes, each given as an identity and a label.

    They are hidden until the script runs, because they need it.
    """
    field = element(
        "label",
        element("span", f"Filter {search} by name", class_="vh"),
        element(
            "input",
            type="search",
            id="name",
            placeholder="Filter by name  ( / )",
            autocomplete="off",
            spellcheck="false",
        ),
    )
    boxes = (
        element(
            "label", element("input", type="checkbox", id=identity), f" {words}", class_="choice"
        )
        for identity, words in choices
    )
    return element(
        "form",
        field,
        *boxes,
        element("output", id="count", for_="name"),
        id="controls",
        role="search",
        hidden=True,
    )


def _policy(style: str, script: str) -> str:
    return "; ".join(
        [
            "default-src 'none'",
            f"style-src '{_hash(style)}'",
            f"script-src '{_hash(script)}'",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    )


def _hash(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


@cache
def _resource(name: str) -> str:
    return files("poetry_lockguard.report.html").joinpath(name).read_text(encoding="ascii")
