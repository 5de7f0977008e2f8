"""One configuration: a target with groups and extras, and a name made from these values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from poetry_lockguard.targets.platforms import short_name
from poetry_lockguard.targets.target import FREE_THREADED, target
from poetry_lockguard.targets.variant import NO_VARIANT, Variant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from poetry_lockguard.targets.target import Target

MAIN = ("main",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What one resolution is for. Groups and extras are normalized and sorted."""

    name: str
    target: Target
    groups: tuple[str, ...] = MAIN
    extras: tuple[str, ...] = ()
    variant: Variant = NO_VARIANT


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The values of one configuration as written in the settings or as options."""

    python: str
    platform: str
    implementation: str = "cpython"
    groups: tuple[str, ...] = MAIN
    extras: tuple[str, ...] = ()
    variant: Variant = NO_VARIANT


def configuration(wish: Wish, name: str | None = None) -> Configuration:
    """Create a configuration, named after its values unless a name is given.

    Raises UsageError for an invalid platform, implementation or version.
    """
    environment = target(wish.python, wish.platform, wish.implementation)
    groups, extras = _normalized(wish.groups), _normalized(wish.extras)
    return Configuration(
        name=name or _name(wish, groups, extras),
        target=environment,
        groups=groups,
        extras=extras,
        variant=wish.variant,
    )


def configuration_of(
    environment: Target, *, groups: Iterable[str] = MAIN, extras: Iterable[str] = ()
) -> Configuration:
    """Create a configuration for an existing target, such as the running interpreter's."""
    suffix = "t" if environment.implementation == FREE_THREADED else ""
    wish = Wish(
        python=f"{environment.minor}{suffix}",
        platform=short_name(environment.platform),
        implementation=environment.implementation,
    )
    chosen, wanted = _normalized(groups), _normalized(extras)
    name = _name(wish, chosen, wanted)
    return Configuration(name=name, target=environment, groups=chosen, extras=wanted)


def _name(wish: Wish, groups: tuple[str, ...], extras: tuple[str, ...]) -> str:
    """Return a name: ``linux-i686-py311``, ``windows-x86_64-pypy311.7-gpu-with-dev``.

    Groups are named as in Poetry's options ``--with`` and ``--only``.
    """
    major, minor, *patch = wish.python.split(".")
    is_cpython = wish.implementation in {"cpython", FREE_THREADED}
    interpreter = "py" if is_cpython else wish.implementation
    others = [group for group in groups if group != "main"]
    words = [wish.platform, ".".join([f"{interpreter}{major}{minor}", *patch]), *extras]
    if "main" not in groups:
        words += ["only", *others]
    elif others:
        words += ["with", *others]
    return "-".join(words)


def _normalized(names: Iterable[str]) -> tuple[str, ...]:
    from packaging.utils import canonicalize_name

    return tuple(sorted({canonicalize_name(name) for name in names}))
