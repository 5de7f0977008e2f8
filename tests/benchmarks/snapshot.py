"""``lockguard snapshot`` beside ``poetry lock --regenerate`` and uv, in one run.

    python tests/benchmarks/snapshot.py [ROUNDS]

A hundred packages from an index on the loopback interface that plays PyPI, warm caches, whole
programs, the median of some rounds. Prints seconds, their ratio, and what it is to reach.
"""

from __future__ import annotations

import itertools
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from fix import playing_pypi
from solving import project

if TYPE_CHECKING:
    from collections.abc import Callable

ROOTS = [f"part{number}>=1" for number in range(10)]
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
PLATFORMS = (
    "linux-x86_64",
    "linux-aarch64",
    "linux-i686",
    "musllinux-x86_64",
    "musllinux-aarch64",
    "macos-arm64",
    "macos-x86_64",
    "windows-x86_64",
    "windows-arm64",
    "windows-i686",
)
UV_PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-apple-darwin", "windows")


class Bench:
    """One project, and programs to time on it."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.folder = folder
        self.environ = {**environ, "SSL_CERT_FILE": environ["REQUESTS_CA_BUNDLE"]}  # uv's name
        self.declare(PYTHONS[1:], PLATFORMS[:3])

    def declare(self, pythons: tuple[str, ...], platforms: tuple[str, ...], *others: str) -> None:
        """Let the project have these configurations, and require others, too."""
        more = (
            f"\n[tool.lockguard.matrix]\npython = {[*pythons]}\nplatform = {[*platforms]}\n"
        ).replace("'", '"')
        project(self.folder, *ROOTS, *others, more=more)

    def run(self, *command: str) -> float:
        """Run a program and give its seconds."""
        start = time.perf_counter()
        done = subprocess.run(
            command, cwd=self.folder, env=self.environ, capture_output=True, check=False, text=True
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return time.perf_counter() - start

    def poetry(self, *arguments: str) -> float:
        """Run Poetry, in which the plugin is installed."""
        return self.run(sys.executable, "-m", "poetry", *arguments, "--no-interaction")

    def snapshot(self, *arguments: str) -> float:
        """Run a snapshot command."""
        return self.poetry("lockguard", "snapshot", *arguments)

    def fresh(self) -> float:
        """Create the snapshot as if there were none."""
        (self.folder / "lockguard.lock").unlink(missing_ok=True)
        return self.snapshot("create")


def row(what: str, seconds: float, base: float, reach: str) -> None:
    print(f"{what:<44} {seconds:6.2f} s {seconds / base:6.2f}x {reach:>8}", flush=True)


def median(work: Callable[[], float]) -> float:
    work()  # warms the caches
    return statistics.median(work() for _ in range(ROUNDS))


def uv(bench: Bench) -> float:
    """Resolve twelve targets with uv, one program each: it has no more in one."""
    total = 0.0
    for python, platform in itertools.product(PYTHONS[1:], UV_PLATFORMS):
        target = ("--python-version", python, "--python-platform", platform)
        total += bench.run("uv", "pip", "compile", "pyproject.toml", "--quiet", *target)
    return total


def creating(bench: Bench) -> None:
    lock = median(lambda: bench.poetry("lock", "--regenerate"))
    (bench.folder / "poetry.lock").unlink()
    twelve = median(bench.fresh)
    row("poetry lock --regenerate", lock, lock, "")
    row("snapshot create, 12 configurations", twelve, lock, "<= 1.20x")
    bench.declare(PYTHONS[1:2], PLATFORMS[:1])
    one = median(bench.fresh)
    row("snapshot create, 1 configuration", one, lock, "")
    bench.declare(PYTHONS, PLATFORMS)
    fifty = median(bench.fresh)
    row("snapshot create, 50 configurations", fifty, lock, "")
    for count, seconds in ((12, twelve), (50, fifty)):
        each = (seconds - one) / (count - 1) * 1000
        print(f"{f'each further configuration, of {count}':<44} {each:6.0f} ms {'<= 50 ms':>16}")
    bench.declare(PYTHONS[1:2], PLATFORMS[:1], "odd")
    one = median(bench.fresh)
    bench.declare(PYTHONS[1:], PLATFORMS[:3], "odd")
    each = (median(bench.fresh) - one) / 11 * 1000
    print(f"{'each further configuration, no two alike':<44} {each:6.0f} ms {'<= 50 ms':>16}")

    if shutil.which("uv"):
        bench.declare(PYTHONS[1:], PLATFORMS[:3])
        uv(bench)  # warms the cache
        row("uv pip compile, 12 times", uv(bench), lock, "")


def using(bench: Bench) -> None:
    bench.declare(PYTHONS[1:], PLATFORMS[:3])
    bench.poetry("lock")
    bench.fresh()
    start = median(lambda: bench.poetry("check", "--lock"))
    row("poetry check --lock (Poetry's own start)", start, start, "")
    row("snapshot sync, 12 configurations", median(lambda: bench.snapshot("sync")), start, "< 2 s")
    verify = median(lambda: bench.snapshot("verify", "--offline"))
    row("snapshot verify --offline, 12 configurations", verify, start, "< 1.5 s")


def main() -> None:
    with tempfile.TemporaryDirectory() as name, playing_pypi(Path(name)) as environ:
        bench = Bench(Path(name) / "project", environ)
        using(bench)
        creating(bench)


if __name__ == "__main__":
    ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    main()
