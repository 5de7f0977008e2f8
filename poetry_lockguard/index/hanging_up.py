"""Ends reads of answers that arrive slowly, once the work is stopped or its time is over.

A read returns when a whole chunk is there or the server is silent for long. A server that sends a
byte now and then could hold a thread, and with it the program's end, for hours. It can do so with
the headers, too, before there is a response.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import requests

    FileNumber = Callable[[], int]

LONGEST = 300.0  #: seconds for the headers of an answer, and for a page
_LATER = 0.2  #: seconds after the end, so that a silent server is said to be silent


class HangUp:
    """Shuts the connections that are being read when ``stopped`` is set.

    ``remaining`` returns the seconds that are left, after which it does so by itself. A connection
    that is read for longer than LONGEST is shut as well: a trickle would go on for days.
    """

    def __init__(self, stopped: threading.Event, remaining: Callable[[], float]) -> None:
        self._stopped = stopped
        self._remaining = remaining
        self._read: dict[FileNumber, float] = {}  # until when
        self._lock = threading.Lock()
        self._watching: threading.Thread | None = None

    def watch_headers(self, session: requests.Session) -> None:
        """Watch over the reading of headers on all connections of a session."""
        adapters: set[Any] = {*session.adapters.values()}
        for adapter in adapters:
            self._watch_pools(adapter.poolmanager)
            adapter.proxy_manager_for = partial(self._proxied, adapter.proxy_manager_for)

    def _proxied(self, make: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Make the pools of a proxy, unless they are there."""
        manager = make(*arguments, **options)
        self._watch_pools(manager)
        return manager

    def _watch_pools(self, manager: Any) -> None:
        known: dict[str, Any] = manager.pool_classes_by_scheme
        manager.pool_classes_by_scheme = {
            scheme: pool if hasattr(pool, "is_watched") else self._watched_pool(pool)
            for scheme, pool in known.items()
        }

    def _watched_pool(self, pool: Any) -> Any:
        watched = self.watched

        class Connection(pool.ConnectionCls):  # type: ignore[misc]
            def getresponse(self, *arguments: Any, **options: Any) -> Any:
                def number() -> int:
                    return int(self.sock.fileno())

                with watched(number):
                    return super().getresponse(*arguments, **options)

        return type(pool.__name__, (pool,), {"ConnectionCls": Connection, "is_watched": True})

    @contextmanager
    def watched(self, number: FileNumber) -> Iterator[None]:
        """Watch over a read in a ``with`` block; ``number`` returns its file descriptor."""
        with self._lock:
            self._read[number] = time.monotonic() + LONGEST
            if self._watching is None:
                self._watching = threading.Thread(target=self._watch, daemon=True)
                self._watching.start()
        try:
            yield
        finally:
            with self._lock:
                self._read.pop(number, None)

    def _watch(self) -> None:
        while not self._stopped.wait(self._pause()) and self._remaining() > 0:
            with self._lock:
                now = time.monotonic()
                for number in [one for one, until in self._read.items() if until <= now]:
                    _shut(number)
                    self._read[number] = now + LONGEST
        with self._lock:
            for number in self._read:
                _shut(number)
            self._watching = None

    def _pause(self) -> float:
        """Return the seconds until the first connection may have to be shut."""
        with self._lock:
            first = min(self._read.values(), default=time.monotonic() + LONGEST)
        return min(max(first - time.monotonic(), 0.0), self._remaining()) + _LATER


def _shut(number: FileNumber) -> None:
    """Shut a connection, which ends a read in another thread."""
    with suppress(OSError, ValueError, AttributeError):  # closed meanwhile
        copy = os.dup(number())
        with socket.socket(fileno=copy) as connection:
            connection.shutdown(socket.SHUT_RDWR)
