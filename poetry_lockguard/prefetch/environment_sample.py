"""The environments a project's lock speaks of, as a sample, to ask whether a marker can hold.

Only the look-ahead asks, so a sample is enough: a wrong answer costs a request, never a result.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from packaging.markers import InvalidMarker, Marker, UndefinedEnvironmentName
from poetry.core.constraints.version import Version

if TYPE_CHECKING:
    from collections.abc import Iterable

    from poetry.core.constraints.version import VersionConstraint

_MINORS = tuple(f"3.{minor}" for minor in range(7, 18))
_PLATFORMS = (
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
)
_MACHINES = ("x86_64", "aarch64", "arm64", "AMD64")


class EnvironmentSample:
    """A sample of the environments that a Python range allows."""

    def __init__(self, python: VersionConstraint) -> None:
        minors = [minor for minor in _MINORS if python.allows(Version.parse(f"{minor}.99"))]
        self.minors = tuple(minors or _MINORS[-1:])
        self._environments = [
            {
                **platform,
                "python_version": minor,
                "python_full_version": f"{minor}.5",
                "implementation_version": f"{minor}.5",
                "implementation_name": implementation.lower(),
                "platform_python_implementation": implementation,
                "platform_machine": machine,
                "platform_release": "",
                "platform_version": "",
            }
            for minor in self.minors
            for platform in _PLATFORMS
            for implementation, machine in zip(
                ("CPython", "PyPy", "CPython", "CPython"), _MACHINES, strict=True
            )
        ]
        self._may_hold = cache(self._evaluate)

    def may_hold(self, marker: Marker | None, extras: Iterable[str] = ()) -> bool:
        """Return whether a marker holds anywhere, with any of ``extras`` or none."""
        return marker is None or self._may_hold(str(marker), frozenset(extras))

    def _evaluate(self, text: str, extras: frozenset[str]) -> bool:
        marker = Marker(text)
        try:
            return any(
                marker.evaluate({**environment, "extra": extra})
                for extra in ("", *extras)
                for environment in self._environments
            )
        except (InvalidMarker, UndefinedEnvironmentName):
            return True
