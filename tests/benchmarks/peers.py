"""What ``lockguard`` is for, beside Poetry, uv and PDM, in one run on this machine's index.

    python tests/benchmarks/peers.py [ROUNDS] [JOB]...

Jobs: ``drop`` (one requirement less, warm caches), ``add`` (one more, cold), ``regenerate`` (no
lock, cold), ``bootstrap`` (a stale lock and no environment, cold: locked and installed). Whole
programs, which take turns; medians of seconds, and their ratio to Poetry's and uv's. A peer that
is not on PATH, or fails, is left out with its last line. Stock Poetry has the index as a source,
since that is how it can use pages of HTML.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from index.pypi_proxy import pypi_address

if TYPE_CHECKING:
    from collections.abc import Callable

Value = TypeVar("Value")

MANIFEST = """
[project]
name = "bench"
version = "1.0"
requires-python = ">=3.11,<3.14"
dependencies = [{requirements}]

[tool.poetry]
package-mode = false
{more}"""
SOURCE = '\n[[tool.poetry.source]]\nname = "index"\nurl = "{url}simple/"\n'
SMALL = (
    "requests", "fastapi", "pandas", "sqlalchemy", "celery", "boto3", "pydantic-settings", "httpx",
    "rich", "numpy", "scipy", "cryptography", "aiohttp", "jinja2", "pillow", "pytest", "mypy",
)  # fmt: skip
LARGE = (
    *SMALL, "sphinx", "jupyterlab", "scikit-learn", "matplotlib", "opentelemetry-sdk", "django",
    "azure-identity", "google-cloud-storage", "flask", "scrapy", "ansible-core", "black", "tox",
    "twine", "polars", "dask", "networkx", "sympy", "statsmodels", "seaborn", "redis", "pymongo",
)  # fmt: skip
DROPPED, ADDED = "pillow", "tabulate"
PYTHON = sys.executable


@dataclass(frozen=True)
class Tool:
    """One program: how it locks, how it bootstraps, and the variable that names its cache."""

    name: str
    lock: tuple[str, ...]
    regenerate: tuple[str, ...]
    bootstrap: tuple[str, ...]
    cache: str
    environ: dict[str, str] = field(default_factory=dict)
    more: str = ""
    lock_file: str = "poetry.lock"


def tools() -> list[Tool]:
    """Return the program and its peers on this machine."""
    poetry, ours = f"{PYTHON} -m poetry", f"{PYTHON} -m poetry_lockguard"
    found = [
        Tool(
            name="Poetry",
            lock=(*poetry.split(), "lock", "--no-interaction"),
            regenerate=(*poetry.split(), "lock", "--regenerate", "--no-interaction"),
            bootstrap=("sh", "-c", f"{poetry} lock -n && {poetry} install -n --no-root"),
            cache="POETRY_CACHE_DIR",
            more=SOURCE.format(url=pypi_address()),
        ),
        Tool(
            name="lockguard",
            lock=(*ours.split(), "fix"),
            regenerate=(*ours.split(), "fix", "--strategy", "regenerate"),
            bootstrap=(*ours.split(), "install", "--no-root"),
            cache="POETRY_CACHE_DIR",
        ),
    ]
    if uv := shutil.which("uv"):
        lock = (uv, "lock", "--python", PYTHON)
        found.append(
            Tool(
                name="uv",
                lock=lock,
                regenerate=(*lock, "--upgrade"),
                bootstrap=(uv, "sync", "--python", PYTHON),
                cache="UV_CACHE_DIR",
                lock_file="uv.lock",
            )
        )
    if pdm := shutil.which("pdm"):
        found.append(
            Tool(
                name="PDM",
                lock=(pdm, "lock", "--update-reuse"),
                regenerate=(pdm, "lock"),
                bootstrap=("sh", "-c", f"{pdm} lock --update-reuse && {pdm} sync"),
                cache="PDM_CACHE_DIR",
                environ={"PDM_IGNORE_SAVED_PYTHON": "1", "PDM_CHECK_UPDATE": "0"},
                lock_file="pdm.lock",
            )
        )
    return found


@dataclass(frozen=True)
class Job:
    """One change to a locked project, and what each tool is asked."""

    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    is_warm: bool = False
    command: str = "lock"


JOBS = {
    "drop": Job("one requirement less, warm", LARGE, tuple(n for n in LARGE if n != DROPPED), True),
    "add": Job("one requirement more, cold", LARGE, (*LARGE, ADDED)),
    "regenerate": Job("no lock, cold", SMALL, SMALL, command="regenerate"),
    "bootstrap": Job(
        "stale lock, no environment, cold", SMALL, (*SMALL, ADDED), command="bootstrap"
    ),
}


def write(folder: Path, tool: Tool, requirements: tuple[str, ...]) -> None:
    listed = ", ".join(f'"{name}"' for name in requirements)
    (folder / "pyproject.toml").write_text(MANIFEST.format(requirements=listed, more=tool.more))


def run(command: tuple[str, ...], folder: Path, tool: Tool, cache: str) -> float:
    """Run a command with this cache folder, and its own environment; return seconds."""
    environ = {
        **os.environ,
        **tool.environ,
        tool.cache: cache,
        "POETRY_VIRTUALENVS_IN_PROJECT": "true",
    }
    environ.pop("VIRTUAL_ENV", None)
    began = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
        raise ChildProcessError(lines[-1])
    return time.perf_counter() - began


def locked(home: Path, tool: Tool, job: Job) -> Path:
    """Return a folder with the lock that the tool makes before the change."""
    folder = home / tool.name / job.name.replace(" ", "-")
    folder.mkdir(parents=True)
    write(folder, tool, job.before)
    run(tool.lock, folder, tool, str(home / tool.name / "cache"))
    shutil.copy(folder / tool.lock_file, folder / "before.lock")
    return folder


def once(home: Path, tool: Tool, job: Job, folder: Path) -> float:
    """Bring the project back to its start, change it, and time the command."""
    shutil.rmtree(folder / ".venv", ignore_errors=True)
    (folder / ".pdm-python").unlink(missing_ok=True)
    if job.command == "regenerate":
        (folder / tool.lock_file).unlink(missing_ok=True)
    else:
        shutil.copy(folder / "before.lock", folder / tool.lock_file)
    write(folder, tool, job.after)
    command = getattr(tool, job.command)
    if job.is_warm:
        return run(command, folder, tool, str(home / tool.name / "cache"))
    with tempfile.TemporaryDirectory() as cache:
        return run(command, folder, tool, cache)


def attempted(what: Callable[[], Value], tool: Tool) -> Value | None:
    """Return what a tool gives; None, and a line about it, if it fails."""
    try:
        return what()
    except ChildProcessError as error:
        print(f"  {tool.name}: left out: {error}")
        return None


def measure(home: Path, job: Job, rounds: int) -> None:
    """Print a line for each tool."""
    times: dict[str, list[float]] = {}
    folders: dict[str, Path] = {}
    for tool in tools():
        folder = attempted(partial(locked, home, tool, job), tool)
        if folder is not None:
            folders[tool.name], times[tool.name] = folder, []
    for _ in range(rounds):
        for tool in [each for each in tools() if each.name in times]:
            seconds = attempted(partial(once, home, tool, job, folders[tool.name]), tool)
            if seconds is None:
                del times[tool.name]
            else:
                times[tool.name].append(seconds)
    pins = (folders["lockguard"] / "poetry.lock").read_text().count("[[package]]")
    print(f"{job.name}, {pins} pins, {rounds} rounds")
    middle = {name: statistics.median(column) for name, column in times.items()}
    for name, seconds in middle.items():
        ratios = [
            f"{seconds / middle[peer]:.2f} of {peer}" for peer in ("Poetry", "uv") if peer in middle
        ]
        print(f"  {name:10}{seconds:8.2f} s   {', '.join(ratios)}")


def main(rounds: int, names: list[str]) -> None:
    for name in names or list(JOBS):
        with tempfile.TemporaryDirectory() as home:
            measure(Path(home), JOBS[name], rounds)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3, sys.argv[2:])
