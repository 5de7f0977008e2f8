"""Runs work once, however many threads want its result.

A failure only affects the thread that met it: threads that waited do the work again, as do later
callers, so that no failure while prefetching can influence the solver.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Value = TypeVar("Value")


class OthersFailure(Exception):  # noqa: N818 - internal signal, never shown to a user
    """The thread that did the work failed."""


class SingleFlight(Generic[Value]):
    """A table of results, each computed by the first thread that asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._results: dict[Hashable, tuple[Future[Value], int]] = {}

    def get(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """Return the result for ``key``: compute it here, or wait for the thread that does."""
        me = threading.get_ident()
        with self._lock:
            result, owner = self._results.get(key, (None, 0))
            if result is None:
                mine: Future[Value] = Future()
                self._results[key] = mine, me
        if result is None:
            return self._do(key, mine, compute)
        if owner == me and not result.done():
            return compute()  # a release that is needed to build itself
        if result.exception() is not None:
            return self.get(key, compute)
        return result.result()

    def _do(self, key: Hashable, mine: Future[Value], compute: Callable[[], Value]) -> Value:
        try:
            value = compute()
        except BaseException:
            with self._lock:
                del self._results[key]
            mine.set_exception(OthersFailure())  # the error itself would keep all of this alive
            raise
        mine.set_result(value)
        return value

    def __contains__(self, key: Hashable) -> bool:
        """Return whether the result is available or being computed."""
        return key in self._results
