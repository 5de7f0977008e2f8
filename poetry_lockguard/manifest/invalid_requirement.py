"""Says where a manifest has what poetry-core cannot read: the line, and a caret below the text."""

from __future__ import annotations

import re

from poetry_lockguard.errors import one_line

_POINTED = re.compile(r"\n\n(?P<text>[^\n]+)\n(?P<caret> *\^)")
_QUOTED = re.compile(r': "?(?P<text>[^":\n]+)"?$')


def described(error: Exception, manifest: str) -> tuple[int | None, str, str]:
    """Return the line, from 1, the reason, and below it the text with its caret, if known."""
    message = str(error).strip("\n")
    pointed = _POINTED.search(message)
    if pointed is None:
        quoted = _QUOTED.search(message)
        return _line(manifest, quoted["text"]) if quoted else None, one_line(error), ""
    text, reason = pointed["text"], " ".join(message[: pointed.start()].split())
    return _line(manifest, text), reason, f":\n  {text}\n  {pointed['caret']}"


def _line(manifest: str, text: str) -> int | None:
    """Return the first line that contains a text within a string of TOML."""
    within = re.compile(rf"""[^"']*["'].*{re.escape(text)}""")
    for number, line in enumerate(manifest.splitlines(), 1):
        if not line.lstrip().startswith("#") and within.match(line):
            return number
    return None
