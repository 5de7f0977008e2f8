"""What ``diff`` and ``snapshot diff`` share: the two sides, the options, the exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo.helpers import argument

from poetry_lockguard.commands.options import Option
from poetry_lockguard.commands.terminal.output import OUTPUT
from poetry_lockguard.outcomes import Exit
from poetry_lockguard.report.diff import FORMATS

if TYPE_CHECKING:
    from cleo.io.inputs.argument import Argument

    from poetry_lockguard.commands.base import GuardedCommand

OPTIONS = (
    Option(
        name="format",
        takes="one",
        default="text",
        choices=tuple(FORMATS),
        help="How to print the differences: text, markdown, json or html (a web page).",
    ),
    OUTPUT,
    Option(name="exit-code", help="Exit with 1 if there are differences."),
)


def sides(what: str) -> list[Argument]:
    """Return the arguments for the two sides; ``what`` names the files that are accepted."""
    return [
        argument(
            name,
            f"{what}, a git revision, or REVISION:PATH (default: {default}).",
            optional=True,
        )
        for name, default in (("old", "HEAD"), ("new", "the working tree"))
    ]


def ending(command: GuardedCommand, *, is_same: bool) -> int:
    """Return the exit code: 1 for differences, only with ``--exit-code``."""
    return Exit.FOUND if command.option("exit-code") and not is_same else Exit.OK
