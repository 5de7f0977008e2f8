"""Reports once what configurations share, and many problems with one cause in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.plurals import first_few

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from poetry_lockguard.freshness.since import Since
    from poetry_lockguard.outcomes import Problem

#: codes whose problems several configurations often share; others are reported one by one
_JOINED = frozenset(
    {"lock-differs", "missing-pin", "no-wheel", "not-installable", "path-dependency", "unsolvable"}
)
_MANY = 6  # up to this many names are all listed
_FEW = 3  # this many names of a longer list are given
_SENTENCE_FROM = 3  # from this many problems on, one sentence says it


def since(commit: Since) -> str:
    """Return the sentence that says since which commit a lock is stale."""
    from poetry_lockguard.freshness.since import age

    return f"stale since {commit.commit[:7]}, {age(commit.made)}: {commit.subject}"


def deduplicate(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Join problems that differ only in their configuration, in the order of the first of each."""
    for problem, configurations in joined(problems):
        yield problem.about(listed(configurations)) if configurations else problem


def joined(problems: Iterable[Problem]) -> Iterable[tuple[Problem, list[str]]]:
    """Return each problem without its configuration, and the configurations that share it."""
    names: dict[Problem, list[str]] = {}
    for problem in problems:
        if problem.code in _JOINED and problem.configuration and problem.detail:
            shared = problem._replace(message=problem.detail, configuration=None, detail=None)
            names.setdefault(shared, []).append(problem.configuration)
        else:
            names[problem] = []
    return names.items()


def by_reason(reasons: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    """Return the names that go with each reason, given (name, reason) pairs, in their order."""
    names: dict[str, list[str]] = {}
    for name, reason in reasons:
        names.setdefault(reason, []).append(name)
    return names


def listed(names: Sequence[str]) -> str:
    """Return the names in one line; of a long list, the first few and how many more."""
    return ", ".join(names) if len(names) <= _MANY else first_few(names, _FEW)


def folded(problems: Iterable[Problem], checked: Collection[str] = ()) -> Iterator[Problem]:
    """Join what differs only in its configuration, then what has one cause, in order.

    If too many to list share one, and no other was ``checked``, it is of "every configuration".
    """
    groups: dict[object, list[tuple[Problem, list[str]]]] = {}
    for number, (problem, names) in enumerate(joined(problems)):
        cause = (problem.code, problem.severity, *names) if problem.code in _SENTENCES else number
        groups.setdefault(cause, []).append((problem, names))
    for group in groups.values():
        names = group[0][1]
        for problem in _one_sentence([problem for problem, _ in group]):
            yield problem.about(_shared_by(names, checked)) if names else problem


def _shared_by(names: Sequence[str], checked: Collection[str]) -> str:
    is_everywhere = len(names) > _MANY and {*names} == {*checked}
    return "every configuration" if is_everywhere else listed(names)


def _one_sentence(group: Sequence[Problem]) -> Sequence[Problem]:
    if len(group) < _SENTENCE_FROM:
        return group
    first = group[0]
    return [first._replace(message=_SENTENCES[first.code](group), detail=None)]


def _differing(group: Sequence[Problem]) -> str:
    pairs = [f"{one.package} {one.locked}, there {one.requested}" for one in group]
    return (
        f"{len(group)} packages differ from poetry.lock: {first_few(pairs, _FEW)};"
        " run `poetry lockguard snapshot sync` to follow the lock"
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
    return f"{len(group)} packages have no wheel there and would be built: {first_few(pins, _FEW)}"


def _unused(group: Sequence[Problem]) -> str:
    pins = [f"{one.package} {one.locked}" for one in group]
    return (
        f"{len(group)} pins are not used: {first_few(pins, _FEW)};"
        " `poetry lockguard snapshot clean` drops them"
    )


_SENTENCES: dict[str, Callable[[Sequence[Problem]], str]] = {
    "lock-differs": _differing,
    "missing-pin": _missing,
    "no-wheel": _built,
    "unused-pin": _unused,
}
