"""Which pins the declared requirements still need: a walk over the lock's names and extras."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING

from poetry_lockguard.reachability import reachable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from poetry.core.constraints.version import VersionConstraint

    from poetry_lockguard.freshness.locked_package import LockedPackage
    from poetry_lockguard.lockfile.document import Pin
    from poetry_lockguard.manifest.requirement import Requirement

    Edge = tuple[str, frozenset[str]]


def by_name(locked: Iterable[LockedPackage]) -> dict[str, list[LockedPackage]]:
    """Group pins by their normalized names."""
    groups: dict[str, list[LockedPackage]] = defaultdict(list)
    for package in locked:
        groups[package.name].append(package)
    return dict(groups)


def reached_names(
    requirements: Iterable[Requirement],
    pins: dict[str, list[LockedPackage]],
    python: VersionConstraint | None = None,
) -> set[str]:
    """Return the names of the pins that the requirements need, directly or through others.

    Markers and versions are ignored, so no pin is called needless by mistake; with ``python``,
    what is needed on none of these Pythons is left out, as Poetry leaves it out.
    """
    return reached_from(
        ((requirement.name, frozenset(requirement.features)) for requirement in requirements),
        pins,
        python,
    )


def reached_from(
    starts: Iterable[Edge],
    pins: dict[str, list[LockedPackage]],
    python: VersionConstraint | None = None,
) -> set[str]:
    """Return the names reached from ``starts``, each a name with the requested extras."""

    def below(edge: Edge) -> Iterator[Edge]:
        name, features = edge
        for package in pins.get(name, ()):
            for needed in package.edges(features):
                if python is None or package.needs_on(needed[0], python):
                    yield needed

    return {name for name, _ in reachable(starts, below) if name in pins}


def chain_tops(needless: set[str], pins: dict[str, list[LockedPackage]]) -> dict[str, set[str]]:
    """Return the tops of the chains among ``needless`` names, each with all that it needed.

    In a circle that nothing else leads to, the alphabetically first name is the top.
    """
    below = {name: reached_below([name], pins) & needless for name in needless}
    tops: dict[str, set[str]] = {}
    for name in sorted(needless):
        over = {other for other in needless if name in below[other] and other not in below[name]}
        circle = {other for other in below[name] if name in below[other]}
        if not over and not circle & tops.keys():
            tops[name] = below[name] - {name}
    return tops


def reached_below(names: Iterable[str], pins: dict[str, list[LockedPackage]]) -> set[str]:
    """Return what these pins need with all their extras: the requested ones are not known."""
    return reached_from(
        (
            edge
            for name in names
            for package in pins[name]
            for edge in package.edges(frozenset(package.extras))
        ),
        pins,
    )


def shortest_chain(name: str, required: Collection[str], pins: Iterable[Pin]) -> tuple[str, ...]:
    """Return the shortest way from a required name to this one by names; empty if there is none."""
    parents: dict[str, list[str]] = defaultdict(list)
    for pin in pins:
        for needed in pin.dependencies:
            parents[needed].append(pin.name)
    chains: deque[tuple[str, ...]] = deque([(name,)])
    known = {name}
    while chains:
        chain = chains.popleft()
        if chain[0] in required:
            return chain
        above = [one for one in dict.fromkeys(parents[chain[0]]) if one not in known]
        known.update(above)
        chains.extend((one, *chain) for one in above)
    return ()
