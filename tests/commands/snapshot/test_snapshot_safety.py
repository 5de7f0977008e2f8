"""Nothing is lost: parallel writers, kills, full disks."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi, PypiRun

    Run = Callable[[str, Path], Result]

PROGRAM = (sys.executable, "-m", "poetry_lockguard")


@pytest.fixture
def served(index: Index, pypi: Pypi) -> PypiRun:
    index.add("matrix", "1.0")
    for number in range(16):
        index.add(f"extra{number}", "1.0")
    return pypi(index, here=True, json=False)


@pytest.fixture
def engine(served: PypiRun, story: Callable[[str], Path], run: Run) -> Path:
    """The tutorial's project with its snapshot."""
    assert served
    folder = story("engine")
    result = run("lockguard snapshot create --python 3.11 --platform linux-x86_64", folder)
    assert result.code == 0, result.err
    return folder


def start(folder: Path, *arguments: str, **variables: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*PROGRAM, "snapshot", *arguments, "--no-interaction"],
        cwd=folder,
        env={**os.environ, **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_sixteen_parallel_adds_lose_nothing(engine: Path) -> None:
    started = [start(engine, "add", f"extra{number}==1.0") for number in range(16)]
    codes = [process.wait(timeout=300) for process in started]

    assert codes == [0] * 16
    packages = json.loads((engine / "lockguard.lock").read_text())["packages"]
    assert {*packages} == {"matrix", *(f"extra{number}" for number in range(16))}
    assert sorted(path.name for path in engine.iterdir()) == ["lockguard.lock", "pyproject.toml"]


def test_parallel_adds_with_different_caches_lose_nothing(engine: Path, tmp_path: Path) -> None:
    """Programs that share no cache, as in containers, still take turns at the file itself."""
    started = [
        start(
            engine,
            "add",
            f"extra{number}==1.0",
            POETRY_CACHE_DIR=str(tmp_path / f"cache-{number}"),
            TMPDIR=str(tmp_path),
        )
        for number in range(6)
    ]
    codes = [process.wait(timeout=300) for process in started]

    assert codes == [0] * 6
    packages = json.loads((engine / "lockguard.lock").read_text())["packages"]
    assert {*packages} == {"matrix", *(f"extra{number}" for number in range(6))}
    assert sorted(path.name for path in engine.iterdir()) == ["lockguard.lock", "pyproject.toml"]


@pytest.mark.parametrize("seed", range(3))
def test_a_kill_at_any_moment_leaves_a_whole_snapshot(engine: Path, run: Run, seed: int) -> None:
    chance = random.Random(seed)
    for number in range(3):
        process = start(engine, "add", f"extra{number}==1.0")
        time.sleep(chance.uniform(0.3, 3.0))
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=60)

        assert run("lockguard snapshot verify", engine).code == 0
        left = {path.name for path in engine.iterdir()}
        assert left <= {"lockguard.lock", "pyproject.toml", ".lockguard.lock.lockguard-new"}
    assert run("lockguard snapshot add extra9==1.0", engine).code == 0
    assert sorted(path.name for path in engine.iterdir()) == ["lockguard.lock", "pyproject.toml"]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kills the POSIX way")
@pytest.mark.parametrize("step", ["fdopen", "fsync", "replace"])
def test_a_kill_in_the_middle_of_writing_leaves_the_old_snapshot(
    engine: Path, run: Run, step: str
) -> None:
    """The program dies with nothing of the new snapshot written, all of it, or all but in place."""
    before = (engine / "lockguard.lock").read_bytes()
    program = (
        "import functools, os, signal, sys\n"
        f"real, armed = os.{step}, []\n"
        "def step(*args, **options):\n"
        "    if armed:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return real(*args, **options)\n"
        f"os.{step} = functools.partial(step)\n"  # pathlib of Python 3.10 remembers it
        "from poetry_lockguard import files\n"
        "put = files.replace\n"
        "def killed(path, content):\n"
        "    armed.append(path)\n"
        "    put(path, content)\n"
        "files.replace = killed\n"
        "from poetry_lockguard.__main__ import main\n"
        "sys.exit(main(['snapshot', 'add', 'extra1==1.0', '--no-interaction']))\n"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=engine, check=False, timeout=120)
    after = (engine / "lockguard.lock").read_bytes()

    assert done.returncode == -signal.SIGKILL
    assert after == before
    assert run("lockguard snapshot add extra2==1.0", engine).code == 0
    assert sorted(path.name for path in engine.iterdir()) == ["lockguard.lock", "pyproject.toml"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="limits the size of files the POSIX way")
def test_a_full_disk_leaves_the_old_snapshot(engine: Path) -> None:
    before = (engine / "lockguard.lock").read_bytes()
    program = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from poetry_lockguard import files\n"
        "put = files.replace\n"
        "def full(path, content):\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "    put(path, content)\n"
        "files.replace = full\n"
        "from poetry_lockguard.__main__ import main\n"
        "sys.exit(main(['snapshot', 'add', 'extra1==1.0', '--no-interaction']))\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=engine,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 2
    assert "lockguard.lock: not written: File too large; the old file is untouched" in done.stderr
    assert (engine / "lockguard.lock").read_bytes() == before
    assert sorted(path.name for path in engine.iterdir()) == ["lockguard.lock", "pyproject.toml"]
