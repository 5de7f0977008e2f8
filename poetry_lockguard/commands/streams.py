"""Output that does not fail on consoles which lack a character of ours."""

from __future__ import annotations

import sys
from io import TextIOWrapper


def tolerate_any_encoding() -> None:
    """Write a question mark for what the console's encoding lacks, such as arrows on Windows."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
