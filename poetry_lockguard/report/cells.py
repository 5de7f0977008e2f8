"""Tables: aligned columns for a terminal, and Markdown with escaped cells."""

from __future__ import annotations

import re
import textwrap
from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 80  #: of a terminal
FIRM = "\0"  #: a space at which no line is broken
_SPECIAL = re.compile(r"[^\w .,:=+-]|_")  # characters that may have a meaning in Markdown


def aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    """Return one line for each row of cells, in columns two spaces apart."""
    columns = zip_longest(*lines, fillvalue="")
    widths = [max(map(len, column)) for column in columns]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=False)).rstrip()
        for cells in lines
    ]


def wrapped(line: str, below: str, before: str = "") -> list[str]:
    """Break a line at the terminal's width, at no FIRM space; what is longer is broken anywhere."""
    if len(before + line) <= WIDTH:
        return [(before + line).replace(FIRM, " ")]
    wrap = textwrap.TextWrapper(
        width=WIDTH,
        initial_indent=before,
        subsequent_indent=below,
        break_on_hyphens=False,
        drop_whitespace=True,
        replace_whitespace=False,
    )
    return [one.replace(FIRM, " ") for one in wrap.wrap(line)]


def table(head: Sequence[str], body: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table; the cells are already escaped."""
    lines = [head, ["---"] * len(head), *body]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def code(text: str) -> str:
    """Quote a cell. A code span cannot contain a backtick, or a pipe after a backslash."""
    flat = " ".join(text.split())
    if not flat:
        return ""
    if "`" in flat or "\\" in flat:
        return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", flat)
    return f"`{flat.replace('|', chr(92) + '|')}`"
