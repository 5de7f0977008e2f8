"""Which pins an update moved although nobody named them, and the requirement that forced each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from poetry_lockguard.lockfile.notation import UnreadableError, constraint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from poetry_lockguard.lockfile.document import Lock, Pin

    Wanted = str | dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForcedMove:
    """A pin that had to move; ``requirement`` is what excluded its old version."""

    package: str
    requirement: str


def forced_moves(old: Lock, new: Lock, named: Collection[str]) -> tuple[ForcedMove, ...]:
    """Return the packages that both locks have, at new versions, and were not ``named``.

    A package of which one of several versions is no longer needed has not moved.
    """
    before, after = _by_name(old), _by_name(new)
    return tuple(
        ForcedMove(package=name, requirement=_why(before[name], after, new, named))
        for name in sorted(before.keys() & after.keys())
        if name not in named and not _versions(after[name]) <= _versions(before[name])
    )


def needed(parent: Pin, name: str, wanted: Wanted) -> str:
    """Return a requirement of a pin in words."""
    text = wanted if isinstance(wanted, str) else str(wanted.get("version", "*"))
    return f"{parent.name} {parent.version} needs {name} ({text})"


def excludes(wanted: Wanted, version: str) -> bool:
    """Whether a requirement of a lock's entry rules out a version."""
    from poetry.core.constraints.version import Version

    text = wanted if isinstance(wanted, str) else wanted.get("version")
    if text is None:
        return False
    try:
        return not constraint(str(text)).allows(Version.parse(version))
    except (UnreadableError, ValueError):
        return False


def _by_name(lock: Lock) -> dict[str, list[Pin]]:
    found: dict[str, list[Pin]] = defaultdict(list)
    for pin in lock.pins:
        found[pin.name].append(pin)
    return found


def _versions(pins: list[Pin]) -> set[tuple[str, str | None]]:
    commits = (pin.source.resolved_reference if pin.source else None for pin in pins)
    return {(pin.version, commit) for pin, commit in zip(pins, commits, strict=True)}


def _why(held: list[Pin], after: dict[str, list[Pin]], new: Lock, named: Collection[str]) -> str:
    """Return a requirement on the package that the old pins do not fit, or one of theirs."""
    parents = sorted(new.pins, key=lambda pin: (pin.name not in named, pin.name, pin.version))
    reasons = [reason for pin in held for parent in parents for reason in _on(parent, pin)]
    reasons += [reason for pin in held for reason in _own(pin, after, named)]
    reasons += [reason for pin in held for reason in _pythons(pin, after, new)]
    return next(iter(reasons), "")


def _on(parent: Pin, pin: Pin) -> Iterator[str]:
    for wanted in parent.dependencies.get(pin.name, ()):
        if excludes(wanted, pin.version):
            yield needed(parent, pin.name, wanted)


def _own(pin: Pin, after: dict[str, list[Pin]], named: Collection[str]) -> Iterator[str]:
    for name in sorted(pin.dependencies, key=lambda one: (one not in named, one)):
        for wanted in pin.dependencies[name]:
            if any(excludes(wanted, one.version) for one in after.get(name, ())):
                yield needed(pin, name, wanted)


def _pythons(pin: Pin, after: dict[str, list[Pin]], new: Lock) -> Iterator[str]:
    """Say what a pin needs that does not support all of the project's Pythons."""
    for name in sorted(pin.dependencies):
        pythons = [one.python_versions for one in after.get(name, ())]
        try:
            missing = constraint(new.python_versions or "*")
            for text in pythons:
                missing = missing.difference(constraint(text))
        except UnreadableError:
            continue
        if pythons and not missing.is_empty():
            one = after[name][-1]
            yield f"{name} {one.version} needs Python ({one.python_versions})"
