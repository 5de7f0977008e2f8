"""Applies a function to many values on all processors, and yields the results in order.

Threads do not speed up work in Python. The workers are separate interpreters that import only what
the work needs; a worker of multiprocessing would import Poetry again.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from contextlib import ExitStack, suppress
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from typing_extensions import Self

Value = TypeVar("Value")
Result = TypeVar("Result")

BATCH = 4  #: values sent at once: few, so that all workers finish at about the same time
MOST = 8
_PROGRAM = "import sys; sys.path[:] = {path!r}; from {module} import serve; serve()"


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def spread(
    work: Callable[[Value], Result], values: Iterable[Value], workers: int | None = None
) -> Iterator[Result]:
    """Yield ``work`` of each value, in order. ``work`` can be pickled, and does not raise.

    There are never more than a few batches in flight. If a worker dies, this process does its
    work.
    """
    batches = _batches(values)
    count = min(processors(), MOST) if workers is None else workers
    with ExitStack() as stack:
        pool: list[_Worker] = []
        with suppress(OSError):  # no more processes: go on with fewer, or without
            pool.extend(stack.enter_context(_Worker(work)) for _ in range(count))
        if not pool:
            yield from map(work, chain.from_iterable(batches))
            return
        given = [batch for worker in pool if (batch := worker.take(next(batches, [])))]
        turn = 0
        while given:
            batch, worker = given.pop(0), pool[turn % len(pool)]
            done = worker.done()
            if more := worker.take(next(batches, [])):
                given.append(more)
            yield from map(work, batch) if done is None else done
            turn += 1


def _batches(values: Iterable[Value]) -> Iterator[list[Value]]:
    waiting = iter(values)
    while batch := [*islice(waiting, BATCH)]:
        yield batch


class _Worker:
    """One worker process, which ends when its pipes are closed."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        program = _PROGRAM.format(path=sys.path, module=__name__)
        flags = ["-B"] if sys.flags.dont_write_bytecode else []
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, with this module
            [sys.executable or "", "-I", *flags, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the parent process
        )
        self._send(work)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def take(self, batch: list[Value]) -> list[Value]:
        """Send a batch to the worker, and return it."""
        if batch:
            self._send(batch)
        return batch

    def done(self) -> Sequence[Any] | None:
        """Return the results of the oldest batch, or None if the worker died."""
        stream = self._process.stdout
        try:
            found: Sequence[Any] = pickle.load(stream)  # type: ignore[arg-type]  # noqa: S301 - from our own process
        except (EOFError, pickle.UnpicklingError, OSError):
            return None
        return found

    def _send(self, what: Any) -> None:
        stream = self._process.stdin
        try:
            pickle.dump(what, stream)  # type: ignore[arg-type]
            stream.flush()  # type: ignore[union-attr]
        except OSError:
            pass  # it died: ``done`` reports that


def serve() -> None:
    """Serve requests in a worker process until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    source, target = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    try:
        work = pickle.load(source)  # noqa: S301 - from the process that started this one
        while True:
            pickle.dump([work(value) for value in pickle.load(source)], target)  # noqa: S301 - ditto
            target.flush()
    except (EOFError, OSError):
        return
