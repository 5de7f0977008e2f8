"""``lockguard fix`` beside ``poetry lock`` with cold caches on this machine's index.

    python tests/benchmarks/regenerate.py [ROUNDS]

A project of fifteen requirements and some ninety pins. Both are whole programs, take turns, and
start each time with an empty cache folder. Ours finds PyPI's address and reads whatever answers
there; stock Poetry has the same index as an explicit source, since that is how it can use pages
of HTML. Prints medians in seconds, the median of the rounds' ratios, and whether both locks agree.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from index.pypi_proxy import pypi_address

MANIFEST = """
[project]
name = "bench"
version = "1.0"
requires-python = ">=3.10,<4.0"
dependencies = [
    "requests", "fastapi", "pandas", "sqlalchemy", "celery", "boto3", "pydantic-settings", "httpx",
    "rich", "numpy", "scipy", "cryptography", "aiohttp", "jinja2", "pillow",
]

[tool.poetry]
package-mode = false

[tool.poetry.group.dev.dependencies]
pytest = "*"
mypy = "*"
ruff = "*"
"""
SOURCE = """
[[tool.poetry.source]]
name = "index"
url = "{url}simple/"
"""
POETRY = (sys.executable, "-m", "poetry")
JOBS = {
    "regenerate": (
        (*POETRY, "lock", "--regenerate", "--no-interaction"),
        (*POETRY, "lockguard", "fix", "--strategy", "regenerate", "--no-interaction"),
    ),
    "relock after one more requirement": (
        (*POETRY, "lock", "--no-interaction"),
        (*POETRY, "lockguard", "fix", "--strategy", "relock", "--no-interaction"),
    ),
}


def timed(command: tuple[str, ...], folder: Path) -> float:
    """Run a command with an empty cache; gives seconds."""
    with tempfile.TemporaryDirectory() as cache:
        environ = {**os.environ, "POETRY_CACHE_DIR": cache}
        began = time.perf_counter()
        subprocess.run(command, cwd=folder, env=environ, check=True, capture_output=True)
        return time.perf_counter() - began


def bare(text: str) -> str:
    """Return a lock without what must differ: sources, and the hash of another manifest.

    Pages of HTML have the text of ``requires-python`` that the API gives; from a source of its own,
    Poetry reads the same range from the metadata, where it can be written in another way.
    """
    text = re.sub(r'\n\[package\.source\]\ntype = "legacy"\nurl = .*\nreference = .*\n', "", text)
    text = re.sub(r'python-versions = "(.*)"', lambda found: str(sorted(ranged(found[1]))), text)
    return re.sub(r"content-hash = .*", "", text)


def ranged(text: str) -> set[str]:
    """Return the clauses of a range of Pythons."""
    return {clause.replace(" ", "") for clause in text.split(",")}


def start(folder: Path, source: str) -> Path:
    folder.mkdir()
    (folder / "pyproject.toml").write_text(MANIFEST + source)
    return folder


def prepare(folder: Path, job: str, before: str) -> None:
    """Make the lock as the job finds it: none, or one that lacks a requirement."""
    lock, manifest = folder / "poetry.lock", folder / "pyproject.toml"
    if job == "regenerate":
        lock.unlink(missing_ok=True)
    else:
        lock.write_text(before)
        text = manifest.read_text().replace('"pillow",\n', '"pillow", "tabulate",\n')
        manifest.write_text(text)


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        stock = start(Path(home, "stock"), SOURCE.format(url=pypi_address()))
        ours = start(Path(home, "ours"), "")
        before = {stock: "", ours: ""}
        for job, (theirs, mine) in JOBS.items():
            pairs = []
            for _ in range(rounds):
                for folder in (stock, ours):
                    prepare(folder, job, before[folder])
                pairs.append((timed(theirs, stock), timed(mine, ours)))
            if job == "regenerate":
                before = {folder: (folder / "poetry.lock").read_text() for folder in before}
            locks = [bare((folder / "poetry.lock").read_text()) for folder in (stock, ours)]
            report(job, pairs, same=locks[0] == locks[1], pins=locks[1].count("[[package]]"))


def report(job: str, pairs: list[tuple[float, float]], *, same: bool, pins: int) -> None:
    poetry, lockguard = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(mine / theirs for theirs, mine in pairs)
    print(
        f"{job}, cold, {pins} pins, {len(pairs)} rounds: poetry {poetry:.1f} s, "
        f"lockguard {lockguard:.1f} s, ratio {ratio:.2f} (reach: 0.40), "
        f"locks {'equal' if same else 'DIFFER'}"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
