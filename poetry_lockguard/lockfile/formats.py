"""Knows which lock formats Poetry 2 reads."""

from __future__ import annotations

import re
from typing import Any

from poetry_lockguard.lockfile.damage import NEXT_STEP, LockDamage, UnsupportedLock
from poetry_lockguard.outcomes import Problem

FIRST_MAJOR = 1
END_MAJOR = 3  # Locker._READ_VERSION_RANGE is ">=1,<3" in every Poetry from 2.0 to 2.5
_PLAIN = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,9}")


def lock_version(metadata: dict[str, Any]) -> str:
    """Return the format of a lock from its ``[metadata]``.

    Raises LockDamage if there is no valid format, UnsupportedLock if Poetry 2 does not read it.
    """
    version = metadata.get("lock-version")
    if version is None:
        raise _no_version("has no lock-version, like locks from before Poetry 1.0.10")
    if not isinstance(version, str):
        raise _no_version(f"lock-version {version!r} is not a string")
    readable = _is_readable(version)
    if readable is None:
        raise _no_version(f'lock-version "{version}" is not a version')
    if not readable:
        raise UnsupportedLock(_newer_or_older(version), version)
    return version


def has_groups(version: str) -> bool:
    """Whether locks of this format have each pin's groups and markers (2.1 and newer)."""
    return _key(version) >= (2, 1)


def _is_readable(version: str) -> bool | None:
    """Whether Poetry reads this format; None if it is not a valid version."""
    if _PLAIN.fullmatch(version):
        return FIRST_MAJOR <= int(version.partition(".")[0]) < END_MAJOR

    from poetry.core.constraints.version import Version, parse_constraint

    try:
        return parse_constraint(f">={FIRST_MAJOR},<{END_MAJOR}").allows(Version.parse(version))
    except ValueError:
        return None


def _key(version: str) -> tuple[int, ...]:
    if _PLAIN.fullmatch(version):
        return tuple(int(number) for number in version.split("."))

    from poetry.core.constraints.version import Version

    return tuple(Version.parse(version).release.to_parts())


def _no_version(what: str) -> LockDamage:
    problem = Problem(code="lock-version", message=f"{what}, so Poetry refuses to install from it")
    return LockDamage((problem.with_next_step(NEXT_STEP).about("poetry.lock"),))


def _newer_or_older(version: str) -> Problem:
    message = (
        f"this Poetry does not read format {version}"
        f" (>={FIRST_MAJOR},<{END_MAJOR}); use the Poetry that wrote it, or delete the file and"
        " run `poetry lock`"
    )
    return Problem(code="lock-version", message=message, locked=version).about("poetry.lock")
