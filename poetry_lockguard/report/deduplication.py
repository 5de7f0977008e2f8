"""What is so of many configurations alike is told to people once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from poetry_lockguard.freshness.since import Since
    from poetry_lockguard.outcomes import Problem

#: what is said of one configuration, which is named first, and may be so of others as well
_OF_ONE = frozenset({"lock-differs", "missing-pin", "no-wheel", "not-installable", "unsolvable"})
_MANY = 6  # names that are all told
_FEW = 3  # names that are told of more


def since(commit: Since) -> str:
    """Say since which commit a lock is stale."""
    from poetry_lockguard.freshness.since import age

    return f"stale since {commit.commit[:7]}, {age(commit.made)}: {commit.subject}"


def deduplicate(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Join problems that say the same of several configurations, where the first of them stood."""
    names: dict[Problem, list[str]] = {}
    for problem in problems:
        name, _, said = problem.message.partition(": ")
        if problem.code in _OF_ONE:
            names.setdefault(problem._replace(message=said), []).append(name)
        else:
            names[problem] = []
    for problem, those in names.items():
        where = f"{listed(those)}: " if those else ""
        yield problem._replace(message=f"{where}{problem.message}")


def by_reason(reasons: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    """Return the configurations of each reason, from pairs of both, in the order of the first."""
    names: dict[str, list[str]] = {}
    for name, reason in reasons:
        names.setdefault(reason, []).append(name)
    return names


def listed(names: Sequence[str]) -> str:
    """Name configurations, of many the first few and how many more."""
    if len(names) <= _MANY:
        return ", ".join(names)
    return f"{', '.join(names[:_FEW])} and {len(names) - _FEW} more"
