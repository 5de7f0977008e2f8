"""Runs the real ``fix`` in forked children of a warm program: killed, or many at once.

    python forking.py kill FOLDER COUNT SEED      prints one JSON document of figures
    python forking.py together FOLDER COUNT       likewise

FOLDER holds a project whose lock is stale in a way that needs no network. A child does all that
the command does; only the imports are done already.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from cleo.io.inputs.argv_input import ArgvInput
from cleo.io.outputs.stream_output import StreamOutput
from poetry.console.application import Application

from poetry_lockguard import files
from poetry_lockguard.plugin import register

if TYPE_CHECKING:
    from typing import NoReturn


def fix(folder: Path, output: Path, *options: str) -> int:
    """Run the command as Poetry's console does."""
    os.chdir(folder)
    application = Application()
    application.auto_exits(False)
    register(application)
    with output.open("w") as stream:
        out = StreamOutput(stream)
        arguments = ["poetry", "lockguard", "fix", "--no-ansi", "--no-interaction", *options]
        return application.run(ArgvInput(arguments), out, out)


def child(folder: Path, output: Path, bell: int | None = None) -> int:
    """Start a fix of its own; ``bell`` is rung when it begins to write."""
    pid = os.fork()
    if not pid:
        _work(folder, output, bell)
    return pid


def _work(folder: Path, output: Path, bell: int | None) -> NoReturn:
    if bell is not None:
        replace = files.replace

        def heard(path: Path, content: bytes) -> None:
            os.write(bell, b"!")
            replace(path, content)

        files.replace = heard
    os._exit(fix(folder, output))


def kill(folder: Path, count: int, seed: int) -> dict[str, object]:
    """Kill ``count`` fixes: by turns at any moment, and while they write."""
    chance = random.Random(seed)
    lock, output = folder / "poetry.lock", folder.parent / "output"
    old = lock.read_bytes()
    start = time.monotonic()
    os.waitpid(child(folder, output), 0)
    length = time.monotonic() - start
    new = lock.read_bytes()
    assert new != old, output.read_text()
    figures = {"kills": count, "old": 0, "new": 0, "torn": 0, "left": 0, "ended before": 0}
    for number in range(count):
        lock.write_bytes(old)
        ear, bell = os.pipe()
        pid = child(folder, output, bell)
        os.close(bell)
        if number % 2:
            os.read(ear, 1)
            _spin(chance.uniform(0, 0.012))
        else:
            time.sleep(chance.uniform(0, length * 1.1))
        os.kill(pid, signal.SIGKILL)
        status = os.waitpid(pid, 0)[1]
        os.close(ear)
        content = lock.read_bytes()
        word = {old: "old", new: "new"}.get(content, "torn")
        figures[word] += 1
        figures["left"] += listed(folder) != ["poetry.lock", "pyproject.toml"]
        figures["ended before"] += os.WIFEXITED(status)
    lock.write_bytes(old)
    os.waitpid(child(folder, output), 0)
    return {**figures, "works after": lock.read_bytes() == new}


def listed(folder: Path) -> list[str]:
    """Return the names in the project's folder."""
    return sorted(path.name for path in folder.iterdir())


def _spin(seconds: float) -> None:
    """Wait more exactly than ``sleep`` does."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def together(folder: Path, count: int) -> dict[str, object]:
    """Start ``count`` fixes at once."""
    outputs = [folder.parent / f"output{number}" for number in range(count)]
    pids = [child(folder, output) for output in outputs]
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
    said = [output.read_text() for output in outputs]
    return {
        "codes": sorted(set(codes)),
        "fixed": sum("fixed by offline" in text for text in said),
        "fresh": sum("fresh, left alone" in text for text in said),
        "waited": sum("waiting for it to end" in text for text in said),
        "left": listed(folder),
    }


if __name__ == "__main__":
    where = Path(sys.argv[2])
    assert fix(where, where.parent / "output", "--dry-run") == 0  # imports everything
    work = kill if sys.argv[1] == "kill" else together
    print(json.dumps(work(where, *map(int, sys.argv[3:]))))
