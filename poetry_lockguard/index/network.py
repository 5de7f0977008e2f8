"""The limits of one run's network access: where, how often, how long, and whether it may prompt."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from poetry_lockguard.policy.admission import Admission


def is_unattended(environ: Mapping[str, str], *, interactive: bool) -> bool:
    """Return whether nobody can answer a prompt: no terminal, CI, or ``--no-interaction``."""
    ci = environ.get("CI", "").lower() not in {"", "0", "false"}
    return ci or not interactive or not (sys.stdin and sys.stdin.isatty())


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The network settings of one run.

    ``mirrors`` are those of ``--mirror``, ``settings_mirrors`` those of ``[tool.lockguard]``.
    ``deadline`` is a moment of ``time.monotonic()``. If ``is_brief``, a host that has never
    answered is abandoned at its first timeout. ``environ`` is where URLs, certificates and
    LOCKGUARD_MIRRORS are looked up. ``admission`` decides which releases may be locked; None admits
    all.
    """

    mirrors: tuple[str, ...] = ()
    settings_mirrors: tuple[str, ...] = ()
    offline: bool = False
    retries: int = 4
    is_brief: bool = False
    deadline: float | None = None
    unattended: bool = True
    admission: Admission | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    def remaining(self) -> float:
        """Seconds until the deadline; never negative, infinite without one."""
        if self.deadline is None:
            return float("inf")
        return max(0.0, self.deadline - time.monotonic())
