"""Compares an environment with the target of a resolution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.targets.platforms import platform

if TYPE_CHECKING:
    from poetry_lockguard.targets.target import Target


def differences(wanted: Target, found: Target) -> tuple[str, ...]:
    """Return how the environment ``found`` differs from ``wanted``; nothing if it fits.

    Another patch release of Python is not a difference, nor is a newer system on which wheels for
    the wanted one can be installed.
    """
    values = {
        "Python": (wanted.minor, found.minor),
        "implementation": (wanted.implementation, found.implementation),
        "system": (_system(wanted), _system(found)),
        "machine": (_machine(wanted), _machine(found)),
    }
    named = [
        f"{word} {actual}, not {want}" for word, (want, actual) in values.items() if want != actual
    ]
    is_same_system = _system(wanted) == _system(found) and _machine(wanted) == _machine(found)
    if is_same_system and wanted.platform not in platform(found.platform).accepts:
        named.append(f"platform {found.platform}, not {wanted.platform}")
    return tuple(named)


def _system(target: Target) -> str:
    return target.markers["platform_system"]


def _machine(target: Target) -> str:
    return target.markers["platform_machine"]
