"""A target as Poetry's solver takes it: an environment that need not exist."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, cast

from poetry.utils.env import NullEnv

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from poetry.core.version.markers import BaseMarker
    from poetry.utils.env.base_env import MarkerEnv


# A target is not a machine, so it has no kernel release, and Poetry cannot compare an empty text.
# A marker holds if it holds with a release below, and with one above, any that a marker names: so
# none of <, <=, >, >= and == holds, and != does, as ``packaging`` judges an empty release.
_RELEASES = ("0.dev0", "99999999")
_OF_A_MACHINE = ("platform_release", "platform_version")


class TargetEnv(NullEnv):
    """An environment with given markers, in which nothing is installed or run.

    Git dependencies are checked out below ``path``.
    """

    def __init__(self, markers: Mapping[str, str], path: Path) -> None:
        super().__init__(path=path)
        self._markers = markers

    def get_marker_env(self) -> MarkerEnv:
        """Return the target's markers, with what Poetry adds to them."""
        major, minor, *patch = self._markers["python_full_version"].split(".")
        given: dict[str, Any] = {
            **self._markers,
            **{name: _RELEASES[0] for name in _OF_A_MACHINE if not self._markers.get(name)},
            "version_info": (int(major), int(minor), _leading_number(patch), "final", 0),
            "interpreter_name": self._markers["implementation_name"],
            "interpreter_version": f"{major}{minor}",
        }
        return cast("MarkerEnv", given)


def holds(marker: BaseMarker, environment: Mapping[str, Any]) -> bool:
    """Return whether a marker holds in the ``marker_env`` of a target."""
    if not marker.validate(environment):
        return False
    unknown = [name for name in _OF_A_MACHINE if environment.get(name) == _RELEASES[0]]
    if not unknown or not _is_about_a_machine(marker):
        return True
    return marker.validate({**environment, **dict.fromkeys(unknown, _RELEASES[1])})


@functools.cache
def _is_about_a_machine(marker: BaseMarker) -> bool:
    text = str(marker)
    return any(name in text for name in _OF_A_MACHINE)


def _leading_number(patch: list[str]) -> int:
    digits = "".join(patch[:1])
    number = digits[: len(digits) - len(digits.lstrip("0123456789"))]
    return int(number or 0)
