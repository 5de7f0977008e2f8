"""A target as Poetry's solver takes it: an environment that need not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from poetry.utils.env import NullEnv

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from poetry.utils.env.base_env import MarkerEnv


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
            "version_info": (int(major), int(minor), _leading_number(patch), "final", 0),
            "interpreter_name": self._markers["implementation_name"],
            "interpreter_version": f"{major}{minor}",
        }
        return cast("MarkerEnv", given)


def _leading_number(patch: list[str]) -> int:
    digits = "".join(patch[:1])
    number = digits[: len(digits) - len(digits.lstrip("0123456789"))]
    return int(number or 0)
