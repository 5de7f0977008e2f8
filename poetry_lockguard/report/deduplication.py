"""Reports a problem that several configurations share once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from poetry_lockguard.freshness.since import Since
    from poetry_lockguard.outcomes import Problem

#: codes whose problems several configurations often share; others are reported one by one
_JOINED = frozenset({"lock-differs", "missing-pin", "no-wheel", "not-installable", "unsolvable"})
_MANY = 6  # up to this many names are all listed
_FEW = 3  # this many names of a longer list are given


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
    if len(names) <= _MANY:
        return ", ".join(names)
    return f"{', '.join(names[:_FEW])} and {len(names) - _FEW} more"
