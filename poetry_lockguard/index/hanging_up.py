"""Ends reads of answers that arrive slowly, once the work is stopped or its time is over.

A read returns when a whole chunk is there or the server is silent for long. A server that sends a
byte now and then could hold a thread, and with it the program's end, for hours.
"""

from __future__ import annotations

import os
import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import requests


class HangUp:
    """Shuts the connections of the answers that are being read when ``stopped`` is set.

    ``remaining`` returns the seconds that are left, after which it does so by itself.
    """

    def __init__(self, stopped: threading.Event, remaining: Callable[[], float]) -> None:
        self._stopped = stopped
        self._remaining = remaining
        self._read: set[requests.Response] = set()
        self._lock = threading.Lock()
        self._watching: threading.Thread | None = None

    @contextmanager
    def watched(self, response: requests.Response) -> Iterator[None]:
        """Watch over the reading of an answer in a ``with`` block."""
        with self._lock:
            self._read.add(response)
            if self._watching is None:
                self._watching = threading.Thread(target=self._watch, daemon=True)
                self._watching.start()
        try:
            yield
        finally:
            with self._lock:
                self._read.discard(response)

    def _watch(self) -> None:
        self._stopped.wait(min(self._remaining(), threading.TIMEOUT_MAX))
        with self._lock:
            for response in self._read:
                _shut(response)
            self._watching = None


def _shut(response: requests.Response) -> None:
    """Shut an answer's connection, which ends a read in another thread."""
    with suppress(OSError, ValueError):  # closed meanwhile
        copy = os.dup(response.raw.fileno())
        with socket.socket(fileno=copy) as connection:
            connection.shutdown(socket.SHUT_RDWR)
