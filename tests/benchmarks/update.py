"""Bumps drawn from the real locks in ``../shared``: does the pin move, and does it move alone?

    python tests/benchmarks/update.py [COUNT] [--first N] [--seed N] [--peers N] [--lines]

A bump is a pin of a fresh lock, and a newer version at which another of the locks has the package.
Each is one run of ``lockguard update NAME==VERSION`` on a copy; the new lock is judged by ``check
--deep``, and compared with the old one entry by entry. A version that is refused because of a
conflict is given to uv, with the project's requirements and no pins: if uv cannot have it either,
it cannot be had. The index is the one of this machine; all runs share a cache.

The first N bumps of ``--peers`` are also tried with ``poetry update NAME``, which cannot name a
version, and ``uv lock --upgrade-package NAME==VERSION`` from a ``uv.lock`` with the same pins.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import itertools
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from index.pypi_proxy import pypi_address
from packaging.version import InvalidVersion, Version
from poetry.core.constraints.version import parse_constraint
from poetry.factory import Factory

from poetry_lockguard.errors import LockguardError
from poetry_lockguard.lockfile.damage import LockDamage
from poetry_lockguard.lockfile.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from poetry_lockguard.lockfile.document import Lock

    Versions = dict[str, frozenset[str]]

SHARED = Path(__file__).parents[3] / "shared"
OURS = (sys.executable, "-m", "poetry_lockguard")
POETRY = (sys.executable, "-m", "poetry")
SOURCE = '\n[[tool.poetry.source]]\nname = "index"\nurl = "{url}simple/"\n'
UV_MANIFEST = """
[project]
name = "bump"
version = "1.0"
requires-python = "{python}"
dependencies = {requirements}

[tool.uv]
package = false
constraint-dependencies = {constraints}
"""
PATIENCE = 150  #: seconds for one command
REACHED = ("moved", "split")  #: the outcomes with the exact version: everywhere, or for its Pythons


@dataclass(frozen=True, slots=True)
class Bump:
    """One pin of one project, and the version to move it to."""

    project: Path
    name: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.project.name}: {self.name} {self.old} -> {self.new}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What one tool did: ``moved`` are the other packages whose versions changed."""

    outcome: str
    seconds: float
    moved: tuple[str, ...] = ()
    unforced: tuple[str, ...] = ()
    lines: int = 0
    has_moved_up: bool = False
    reason: str = ""


