"""``lockguard snapshot`` beside ``poetry lock --regenerate``, uv and PDM, in one run.

    python tests/benchmarks/snapshot.py [ROUNDS]
    python tests/benchmarks/snapshot.py variants

A hundred packages from an index on the loopback interface that plays PyPI, warm caches, whole
programs, the median of some rounds. Prints seconds and their ratio by the clock and by the
processor (the steadier on a busy machine), and what it is to reach.

The second form is done within two minutes: twelve variants, each with an index and constraints of
its own, in one process. The first fills the pool of releases, and the time of each further one is
taken. Beside it, uv locks the same as twelve extras that conflict, each with its sources.
"""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from fix import Times, middle, packages, playing_pypi, processor, row
from index import Server
from index.answers import Face
from solving import project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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
UV_TARGET = "sys_platform == 'linux' and python_full_version == '3.12.*'"
UV_PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-apple-darwin", "windows")
PDM_PLATFORMS = ("linux", "macos", "windows")


class Bench:
    """One project, and programs to time on it."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.folder = folder
        own = {"SSL_CERT_FILE": environ["REQUESTS_CA_BUNDLE"]}  # uv's name, and PDM's
        own |= {"PDM_CHECK_UPDATE": "0", "PDM_PYTHON": sys.executable}
        self.environ = {**environ, **own, "PDM_CACHE_DIR": str(folder.parent / "pdm")}
        self.declare(PYTHONS[1:], PLATFORMS[:3])

    def declare(self, pythons: tuple[str, ...], platforms: tuple[str, ...], *others: str) -> None:
        """Let the project have these configurations, and require others, too."""
        more = (
            f"\n[tool.lockguard.matrix]\npython = {[*pythons]}\nplatform = {[*platforms]}\n"
        ).replace("'", '"')
        project(self.folder, *ROOTS, *others, more=more)

    def declare_variants(self, url: str, count: int) -> None:
        """Let the project have variants: none alike, each with an index and constraints."""
        more = f"""
[[tool.poetry.source]]
name = "own"
url = "{url}"
priority = "explicit"

[tool.lockguard.matrix]
python = ["3.12"]
platform = ["linux-x86_64"]
"""
        for number in range(count):
            more += f"""
