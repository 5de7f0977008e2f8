"""What merging twelve snapshots costs over program start: ``python snapshot_merge.py [RUNS]``.

The rows take turns, and count seconds of the processor, so that a busy machine matters little.
The floor beside it is what any program must do with these files: parse their JSON and hash it in
canonical form.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from poetry_lockguard.snapshots.document import (
    ConfigurationEntry,
    PackageEntry,
    Project,
    Resolved,
    Snapshot,
    TargetEntry,
)
from poetry_lockguard.snapshots.format import writer
from poetry_lockguard.snapshots.origins import PyPI

RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 9
FILES, PACKAGES, WHEELS = 12, 100, 13  # wheels a package: what 90 pins of real projects have
FLOOR = """
import hashlib, json, sys
for name in sys.argv[1:]:
    with open(name, "rb") as file:
        text = json.dumps(json.load(file), sort_keys=True, separators=(",", ":"))
    hashlib.sha256(text.encode()).hexdigest()
"""
MERGE = """
import sys, time
from pathlib import Path
from poetry_lockguard.commands.garbage_collection import collecting_rarely
from poetry_lockguard.snapshots import read, write
from poetry_lockguard.snapshots.merge import merge
start = time.process_time()
with collecting_rarely():  # as every command is run
    sides = [read.parse(Path(name).read_bytes(), name) for name in sys.argv[1:]]
    content = write.render(merge([side.snapshot for side in sides]).snapshot)
print(time.process_time() - start)
"""


def pin(number: int) -> PackageEntry:
    tags = [f"cp3{minor}-cp3{minor}-manylinux_2_17_x86_64" for minor in range(WHEELS)]
    return PackageEntry(
        version=f"1.{number}",
        source=PyPI(),
        requires_python=">=3.8",
        dependencies=tuple(f"package-{other} (>=1.0,<3.0)" for other in range(number % 5)),
        files={
            f"package_{number}-1.{number}-{tag}.whl": f"sha256:{number * 100 + place:064x}"
            for place, tag in enumerate(tags)
        },
    )


def snapshot(number: int) -> Snapshot:
    names = {f"package-{one}": pin(one) for one in range(PACKAGES)}
    return Snapshot(
        project=Project(name="bench"),
        configurations={
            f"configuration-{number}": ConfigurationEntry(
                target=TargetEntry(
                    python="3.11.0",
                    implementation="cpython",
                    platform="manylinux_2_17_x86_64",
                    markers={"sys_platform": "linux"},
                ),
                groups=("main",),
                packages={
                    name: Resolved(version=one.version, source=one.source, groups=("main",))
                    for name, one in names.items()
                },
            )
        },
        packages={name: (one,) for name, one in names.items()},
        generated="2026-01-01T00:00:00+00:00",
    )


def run(*arguments: str) -> tuple[float, str]:
    before = processor()
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=True, env=ENVIRONMENT
    )
    return processor() - before, done.stdout


def processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent)}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        names = [str(Path(folder, f"{number}.lock")) for number in range(FILES)]
        for number, name in enumerate(names):
            Path(name).write_bytes(writer.render(snapshot(number)))
        turns = []
        for _ in range(RUNS):
            bare, _ = run("-c", "import hashlib, json")
            floor, _ = run("-c", FLOOR, *names)
            _, inside = run("-c", MERGE, *names)
            turns.append((floor - bare, float(inside)))
    floor, ours = (statistics.median(turn[side] for turn in turns) for side in (0, 1))
    ratio = statistics.median(ours / floor for floor, ours in turns)
    print(f"{FILES} files of {PACKAGES} packages, over program start")
    print(f"merge, read to written bytes   {ours * 1000:8.1f} ms")
    print(f"    beside parse and hash only {floor * 1000:8.1f} ms   ratio {ratio:6.3f}")


if __name__ == "__main__":
    main()
