"""``[tool.lockguard]``: parsed once, all mistakes at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

STRATEGIES = ("offline", "relock", "salvage", "regenerate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a project asked for. ``timeout`` is in seconds for one fix."""

    guard: str = "off"
    mirrors: tuple[str, ...] = ()
    strategies: tuple[str, ...] = STRATEGIES
    timeout: float = 600.0
    min_poetry: str | None = None
    snapshot: str = "lockguard.lock"


def parse(table: dict[str, Any], where: str) -> Settings:
    """Parse the ``[tool.lockguard]`` table; ``where`` is the file that messages name.

    Raises SettingsError that lists every unknown key, with the nearest known one, and every
    wrong value.
    """
    raise NotImplementedError
