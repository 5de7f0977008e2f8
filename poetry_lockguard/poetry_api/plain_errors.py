"""Errors that Poetry prints as one sentence, wherever it catches them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cleo.exceptions import CleoUserError
from cleo.formatters.formatter import Formatter
from poetry.console.exceptions import PoetryConsoleError
from poetry.utils.isolated_build import IsolatedBuildBackendError

if TYPE_CHECKING:
    from collections.abc import Callable

#: what a chooser without candidates raises: the first up to Poetry 2.0, the second from 2.1
NO_CANDIDATES = (RuntimeError, PoetryConsoleError)


def plain(reason: str) -> Exception:
    """Return an error that ends a command, or an installation, with ``reason`` and exit code 1."""
    return _kind()(Formatter.escape(reason))


def _kind() -> Callable[[str], Exception]:
    try:
        from poetry.console.exceptions import PoetryRuntimeError
    except ImportError:  # Poetry 2.0
        return _PlainError
    return PoetryRuntimeError


class _PlainError(CleoUserError, IsolatedBuildBackendError):
    """Combines the two errors that Poetry 2.0 prints without a traceback.

    The first is the console's; the second is the only error in the executor that Poetry prints with
    the error's own message.
    """

    def __init__(self, reason: str) -> None:
        Exception.__init__(self, reason)
        self.reason = reason

    def generate_message(self, *_: Any, **__: Any) -> str:
        """Return the sentence, where Poetry would report a failed build."""
        return self.reason
