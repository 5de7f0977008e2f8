"""Reports many problems with one cause in one sentence, with the command that ends them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.report.deduplication import joined, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from poetry_lockguard.outcomes import Problem

_MANY = 3  # from this many problems on, one sentence says it
_SHOWN = 3  # this many packages are named in it


def folded(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Join what differs only in its configuration, then what has one cause, in order."""
    groups: dict[object, list[tuple[Problem, list[str]]]] = {}
    for number, (problem, names) in enumerate(joined(problems)):
        cause = (problem.code, problem.severity, *names) if problem.code in _SENTENCES else number
        groups.setdefault(cause, []).append((problem, names))
    for group in groups.values():
        names = group[0][1]
        for problem in _one_sentence([problem for problem, _ in group]):
            yield problem.about(listed(names)) if names else problem


def _one_sentence(group: Sequence[Problem]) -> Sequence[Problem]:
    if len(group) < _MANY:
        return group
    first = group[0]
    return [first._replace(message=_SENTENCES[first.code](group), detail=None)]


def _differing(group: Sequence[Problem]) -> str:
    pairs = [f"{one.package} {one.locked}, there {one.requested}" for one in group]
    return (
        f"{len(group)} packages differ from poetry.lock: {_some(pairs)};"
        " `poetry lockguard snapshot sync` follows the lock"
    )


def _missing(group: Sequence[Problem]) -> str:
    """Name every one: nobody wants to find the next after each correction."""
    wanted = dict.fromkeys(str(one.requested or one.package) for one in group)
    return (
        f"no pin fits {', '.join(wanted)}; `poetry lockguard snapshot sync` takes pins from"
        " poetry.lock, `snapshot create` from the index"
    )


def _built(group: Sequence[Problem]) -> str:
    pins = [f"{one.package} {one.locked}" for one in group]
    return f"{len(group)} packages have no wheel there and would be built: {_some(pins)}"


def _unused(group: Sequence[Problem]) -> str:
    pins = [f"{one.package} {one.locked}" for one in group]
    return (
        f"{len(group)} pins are not used: {_some(pins)};"
        " `poetry lockguard snapshot clean` drops them"
    )


def _some(texts: Sequence[str]) -> str:
    if len(texts) <= _SHOWN:
        return ", ".join(texts)
    return f"{', '.join(texts[:_SHOWN])} and {len(texts) - _SHOWN} more"


_SENTENCES: dict[str, Callable[[Sequence[Problem]], str]] = {
    "lock-differs": _differing,
    "missing-pin": _missing,
    "no-wheel": _built,
    "unused-pin": _unused,
}
