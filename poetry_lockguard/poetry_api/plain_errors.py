"""Errors that Poetry prints as their sentence and nothing more, wherever it meets them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cleo.exceptions import CleoUserError
from cleo.formatters.formatter import Formatter
from poetry.console.exceptions import PoetryConsoleError
from poetry.utils.isolated_build import IsolatedBuildBackendError

if TYPE_CHECKING:
    from collections.abc import Callable

#: what a chooser without candidates raises: up to Poetry 2.0 the first, from 2.1 on the second
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
    """The two errors that Poetry 2.0 prints without a traceback, in one.

    The first is the console's; of all that go wrong in the executor only the second has words of
    its own.
    """

    def __init__(self, reason: str) -> None:
        Exception.__init__(self, reason)
        self.reason = reason

    def generate_message(self, *_: Any, **__: Any) -> str:
        """Return the sentence where Poetry would tell of a build that failed."""
        return self.reason
