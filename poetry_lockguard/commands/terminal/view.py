"""How a report of changes is shown in the terminal that a command runs in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cleo.io.io import IO

    from poetry_lockguard.report.change_lines import View


def terminal_view(io: IO) -> View:
    """Return the view for this terminal's width and colors and the command's ``-v``."""
    from poetry_lockguard.report.change_lines import View

    return View.of_terminal(verbose=io.is_verbose(), color=io.output.is_decorated())
