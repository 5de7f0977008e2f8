"""One target environment: an interpreter on a platform, as markers and wheel tags."""

from __future__ import annotations

import re
import sysconfig
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from poetry_lockguard.errors import UsageError
from poetry_lockguard.plurals import enumerated
from poetry_lockguard.targets.platforms import platform

if TYPE_CHECKING:
    from collections.abc import Mapping

    from packaging.tags import Tag

FREE_THREADED = "cpython-freethreaded"
IMPLEMENTATIONS = {"cpython": "CPython", "pypy": "PyPy", FREE_THREADED: "CPython"}

_PYTHON = re.compile(r"(3\.\d+)(\.\d+((a|b|rc)\d+)?\+?)?")
_OLDEST_FREE_THREADED = 13
# The release line of PyPy in its wheels' tags, and a version of it for the rarely used marker
# implementation_version.
_PYPY_ABI = "pp73"
_PYPY_VERSION = "7.3.20"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An environment for which packages are chosen.

    ``python`` is a full version (``3.11.0`` if only ``3.11`` was given), ``platform`` a wheel
    platform tag, and ``markers`` the full environment of PEP 508, in which the variables that
    depend on one machine (``platform_release``, ``platform_version``) are empty.
    """

    python: str
    implementation: str
    platform: str
    markers: Mapping[str, str] = field(hash=False)

    @property
    def minor(self) -> str:
        """The first two numbers of the Python version."""
        return self.markers["python_version"]

    @property
    def tags(self) -> tuple[Tag, ...]:
        """The tags of the wheels that can be installed there, best first."""
        return wheel_tags(self.minor, self.implementation, self.platform)


def target(python: str, platform_name: str, implementation: str = "cpython") -> Target:
    """Describe an environment on any machine.

    ``python`` is ``3.11`` or ``3.11.7``, or ``3.14t`` for a free-threaded one; ``platform_name`` a
    short name or a wheel platform tag. Raises UsageError for an invalid platform, implementation or
    version.
    """
    version = whole_version(python)
    check_implementation(implementation)
    implementation = _with_threads(python, version, implementation)
    place = platform(platform_name)
    own = _PYPY_VERSION if implementation == "pypy" else version
    markers = place.markers | {
        "implementation_name": "pypy" if implementation == "pypy" else "cpython",
        "implementation_version": own,
        "platform_python_implementation": IMPLEMENTATIONS[implementation],
        "platform_release": "",
        "platform_version": "",
        "python_full_version": version,
        "python_version": ".".join(version.split(".")[:2]),
    }
    return Target(
        python=version,
        implementation=implementation,
        platform=place.tag,
        markers=dict(sorted(markers.items())),
    )


def whole_version(python: str) -> str:
    """Complete ``3.11`` to ``3.11.0``, or raise UsageError for an invalid version of Python.

    The ``t`` of a free-threaded Python is no part of its version.
    """
    plain = python.removesuffix("t")
    match = _PYTHON.fullmatch(plain)
    if match is None:
        raise UsageError(f'{python}: not a version of Python, such as "3.11" or "3.11.7"')
    return plain if match[2] else f"{plain}.0"


def _with_threads(python: str, version: str, implementation: str) -> str:
    """Return the implementation, free-threaded if the version asks for it."""
    if not python.endswith("t") and implementation != FREE_THREADED:
        return implementation
    if implementation == "pypy":
        raise UsageError(f"{python}: only CPython is free-threaded; drop the t")
    if int(version.split(".")[1]) < _OLDEST_FREE_THREADED:
        raise UsageError(
            f"{python}: Python is free-threaded from 3.{_OLDEST_FREE_THREADED} on; drop the t"
        )
    return FREE_THREADED


def check_implementation(implementation: str) -> None:
    """Raise UsageError for an unsupported implementation."""
    if implementation not in IMPLEMENTATIONS:
        known = enumerated([*IMPLEMENTATIONS], "or")
        raise UsageError(f"{implementation}: not a known implementation of Python; use {known}")


def current() -> Target:
    """Describe the running interpreter, as ``packaging`` does.

    Raises UsageError on an unsupported interpreter or system.
    """
    from packaging.markers import default_environment
    from packaging.tags import platform_tags

    markers = {key: str(value) for key, value in default_environment().items()}
    # The tag linux_… does not name the C library; the first of the others does.
    accepted = sorted(platform_tags(), key=lambda tag: tag.startswith("linux_"))
    suffix = "t" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""
    python = f"{markers['python_version']}{suffix}"
    described = target(python, accepted[0], markers["implementation_name"])
    return Target(
        python=markers["python_full_version"],
        implementation=described.implementation,
        platform=described.platform,
        markers=dict(sorted(markers.items())),
    )


@cache
def wheel_tags(python: str, implementation: str, platform_tag: str) -> tuple[Tag, ...]:
    """Return the wheel tags of an interpreter in the order of ``packaging.tags.sys_tags``."""
    from packaging import tags

    version = tuple(int(number) for number in python.split("."))
    digits = "".join(str(number) for number in version)
    accepts = platform(platform_tag).accepts
    match implementation:
        case "pypy":
            interpreter = "pp3"
            own = tags.generic_tags(f"pp{digits}", [f"pypy{digits}_{_PYPY_ABI}"], accepts)
        case "cpython-freethreaded":
            interpreter = f"cp{digits}"
            own = tags.cpython_tags(version, [f"{interpreter}t"], accepts)
        case _:
            interpreter = f"cp{digits}"
            own = tags.cpython_tags(version, [interpreter], accepts)
    return (*own, *tags.compatible_tags(version, interpreter, accepts))
