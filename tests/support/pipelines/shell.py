"""Runs a script as the runners of both systems do: bash, ending at the first failure."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Said:
    """What a script printed, both streams together, and how it ended."""

    code: int
    out: str


def bash(script: str, folder: Path, environ: Mapping[str, str]) -> Said:
    """Run a script in a folder."""
    result = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=300,
    )
    return Said(result.returncode, result.stdout)


def surroundings(home: Path) -> dict[str, str]:
    """Return the environment of a machine of one job: its caches are its own, and cold."""
    home.mkdir(parents=True, exist_ok=True)
    return {**os.environ, "CI": "true", "POETRY_CACHE_DIR": str(home / "cache")}
