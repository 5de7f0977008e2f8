"""``lockguard fix`` beside ``poetry lock`` on the same change, in one run.

    python tests/benchmarks/fix.py [ROUNDS]

A hundred packages from an index on the loopback interface that plays PyPI, warm caches, whole
programs, the median of some rounds that take turns. Prints seconds and their ratio by the clock
and by the processor (the steadier on a busy machine), and what it is to reach.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import trustme

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from index import Index
from index.answers import Face
from index.fixtures import Authority
from index.pypi_proxy import PypiProxy, pypi_host
from solving import project

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

Times = tuple[float, float]  # by the clock, by the processor

PACKAGES = 100
LOCK = ("poetry", "lock")
FIX = ("poetry", "lockguard", "fix")
SCRIPT = ("poetry_lockguard", "fix")
GONE = {"NO_PROXY", "no_proxy", "https_proxy", "ALL_PROXY", "all_proxy", "CURL_CA_BUNDLE"}


def packages() -> Index:
    """Return a hundred packages as a real project's: ten roots, shared leaves, tools in extras.

    A pin of a real lock has some twenty files, and requirements for documentation and tests that
    no project asks for.
    """
    index = Index()
    tools = [f"tool{number}>=1 ; python_version >= '3.{number}'" for number in range(6, 12)]
    extras = {"docs": tools[:3], "tests": tools[2:], "all": tools}
    for number in range(PACKAGES):
        below = [number * 2 + 10, number * 2 + 11, number + 37]
        requires = [f"part{other}>=1" for other in below if other < PACKAGES and other > number]
        for version in ("1.0", "1.1", "2.0"):
            tags = [
                f"cp3{minor}-cp3{minor}-{system}"
                for minor in range(10, 15)
                for system in ("manylinux_2_17_x86_64", "macosx_11_0_arm64", "win_amd64", "win32")
            ]
            tags.append("py3-none-any")  # nothing has to be built on any platform
            index.add(f"part{number}", version, requires=requires, tags=tags, extras=extras)
    index.add("spare", "1.0")
    index.add("odd", "1.0", requires=[f"spare ; {marker}" for marker in odd_markers()])
    return index


def odd_markers() -> Iterator[str]:
    """Yield markers of which each machine and Python has another."""
    for machine in ("x86_64", "aarch64", "i686"):
        for minor in range(10, 15):
            yield f"platform_machine == '{machine}' and python_version == '3.{minor}'"


@contextmanager
def playing_pypi(home: Path) -> Iterator[dict[str, str]]:
    """Give the environment in which programs see our index as PyPI."""
    authority = Authority(trustme.CA(), home / "authority.pem")
    authority.ca.cert_pem.write_to_path(str(authority.path))
    context: ssl.SSLContext = authority.context(pypi_host())
    server = PypiProxy(packages(), Face(json=True, api=True), context)
    server.start()
    try:
        yield {
            **{name: value for name, value in os.environ.items() if name not in GONE},
            "HTTPS_PROXY": server.base,
            "REQUESTS_CA_BUNDLE": str(authority.path),
            "POETRY_CACHE_DIR": str(home / "cache"),
            "POETRY_CONFIG_DIR": str(home / "config"),
            "POETRY_KEYRING_ENABLED": "false",
            "POETRY_VIRTUALENVS_CREATE": "false",
        }
    finally:
        server.stop()


class Bench:
    """One project, and programs to time on it."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.folder, self.environ = folder, environ
        self.roots = [f"part{number}>=1" for number in range(10)]
        project(folder, *self.roots, "spare")
        self.run(*LOCK)
        self.lock = (folder / "poetry.lock").read_bytes()

    def run(self, module: str, *arguments: str) -> Times:
        """Run a program and give its seconds."""
        start, before = time.perf_counter(), processor()
        command = [sys.executable, "-m", module, *arguments, "--no-interaction"]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environ, capture_output=True, check=False, text=True
        )
        assert done.returncode == 0, done.stderr
        self.said = done.stderr
        return time.perf_counter() - start, processor() - before

    def compare(self, change: list[str], by: str, *programs: tuple[str, ...]) -> list[Times]:
        """Return each program's median on the same change, taking turns."""
        times: list[list[Times]] = [[] for _ in programs]
        texts = set()
        for _ in range(ROUNDS + 1):  # the first warms the caches
            for program, seconds in zip(programs, times, strict=True):
                project(self.folder, *change)
                (self.folder / "poetry.lock").write_bytes(self.lock)
                seconds.append(self.run(*program))
                assert program == LOCK or f"{by}: solved" in self.said, self.said
                texts.add((self.folder / "poetry.lock").read_bytes())
        assert len(texts) == 1, "the locks differ"
        return [middle(seconds[1:]) for seconds in times]


def processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def middle(times: list[Times]) -> Times:
    clock, processor = zip(*times, strict=True)
    return statistics.median(clock), statistics.median(processor)


def row(what: str, seconds: Times, base: Times, reach: str) -> None:
    clock, processor = seconds
    print(
        f"{what:<40} {clock:6.2f} s {clock / base[0]:5.2f}x by the clock,"
        f" {processor:6.2f} s {processor / base[1]:5.2f}x by the processor {reach:>9}"
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as name, playing_pypi(Path(name)) as environ:
        bench = Bench(Path(name) / "project", environ)
        lock, fix, script = bench.compare(bench.roots, "offline", LOCK, FIX, SCRIPT)
        start = middle([bench.run("poetry", "check") for _ in range(ROUNDS)])
        row("poetry lock, a requirement dropped", lock, lock, "")
        row("poetry lockguard fix, offline rung", fix, lock, "<= 0.60x")
        row("lockguard fix, offline rung", script, lock, "<= 0.60x")
        row("poetry check (Poetry's own start)", start, lock, "")
        print(f"{'offline rung over that start':<40} {(fix[1] - start[1]) * 1000:6.0f} ms")
        newer = [*bench.roots[:-1], "part9>=1.1", "part50<2", "spare"]
        lock, fix = bench.compare(newer, "relock", LOCK, FIX)
        row("poetry lock, a requirement added", lock, lock, "")
        row("poetry lockguard fix, relock", fix, lock, "<= 1.05x")


if __name__ == "__main__":
    ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    main()
