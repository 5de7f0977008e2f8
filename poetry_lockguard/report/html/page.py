"""One page, whole in itself: its style and its script are in it, and it may fetch nothing.

The policy in its head forbids every request, every style and script but these two (named by their
hashes), and every change of the page by text that is parsed. The page is ASCII, so that it is the
same whatever encoding it is printed or served in.
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
    """Return the text of a page; ``search`` says what the field for names looks through."""
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
    """Return the field for names and the choices, each an identity and its words.

    Without a script they could do nothing: the script shows them.
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
