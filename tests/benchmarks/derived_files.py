"""What derived files cost a ``check``: ``python derived_files.py [RUNS]``.

A project of a hundred packages, twenty files each, with a requirements.txt, a pylock.toml and an
SBOM, beside the same project without them: in turns, so that a busy machine slows both alike. The
modules are compiled before, as they are when a package is installed. The last row is what the full
export of the three takes, which a check falls back to.
"""

from __future__ import annotations

import os
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import check as fresh_checks

from poetry_lockguard.exports.export_table import declared_files
from poetry_lockguard.exports.outcome import Exported, Places
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.manifest.document import read
from poetry_lockguard.settings import parse as parse_settings

RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 15
PACKAGES = 100
TABLE = """
[tool.lockguard.exports]
"requirements.txt" = { format = "requirements" }
"pylock.toml" = { format = "pylock" }
"sbom.cdx.json" = { format = "cyclonedx" }
"""
SCRIPT = [sys.executable, "-m", "poetry_lockguard", "check"]


def project(folder: Path, table: str) -> Path:
    """Write a project whose files are named as those of its versions are."""
    fresh_checks.project(folder, PACKAGES)
    lock = folder / "poetry.lock"
    lock.write_text(
        re.sub(r"(package_(\d+)-1)\.(\d+)-cp310-cp310", r"\1.\2-cp3\3-cp3\3", lock.read_text())
    )
    manifest = folder / "pyproject.toml"
    manifest.write_text(manifest.read_text() + table)
    return folder


def write_derived(folder: Path) -> float:
    """Write what the table declares, and return the seconds that takes."""
    start = time.perf_counter()
    manifest = read(folder / "pyproject.toml")
    lock = parse(manifest.lock_path.read_bytes())
    for file in declared_files(manifest, lock, parse_settings(manifest.settings, "pyproject.toml")):
        needed = file.derived.addresses_needed
        urls = {
            key: {name: f"https://files.example/{name}" for name in entry.files}
            for key, entry in needed.items()
        }
        made = file.derived.made(Places(urls=urls, pypi="https://mirror.example/simple/"))
        assert isinstance(made, Exported)
        file.path.write_text(made.text)
    return time.perf_counter() - start


def seconds(folder: Path, bytecode: Path) -> tuple[float, float]:
    """Run one check, and return its time and its processor time."""
    environ = {**os.environ, "PWD": str(folder), "PYTHONPYCACHEPREFIX": str(bytecode)}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    start = time.perf_counter()
    pid = os.posix_spawn(
        sys.executable,
        SCRIPT,
        environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, usage = os.wait4(pid, 0)
    assert status == 0
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime


def main() -> None:
    with tempfile.TemporaryDirectory() as work:
        bare = project(Path(work) / "bare", '\n[tool.lockguard]\nguard = "off"\n')
        derived = project(Path(work) / "derived", TABLE)
        full = write_derived(derived)
        turns = []
        bytecode = Path(work) / "bytecode"
        for _ in range(RUNS + 1):
            os.chdir(bare)
            without = seconds(bare, bytecode)
            os.chdir(derived)
            turns.append((without, seconds(derived, bytecode)))
        del turns[0]  # wrote the bytecode
    for number, what in enumerate(("time", "processor time")):
        without_, with_ = ([pair[side][number] * 1000 for pair in turns] for side in (0, 1))
        more = statistics.median(b - a for a, b in zip(without_, with_, strict=True))
        ratio = statistics.median(b / a for a, b in zip(without_, with_, strict=True))
        print(
            f"{what:16} {statistics.median(without_):6.1f} ms without,"
            f" {statistics.median(with_):6.1f} ms with three files:"
            f" {more:5.1f} ms more, ratio {ratio:.2f}"
        )
    print(f"the full export of the three: {full * 1000:.0f} ms")


if __name__ == "__main__":
    main()
