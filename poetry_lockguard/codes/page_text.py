"""The pages of problem codes as text and as JSON."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from poetry_lockguard.codes.problem_page import ProblemPage

_WIDTH = 88


def lines(page: ProblemPage) -> Iterator[str]:
    """Yield the lines of one page."""
    yield f"{page.code}: {page.summary}"
    yield f"Severity: {page.severity}"
    yield f"Reported by: {page.found_by}"
    for title, text in (
        ("What it means", page.meaning),
        ("Example", page.example),
        ("How it comes about", page.cause),
        ("What to do", page.remedy),
    ):
        yield ""
        yield title
        yield textwrap.fill(
            text,
            _WIDTH,
            initial_indent="  ",
            subsequent_indent="  ",
            break_long_words=False,
            break_on_hyphens=False,
        )


def listing(pages: Iterable[ProblemPage]) -> Iterator[str]:
    """Yield one line for each code."""
    shown = [*pages]
    width = max(len(page.code) for page in shown)
    for page in shown:
        yield f"{page.code:{width}}  {page.summary}"


def document(pages: Iterable[ProblemPage]) -> str:
    """Return the pages as one JSON document."""
    content = {"lockguard": 1, "command": "explain", "codes": [page._asdict() for page in pages]}
    return json.dumps(content, indent=2)
