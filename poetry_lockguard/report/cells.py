"""Cells and tables: columns for a terminal, and markdown that no version can break."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHOWY = re.compile(r"[^\w .,:=+-]|_")  # what markdown might take for its own


def aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    """Return one line for each row of cells, in columns two spaces apart."""
    columns = zip_longest(*lines, fillvalue="")
    widths = [max(map(len, column)) for column in columns]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=False)).rstrip()
        for cells in lines
    ]


def table(head: Sequence[str], body: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a markdown table whose cells are ready."""
    lines = [head, ["---"] * len(head), *body]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def code(text: str) -> str:
    """Quote a cell. A code span cannot hold a backtick, nor a pipe behind a backslash."""
    flat = " ".join(text.split())
    if not flat:
        return ""
    if "`" in flat or "\\" in flat:
        return _SHOWY.sub(lambda match: f"&#{ord(match[0])};", flat)
    return f"`{flat.replace('|', chr(92) + '|')}`"
