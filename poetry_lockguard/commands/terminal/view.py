"""How reports and messages are shown in the terminal that a command runs in."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from poetry_lockguard.commands.terminal.streams import columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cleo.io.io import IO

    from poetry_lockguard.report.change_lines import View


def terminal_view(io: IO) -> View:
    """Return the view for this terminal's width and colors and the command's ``-v``."""
    from poetry_lockguard.report.change_lines import View

    return View.of_terminal(verbose=io.is_verbose(), color=io.output.is_decorated())


def fitting(lines: Iterable[str], prefix: str = "") -> Iterator[str]:
    """Yield messages for stderr, each with ``prefix``, folded between words on a terminal."""
    from poetry_lockguard.report.showing.folding import folded

    width = columns(sys.stderr)
    for line in lines:
        indent = len(line) - len(line.lstrip(" "))
        parts = [line] if width is None else folded(line, width - len(prefix), indent + 2)
        yield from (f"{prefix}{part}" for part in parts)
