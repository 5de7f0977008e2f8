"""Does one thing with many values on all processors: results come in order, one after the other.

Threads are no help with work in Python. The workers are interpreters of their own that import
nothing but what the work needs; what multiprocessing starts would import Poetry once more.
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

BATCH = 4  #: values handed over at once: small, so that all workers end at about the same time
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

    There are never more than a few batches on their way. What a worker that dies leaves undone
    is done here.
    """
    batches = _batches(values)
    count = min(processors(), MOST) if workers is None else workers
    with ExitStack() as stack:
        crew: list[_Worker] = []
        with suppress(OSError):  # no more processes to be had: fewer do it, or none
            crew.extend(stack.enter_context(_Worker(work)) for _ in range(count))
        if not crew:
            yield from map(work, chain.from_iterable(batches))
            return
        given = [batch for worker in crew if (batch := worker.take(next(batches, [])))]
        turn = 0
        while given:
            batch, worker = given.pop(0), crew[turn % len(crew)]
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
    """One process, asked through its pipes; it ends when they are closed."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        program = _PROGRAM.format(path=sys.path, module=__name__)
        flags = ["-B"] if sys.flags.dont_write_bytecode else []
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, with this module
            [sys.executable or "", "-I", *flags, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the one who started it
        )
        self._send(work)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def take(self, batch: list[Value]) -> list[Value]:
        """Hand a batch over, and give it back."""
        if batch:
            self._send(batch)
        return batch

    def done(self) -> Sequence[Any] | None:
        """Wait for what became of the batch taken first; None from a worker that died."""
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
            pass  # it died: ``done`` tells


def serve() -> None:
    """Work, in a worker's process, until nobody asks any more."""
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
