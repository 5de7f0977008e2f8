"""The one loop of every failover: ask the first, and the next one if it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Asked = TypeVar("Asked")
Result = TypeVar("Result")


def in_turn(
    asked: Iterable[Asked],
    work: Callable[[Asked], Result],
    note: Callable[[Asked, Exception], bool],
) -> Iterator[tuple[Asked, Result]]:
    """Yield the result of ``work`` for each of ``asked`` that succeeds, in order.

    ``note`` is called with each failure and returns whether the next one may be asked; otherwise
    the exception reaches the caller.
    """
    for one in asked:
        try:
            result = work(one)
        except Exception as error:  # noqa: PERF203 - each try costs network requests
            if not note(one, error):
                raise
        else:
            yield one, result
