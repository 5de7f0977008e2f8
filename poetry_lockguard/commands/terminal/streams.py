"""Output in color or not, which tolerates limited encodings and readers that go away."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Container
    from typing import TextIO


def tolerate_any_encoding() -> None:
    """Replace characters that the console's encoding lacks, such as arrows, by question marks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def has_color(flags: Container[str], stream: TextIO) -> bool:
    """Whether to color the output, by the rules of Poetry's console."""
    if "ansi" in flags:
        return True
    if "no-ansi" in flags or "NO_COLOR" in os.environ or sys.platform == "win32":
        return False
    return stream.isatty()


def columns(stream: TextIO) -> int | None:
    """Return the columns of the terminal that a stream leads to; None if it leads elsewhere."""
    try:
        count = os.get_terminal_size(stream.fileno()).columns
    except (AttributeError, OSError, ValueError):
        return None
    return max(count, 40) if count else None


def write(stream: TextIO, text: str) -> None:
    """Write the text; discard all output once the reader has gone, as with ``| head``."""
    _unless_gone(stream, lambda: stream.write(text))


def flush(stream: TextIO) -> None:
    """Flush; discard all output once the reader has gone."""
    _unless_gone(stream, stream.flush)


class Lasting:
    """A text stream for Poetry's console: the command continues when the reader has gone."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> None:
        """Write the text, unless the reader has gone."""
        write(self._stream, text)

    def flush(self) -> None:
        """Flush, unless the reader has gone."""
        flush(self._stream)


def _unless_gone(stream: TextIO, act: Callable[[], object]) -> None:
    try:
        act()
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
