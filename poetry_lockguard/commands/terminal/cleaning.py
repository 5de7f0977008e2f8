"""Removes from the output of Poetry's console everything that is not safe to print.

This covers all that a command prints: our lines, Poetry's, and the log of ``-vvv``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cleo.io.outputs.output import Type, Verbosity

from poetry_lockguard.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cleo.io.io import IO
    from cleo.io.outputs.output import Output
    from cleo.io.outputs.section_output import SectionOutput

# What the console itself sends to move the cursor or to clear a line.
_CONTROL = re.compile(r"(?:\r|\x1b(?:\[[\d;?]*[A-Za-z]|[78]))+")


def clean(io: IO) -> None:
    """Make the outputs of ``io`` and their sections print only safe text; idempotent."""
    _clean(io.output)
    _clean(io.error_output)


class _Writer:
    """Writes text to an output after making it safe to print."""

    def __init__(self, output: Output) -> None:
        self._write = output.write

    def __call__(
        self,
        messages: str | Iterable[str],
        new_line: bool = False,  # noqa: FBT001, FBT002 - cleo's signature
        verbosity: Verbosity = Verbosity.NORMAL,
        type: Type = Type.NORMAL,  # noqa: A002 - cleo's signature
    ) -> None:
        texts = [messages] if isinstance(messages, str) else messages
        self._write([*map(_cleaned, texts)], new_line=new_line, verbosity=verbosity, type=type)


def _clean(output: Output) -> None:
    if not isinstance(output.write, _Writer):
        output.write = _Writer(output)  # type: ignore[method-assign]  # replaces a method of cleo's object
        output.section = _sections(output.section)  # type: ignore[method-assign]


def _sections(section: Callable[[], SectionOutput]) -> Callable[[], SectionOutput]:
    def make() -> SectionOutput:
        made = section()
        _clean(made)
        return made

    return make


def _cleaned(text: str) -> str:
    return text if _CONTROL.fullmatch(text) else printable(text)