def run(command: Iterable[str], folder: Path, cache: Path) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "POETRY_CACHE_DIR": str(cache / "poetry"), "CI": "1"}
    environ.pop("VIRTUAL_ENV", None)
    return subprocess.run(
        [*command],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def locks() -> Iterator[tuple[Path, bytes]]:
    """Yield each project's folder and lock; of an episode, the lock that ended it."""
    for manifest in sorted(SHARED.glob("*/*/pyproject.toml")):
        folder = manifest.parent
        for lock in (folder / "repaired.lock", folder / "poetry.lock"):
            if lock.exists():
                yield folder, lock.read_bytes()
                break


def copied(folder: Path, lock: bytes, target: Path) -> Path:
    shutil.copytree(folder, target, symlinks=True, dirs_exist_ok=True)
    (target / "poetry.lock").write_bytes(lock)
    return target


def versions(lock: Lock) -> Versions:
    """Return the versions of each package that comes from an index."""
    found: dict[str, set[str]] = {}
    for pin in lock.pins:
        if pin.source is None:
            found.setdefault(pin.name, set()).add(pin.version)
    return {name: frozenset(those) for name, those in found.items()}


def is_newer(new: str, old: str) -> bool:
    try:
        before, after = Version(old), Version(new)
    except InvalidVersion:
        return False
    return after > before and (before.is_prerelease or not after.is_prerelease)


def drawn(count: int, first: int, seed: int, home: Path) -> list[Bump]:
    """Draw bumps from the locks that are fresh and sound."""
    pinned: dict[Path, Versions] = {}
    for folder, content in locks():
        with contextlib.suppress(LockDamage, LockguardError):
            pinned[folder] = versions(parse(content))
    known: dict[str, set[str]] = {}
    for found in pinned.values():
        for name, those in found.items():
            known.setdefault(name, set()).update(those)
    bumps = [
        Bump(folder, name, min(those), new)
        for folder, found in pinned.items()
        for name, those in sorted(found.items())
        if len(those) == 1
        for new in sorted(known[name])
        if is_newer(new, min(those))
    ]
    random.Random(seed).shuffle(bumps)
    contents = dict(locks())
    is_usable = functools.cache(lambda folder: is_fresh(folder, contents[folder], home))
    usable = (bump for bump in bumps if is_usable(bump.project))
    return [*itertools.islice(usable, first, first + count)]


def is_fresh(folder: Path, content: bytes, home: Path) -> bool:
    with tempfile.TemporaryDirectory() as target:
        copied(folder, content, Path(target))
        return run([*OURS, "check", "--deep"], Path(target), home).returncode == 0


def ours(bump: Bump, content: bytes, home: Path) -> Trial:
    """Move the pin, and look at what became of the lock."""
    folder = copied(bump.project, content, Path(tempfile.mkdtemp(dir=home)))
    began = time.perf_counter()
    done = run([*OURS, "update", f"{bump.name}=={bump.new}", "--format", "json"], folder, home)
    seconds = time.perf_counter() - began
    document = json.loads(done.stdout)
    if done.returncode:
        return Trial(outcome="refused", seconds=seconds, reason=why(document))
    text = (folder / "poetry.lock").read_bytes()
    after = versions(parse(text))
    moved = changed(versions(parse(content)), after, bump.name)
    forced = {one["package"]: one["requirement"] for one in document["forced"]}
    sound = run([*OURS, "check", "--deep"], folder, home).returncode == 0
    return Trial(
        outcome=reached(bump, parse(text)) if sound else "unsound",
        seconds=seconds,
        moved=moved,
        unforced=tuple(name for name in moved if not forced.get(name)),
        lines=differing(content, text),
        has_moved_up=parse(content).lock_version != parse(text).lock_version,
    )


def reached(bump: Bump, lock: Lock) -> str:
    """Return whether the version is there: alone, or beside the old one for older Pythons."""
    found = versions(lock).get(bump.name, frozenset())
    if found == {bump.new}:
        return "moved"
    pins = (pin for pin in lock.pins if (pin.name, pin.version) == (bump.name, bump.new))
    new = next(pins, None)
    if new is None or lock.python_versions is None or found != {bump.old, bump.new}:
        return "missed"
    supported = parse_constraint(new.python_versions)
    return "missed" if supported.allows_all(parse_constraint(lock.python_versions)) else "split"


def why(document: Mapping[str, Any]) -> str:
    attempts = document.get("attempts") or [{}]
    problems = [one["message"] for one in document.get("problems", ())]
    return str(attempts[-1].get("reason") or "; ".join(problems) or document.get("message"))


def changed(before: Versions, after: Versions, name: str) -> tuple[str, ...]:
    """Return the packages of both whose versions differ, other than the one that was named."""
    both = before.keys() & after.keys() - {name}
    return tuple(sorted(one for one in both if before[one] != after[one]))


def differing(before: bytes, after: bytes) -> int:
    """Return the number of lines that differ outside of the lists of files."""
    old, new = (
        Counter(line for line in text.decode().splitlines() if "hash = " not in line)
        for text in (before, after)
    )
    return (old - new).total() + (new - old).total()


def can_be_had(bump: Bump, content: bytes, home: Path) -> bool | None:
    """Whether uv finds a solution without any pins; None if it cannot tell."""
    folder = copied(bump.project, content, Path(tempfile.mkdtemp(dir=home)))
    try:
        python, requirements = declared(folder)
    except RuntimeError:  # a manifest that Poetry's newest releases refuse
        return None
    (folder / "requirements.in").write_text(
        "\n".join([*requirements, f"{bump.name}=={bump.new}"]), encoding="utf-8"
    )
    command = ["uv", "pip", "compile", "--universal", "--quiet", "--no-header", "--python-version"]
    done = run([*command, lowest(python), "requirements.in"], folder, home)
    if done.returncode and "No solution found" not in done.stderr:
        return None
    return done.returncode == 0


def declared(folder: Path) -> tuple[str, list[str]]:
    """Return the Pythons and the requirements of a project, of all groups and extras."""
    package = Factory().create_poetry(folder).package
    found = {one.to_pep_508(with_extras=False) for one in package.all_requires}
    return str(package.python_constraint), sorted(found)


def lowest(python: str) -> str:
    text = python.partition(",")[0].lstrip("<>=!~^ ").rstrip(".*")
    return text if text.startswith("3.") else "3.9"


def poetrys(bump: Bump, content: bytes, home: Path) -> Trial:
    folder = copied(bump.project, content, Path(tempfile.mkdtemp(dir=home)))
    manifest = folder / "pyproject.toml"
    manifest.write_text(manifest.read_text() + SOURCE.format(url=pypi_address()))
    began = time.perf_counter()
    done = run([*POETRY, "update", "--lock", "-n", bump.name], folder, home)
    seconds = time.perf_counter() - began
    if done.returncode:
        return Trial(outcome="refused", seconds=seconds, reason=last_line(done))
    after = {
        name: frozenset(pin.version for pin in lock.pins if pin.name == name)
        for lock in [parse((folder / "poetry.lock").read_bytes())]
        for name in {pin.name for pin in lock.pins}
    }
    moved = changed(versions(parse(content)), after, bump.name)
    outcome = reached(bump, parse((folder / "poetry.lock").read_bytes()))
    return Trial(outcome=outcome, seconds=seconds, moved=moved)


def uvs(bump: Bump, content: bytes, home: Path) -> Trial:
    folder = copied(bump.project, content, Path(tempfile.mkdtemp(dir=home)))
    python, requirements = declared(folder)
    pins = [
        f"{name}=={version}"
        for name, those in versions(parse(content)).items()
        if len(those) == 1
        for version in those
    ]
    facts = {"python": python, "requirements": json.dumps(requirements)}
    manifest = folder / "pyproject.toml"
    manifest.write_text(UV_MANIFEST.format(**facts, constraints=json.dumps(pins)))
    done = run(["uv", "lock", "--quiet"], folder, home)
    if done.returncode:
        return Trial(outcome="unlocked", seconds=0, reason=last_line(done))
    before = uv_versions(folder)
    manifest.write_text(UV_MANIFEST.format(**facts, constraints="[]"))
    began = time.perf_counter()
    named = f"{bump.name}=={bump.new}"
    done = run(["uv", "lock", "--quiet", "--upgrade-package", named], folder, home)
    seconds = time.perf_counter() - began
    if done.returncode:
        return Trial(outcome="refused", seconds=seconds, reason=last_line(done))
    after = uv_versions(folder)
    is_there = bump.new in after.get(bump.name, ())
    moved = changed(before, after, bump.name)
    return Trial(outcome="moved" if is_there else "missed", seconds=seconds, moved=moved)


def uv_versions(folder: Path) -> Versions:
    found: dict[str, set[str]] = {}
    for pin in parse_toml((folder / "uv.lock").read_text())["package"]:
        found.setdefault(pin["name"], set()).add(pin.get("version", ""))
    return {name: frozenset(those) for name, those in found.items()}


def parse_toml(text: str) -> dict[str, Any]:
    import tomlkit

    return tomlkit.parse(text).unwrap()


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    return ([*filter(str.strip, (done.stderr or done.stdout).splitlines())] or ["no output"])[-1]


def said(tool: str, trials: list[Trial]) -> str:
    outcomes = Counter(one.outcome for one in trials)
    others = [len(one.moved) for one in trials if one.outcome in REACHED]
    return (
        f"{tool:10} {', '.join(f'{number} {name}' for name, number in outcomes.most_common())};"
        f" other pins moved: {sum(others)} in {sum(map(bool, others))} bumps;"
        f" median {statistics.median(one.seconds for one in trials):.1f} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("count", nargs="?", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=10)
    parser.add_argument("--peers", type=int, default=0)
    parser.add_argument("--lines", action="store_true", help="a line for each bump")
    parser.add_argument("--home", type=Path, help="a folder for caches and copies, which is kept")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(chosen, chosen.home or Path(folder))


def judged(bump: Bump, content: bytes, home: Path) -> Trial:
    """Try a bump, and ask uv about one that is refused."""
    trial = ours(bump, content, home)
    if trial.outcome != "refused" or "no index has" in trial.reason:
        return trial
    possible = can_be_had(bump, content, home)
    outcomes = {True: "refused, but uv can", False: "impossible", None: "refused"}
    return Trial(outcome=outcomes[possible], seconds=trial.seconds, reason=trial.reason)


def measure(chosen: argparse.Namespace, home: Path) -> None:
    contents = dict(locks())
    bumps = drawn(chosen.count, chosen.first, chosen.seed, home)
    trials: list[Trial] = []
    for bump in bumps:
        try:
            trial = judged(bump, contents[bump.project], home)
        except subprocess.TimeoutExpired:
            trial = Trial(outcome="too slow", seconds=PATIENCE)
        trials.append(trial)
        if chosen.lines:
            print(f"{bump}: {trial}", flush=True)
    print(said("lockguard", trials))
    unforced = Counter(len(one.unforced) for one in trials)
    lines = [one.lines for one in trials if one.outcome in REACHED]
    print(f"  format moved up {sum(one.has_moved_up for one in trials)}")
    print(f"  unforced moves {dict(unforced)}, median lines changed {statistics.median(lines)}")
    for tool, tried in (("poetry", poetrys), ("uv", uvs)):
        if chosen.peers:
            told = [tried(one, contents[one.project], home) for one in bumps[: chosen.peers]]
            print(said(tool, told), flush=True)


if __name__ == "__main__":
    main()
