"""``lockguard check --online`` beside ``uv pip compile`` of the same pins, on this machine's index.

    python tests/benchmarks/online.py [ROUNDS]

A project of some twenty requirements and more than a hundred pins. Both start with empty caches
and take turns. uv, where it is installed, is given the pins as requirements and told to hash them:
it reads the same pages, and small files of metadata besides, but compares nothing with a lock.
Prints medians in seconds; the reach is 10 s for 100 pins.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from index.pypi_proxy import pypi_address

from poetry_lockguard.lockfile.parse import parse

MANIFEST = """
[project]
name = "bench"
version = "1.0"
requires-python = ">=3.10,<4.0"
dependencies = [
    "requests", "fastapi", "pandas", "sqlalchemy", "celery", "boto3", "pydantic-settings", "httpx",
    "rich", "numpy", "scipy", "cryptography", "aiohttp", "jinja2", "pillow", "django", "lxml",
    "scikit-learn", "matplotlib", "opentelemetry-sdk", "grpcio-status",
]

[tool.poetry]
package-mode = false

[tool.poetry.group.dev.dependencies]
pytest = "*"
mypy = "*"
ruff = "*"
"""
OURS = (sys.executable, "-m", "poetry_lockguard")


def timed(command: tuple[str, ...], folder: Path) -> float:
    """Run a command with empty caches; gives seconds."""
    with tempfile.TemporaryDirectory() as cache:
        environ = {**os.environ, "POETRY_CACHE_DIR": cache, "UV_CACHE_DIR": cache}
        began = time.perf_counter()
        subprocess.run(command, cwd=folder, env=environ, check=True, capture_output=True)
        return time.perf_counter() - began


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        (folder / "pyproject.toml").write_text(MANIFEST)
        subprocess.run((*OURS, "fix"), cwd=folder, check=True, capture_output=True)
        lock = parse((folder / "poetry.lock").read_bytes())
        pins = {pin.name: f"{pin.name}=={pin.version}\n" for pin in lock.pins}
        (folder / "requirements.in").write_text("".join(pins.values()))
        jobs: dict[str, tuple[str, ...]] = {
            "lockguard check --online": (*OURS, "check", "--online")
        }
        if shutil.which("uv"):
            jobs["uv pip compile --generate-hashes"] = (
                *("uv", "pip", "compile", "--quiet", "--no-deps", "--generate-hashes"),
                *("--python-version", "3.13"),
                *("--default-index", f"{pypi_address()}simple/", "requirements.in"),
            )
        seconds: dict[str, list[float]] = {name: [] for name in jobs}
        for _ in range(rounds):
            for name, command in jobs.items():
                seconds[name].append(timed(command, folder))
    print(f"{len(lock.pins)} pins, cold, {rounds} rounds (reach: 10 s for 100 pins)")
    for name, each in seconds.items():
        print(f"{name}: {statistics.median(each):.1f} s (worst {max(each):.1f} s)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 5)
