"""Work that is done once however many threads want its result.

A failure is handed to everyone who waited for it but is not kept: the next one who asks starts
anew, so that nothing the look-ahead met can decide what the solver sees later.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Value = TypeVar("Value")


class Once(Generic[Value]):
    """A table of results, each computed by the first thread that asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._results: dict[Hashable, Future[Value]] = {}

    def get(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """Give the result for ``key``; compute it here, or wait for the thread that does."""
        with self._lock:
            result = self._results.get(key)
            mine = result is None
            if result is None:
                result = self._results[key] = Future()
        if mine:
            try:
                result.set_result(compute())
            except BaseException as error:  # noqa: BLE001 - handed on below, to all who wait
                with self._lock:
                    del self._results[key]
                result.set_exception(error)
        return result.result()

    def __contains__(self, key: Hashable) -> bool:
        """Tell whether the result is here or on its way."""
        return key in self._results
