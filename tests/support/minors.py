"""Each supported Poetry minor in a virtual environment of its own, made when first asked for.

They are kept in ``LOCKGUARD_TEST_VENVS``, or beside nox's.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

MINORS = ("2.0", "2.1", "2.2", "2.3", "2.4", "2.5")
HOME = Path(
    os.environ.get("LOCKGUARD_TEST_VENVS", Path(__file__).parents[2] / ".nox" / "poetry-minors")
)

_IS_FRESH = """
import json, sys, tempfile
from pathlib import Path
from poetry.packages.locker import Locker
from poetry.utils._compat import tomllib

def is_fresh(folder, manifest, lock):
    path = folder / "poetry.lock"
    path.write_bytes(lock.encode())
    try:
        return Locker(path, tomllib.loads(manifest)).is_fresh()
    except Exception as error:
        return type(error).__name__

with tempfile.TemporaryDirectory() as folder:
    pairs = json.load(sys.stdin)
    print(json.dumps([is_fresh(Path(folder), *pair) for pair in pairs]))
"""


def python_of(minor: str) -> Path:
    """Return the Python of an environment that holds the newest Poetry of a minor."""
    folder = HOME / f"{minor}-py{sys.version_info[0]}{sys.version_info[1]}"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    done = folder / "complete"
    HOME.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_name(f"{folder.name}.lock")):  # tests run in several processes
        if not done.exists():
            uv = shutil.which("uv") or pytest.fail("uv is missing; it comes with the extra test")
            make(uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder))
            make(uv, "pip", "install", "--quiet", "--python", str(python), f"poetry=={minor}.*")
            done.touch()
    return python


def make(*command: str) -> None:
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if result.returncode:
        pytest.fail(f"{' '.join(command)}: {result.stderr}")


@cache
def version_of(minor: str) -> str:
    """Return the exact version that is installed for a minor."""
    program = "from importlib.metadata import version; print(version('poetry'))"
    return subprocess.check_output([str(python_of(minor)), "-c", program], text=True).strip()


def is_fresh(minor: str, pairs: list[tuple[str, str]]) -> list[Any]:
    """Ask the locker of one minor about pairs of manifest and lock; errors come by name."""
    answer = subprocess.run(
        [str(python_of(minor)), "-c", _IS_FRESH],
        input=json.dumps(pairs),
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    answers: list[Any] = json.loads(answer.stdout)
    return answers
