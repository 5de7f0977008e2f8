"""Whether an environment is what something was resolved for, and if not, in what it differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.targets.platforms import platform

if TYPE_CHECKING:
    from poetry_lockguard.targets.target import Target


def differences(wanted: Target, found: Target) -> tuple[str, ...]:
    """Say in which ways the environment ``found`` is not what ``wanted`` was resolved for.

    A patch release of Python is no difference, and neither is a newer system than wanted, as far
    as wheels for the older one install there. Nothing: it fits.
    """
    found_at = {
        "Python": (wanted.minor, found.minor),
        "implementation": (wanted.implementation, found.implementation),
        "system": (_system(wanted), _system(found)),
        "machine": (_machine(wanted), _machine(found)),
    }
    named = [
        f"{word} {here}, not {want}" for word, (want, here) in found_at.items() if want != here
    ]
    same_place = _system(wanted) == _system(found) and _machine(wanted) == _machine(found)
    if same_place and wanted.platform not in platform(found.platform).accepts:
        named.append(f"platform {found.platform}, not {wanted.platform}")
    return tuple(named)


def _system(target: Target) -> str:
    return target.markers["platform_system"]


def _machine(target: Target) -> str:
    return target.markers["platform_machine"]
