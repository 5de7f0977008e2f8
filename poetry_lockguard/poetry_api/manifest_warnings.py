"""What Poetry logs about a manifest each time it reads one: told once, and only with ``-v``.

A verdict is about the lock alone. ``poetry check`` is the command that judges the manifest.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cleo.formatters.formatter import Formatter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cleo.io.io import IO

#: they warn about deprecated fields, and about paths that do not exist
_LOGGERS = ("poetry.core.factory", "poetry.core.packages.path_dependency")


@contextmanager
def warnings_once(io: IO) -> Iterator[None]:
    """Write each such warning once if ``io`` is verbose, and none if not."""
    told: set[str] = set()

    def tell(record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        message = record.getMessage()
        if io.is_verbose() and message not in told:
            told.add(message)
            io.write_error_line(f"Poetry warns: {Formatter.escape(message)}")
        return False

    loggers = [logging.getLogger(name) for name in _LOGGERS]
    for logger in loggers:
        logger.addFilter(tell)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(tell)