[tool.lockguard.matrix.variants.v{number}]
sources = {{ part{number % 10} = "own" }}
constraints = ["part{number // 10} < {1000 + number}"]
"""
        project(self.folder, *ROOTS, more=more)

    def run(self, *command: str) -> Times:
        """Run a program and give its seconds."""
        start, before = time.perf_counter(), processor()
        done = subprocess.run(
            command, cwd=self.folder, env=self.environ, capture_output=True, check=False, text=True
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return time.perf_counter() - start, processor() - before

    def poetry(self, *arguments: str) -> Times:
        """Run Poetry, in which the plugin is installed."""
        return self.run(sys.executable, "-m", "poetry", *arguments, "--no-interaction")

    def snapshot(self, *arguments: str) -> Times:
        """Run a snapshot command."""
        return self.poetry("lockguard", "snapshot", *arguments)

    def fresh(self) -> Times:
        """Create the snapshot as if there were none."""
        (self.folder / "lockguard.lock").unlink(missing_ok=True)
        return self.snapshot("create")


def median(work: Callable[[], Times]) -> Times:
    work()  # warms the caches
    return middle([work() for _ in range(ROUNDS)])


def together(times: Iterable[Times]) -> Times:
    clock, used = zip(*times, strict=True)
    return sum(clock), sum(used)


def uv(bench: Bench, python: str, platform: str) -> Times:
    """Resolve one target with uv: it has no more in one program.

    It is told which Python to run: it would look for one of each version, and download it.
    """
    target = ("--python-version", python, "--python-platform", platform)
    command = ("uv", "pip", "compile", "pyproject.toml", "--quiet", "--python", sys.executable)
    return bench.run(*command, *target)


def pdm(bench: Bench, python: str, platform: str) -> Times:
    """Lock one target with PDM, which adds it to the lock."""
    target = ("--python", f"=={python}.*", "--platform", platform)
    return bench.run("pdm", "lock", "--append", *target)


def each(many: Times, one: Times, count: int) -> str:
    """Return the milliseconds of each configuration after the first."""
    clock, used = (
        (whole - first) / (count - 1) * 1000 for whole, first in zip(many, one, strict=True)
    )
    return f"{clock:6.0f} ms by the clock, {used:6.0f} ms by the processor {'<= 50 ms':>9}"


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
        print(f"{f'each further configuration, of {count}':<40} {each(seconds, one, count)}")
    bench.declare(PYTHONS[1:2], PLATFORMS[:1], "odd")
    one = median(bench.fresh)
    bench.declare(PYTHONS[1:], PLATFORMS[:3], "odd")
    unlike = each(median(bench.fresh), one, 12)
    print(f"{'each further configuration, no two alike':<40} {unlike}")
    beside(bench, lock)


def variants(bench: Bench) -> None:
    """Time variants, each of which takes another package from an index of its own."""
    server = Server(packages(), Face())
    server.start()
    try:
        bench.declare_variants(server.url, 1)
        one = median(bench.fresh)
        bench.declare_variants(server.url, 12)
        many = median(bench.fresh)
    finally:
        server.stop()
    print(f"{'each further variant, of 12':<40} {each(many, one, 12)}")


def variants_alone(bench: Bench) -> None:
    """Time each variant in one process, and uv with as many conflicting extras."""
    server = Server(packages(), Face())
    server.start()
    try:
        bench.declare_variants(server.url, 12)
        bench.fresh()  # warms the caches
        command = (sys.executable, __file__, "each", str(bench.folder))
        done = subprocess.run(
            command, env=bench.environ, capture_output=True, check=True, text=True
        )
        print(done.stdout, end="")
        if starts("uv"):
            one = median(lambda: uv_extras(bench, server.url, 1))
            many = median(lambda: uv_extras(bench, server.url, 12))
            print(f"{'uv lock, each further extra of 12':<40} {each(many, one, 12)}")
    finally:
        server.stop()


def uv_extras(bench: Bench, url: str, count: int) -> Times:
    """Lock extras that conflict, each with the source and the constraint of one variant."""
    folder = bench.folder.parent / "uv"
    folder.mkdir(exist_ok=True)
    (folder / "uv.lock").unlink(missing_ok=True)
    extras = "".join(
        f'v{number} = ["part{number % 10}", "part{number // 10}<{1000 + number}"]\n'
        for number in range(count)
    )
    sources = "".join(
        f"part{part} = ["
        + ", ".join(
            f'{{ index = "own", extra = "v{number}" }}' for number in range(part, count, 10)
        )
        + "]\n"
        for part in range(min(count, 10))
    )
    conflicts = ", ".join(f'{{ extra = "v{number}" }}' for number in range(count))
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "story"\nversion = "1"\nrequires-python = ">=3.11"\n'
        f"dependencies = {ROOTS!r}\n[project.optional-dependencies]\n{extras}"
        f"[tool.uv]\nenvironments = [{UV_TARGET!r}]\n"
        + (f"conflicts = [[{conflicts}]]\n" if count > 1 else "")
        + f'[[tool.uv.index]]\nname = "own"\nurl = "{url}"\nexplicit = true\n'
        f"[tool.uv.sources]\n{sources}"
    )
    return bench.run("uv", "lock", "--quiet", "--project", str(folder), "--python", sys.executable)


def in_this_process(folder: Path) -> None:
    """Resolve the declared variants of a project, and print the time of each further one."""
    from poetry_lockguard.index.network import Network
    from poetry_lockguard.manifest.document import read
    from poetry_lockguard.resolution.preferences import Preferences
    from poetry_lockguard.resolution.project_configurations import SnapshotProject
    from poetry_lockguard.settings import parse
    from poetry_lockguard.targets.declared import declared_configurations

    manifest = read(folder / "pyproject.toml")
    chosen = [*declared_configurations(manifest, parse(manifest.settings, "")).values()]
    begun: list[Times] = []
    with SnapshotProject(manifest, folder).indexes(Network()) as indexes:
        indexes.resolve(
            chosen,
            Preferences(None, (), folder),
            progress=lambda _: begun.append((time.perf_counter(), time.process_time())),
        )
    begun.append((time.perf_counter(), time.process_time()))
    spans = [
        (after[0] - before[0], after[1] - before[1]) for before, after in itertools.pairwise(begun)
    ]
    for what, (clock, used) in (
        ("the first variant", spans[0]),
        ("each further", middle(spans[1:])),
    ):
        print(
            f"{what + f', of {len(chosen)}':<40} {clock * 1000:6.0f} ms by the clock,"
            f" {used * 1000:6.0f} ms by the processor"
        )


def beside(bench: Bench, lock: Times) -> None:
    """Time the peers that are here, once for each target; a first time warms their caches."""
    bench.declare(PYTHONS[1:], PLATFORMS[:3])
    peers = {
        "uv pip compile, 12 times": (uv, UV_PLATFORMS),
        "pdm lock, 12 times": (pdm, PDM_PLATFORMS),
    }
    for what, (peer, platforms) in peers.items():
        if starts(what.split()[0]):
            targets = [*itertools.product(PYTHONS[1:], platforms)]
            peer(bench, *targets[0])
            (bench.folder / "pdm.lock").unlink(missing_ok=True)
            row(what, together(peer(bench, *target) for target in targets), lock, "")


def starts(program: str) -> bool:
    """Return whether a peer is here and works; PDM and what it needs do not always fit together."""
    found = shutil.which(program)
    return (
        found is not None
        and not subprocess.run([found, "--help"], capture_output=True, check=False).returncode
    )


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
        if "variants" in sys.argv:
            variants_alone(bench)
            return
        using(bench)
        creating(bench)
        variants(bench)


if __name__ == "__main__":
    if sys.argv[1:2] == ["each"]:
        in_this_process(Path(sys.argv[2]))
    else:
        ROUNDS = int(sys.argv[1]) if sys.argv[1:] and sys.argv[1].isdigit() else 3
        main()
