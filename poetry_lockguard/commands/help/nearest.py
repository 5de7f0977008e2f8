"""The nearest known word for one that was mistyped."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_OPTION = re.compile(r'The option "--([\w-]+)" does not exist')
_ALIKE = 0.6  # difflib's own threshold for words that resemble each other


def with_nearest_option(message: str, options: Iterable[str]) -> str:
    """Return an error message, with the nearest option if it is about an unknown one."""
    unknown = _OPTION.search(message)
    if unknown is None:
        return message
    alike = difflib.get_close_matches(unknown[1], [*options], n=1, cutoff=_ALIKE)
    return f"{message.rstrip('.')}; did you mean --{alike[0]}?" if alike else message
