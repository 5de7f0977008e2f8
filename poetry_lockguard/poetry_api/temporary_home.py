"""One folder for all temporary files of Poetry, of what it builds with, and of their threads."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX = "lg-"  # short: messages of failed builds name the folder, and are cut where too long


@contextmanager
def temporary_home() -> Iterator[None]:
    """Keep the temporary files of the block below one folder, and remove that after it.

    Each of them is removed by what made it. But after Ctrl-C threads go on for a moment, and write
    anew what has just been removed (virtualenv copies setuptools in one). So the folder of a block
    that failed goes when the program ends, which waits for its threads.
    """
    outer = tempfile.tempdir
    try:
        home = tempfile.mkdtemp(prefix=_PREFIX)
    except OSError:  # most fixes need no temporary file
        yield
        return
    remove = functools.partial(shutil.rmtree, home, ignore_errors=True)
    atexit.register(remove)
    tempfile.tempdir = home
    try:
        yield
    finally:
        tempfile.tempdir = outer
    remove()
    atexit.unregister(remove)
