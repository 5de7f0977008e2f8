"""Keeps Python's collector of cycles from looking through Poetry again and again.

Hundreds of modules make a great many objects, which all stay. The collector looks at them each
time that some more were made: a tenth of the time of a command, and nothing is ever found.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_OFTEN_ENOUGH = 200_000  # new objects between two looks: some 20 MB


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """Collect cycles rarely for a while, and none among what is there by now."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_OFTEN_ENOUGH, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
