"""Ctrl-C in the middle of a guard's fix, and of a fix of many projects: a real signal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from index import hang
from solving import lock, project

if TYPE_CHECKING:
    from pathlib import Path

    from index import Index, Pypi

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")

COMMANDS = {
    "the guard's": ("install --no-root", "late"),
    "the second of two": ("lockguard fix -r", "."),
    "the second of two, for programs": ("lockguard fix -r --format json", "."),
}


@pytest.mark.parametrize(("command", "start"), COMMANDS.values(), ids=COMMANDS)
def test_an_interrupted_fix_leaves_its_lock_as_it_was_and_no_process(
    command: str, start: str, index: Index, pypi: Pypi, tmp_path: Path
) -> None:
    index.add("matrix", "1.0")
    server = pypi(index, here=True).server
    guarded = '\n[tool.lockguard]\nguard = "fix"\n'
    early = project(tmp_path / "early", more=guarded)
    late = project(tmp_path / "late", "matrix", more=guarded)
    lock(late)
    project(late, "matrix", "shader", more=guarded)
    before = files(late)
    server.fault("/simple/shader", hang())

    process = subprocess.Popen(
        [sys.executable, "-m", "poetry", *command.split(), "--no-interaction"],
        cwd=tmp_path / start,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not server.paths("/simple/shader"):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=20)

    assert process.returncode == 1
    assert err.endswith("lockguard: interrupted\n")
    assert "Traceback" not in err
    if "json" in command:
        assert json.loads(out)["message"] == "interrupted"
    else:
        assert out.partition(": ")[0] == ("" if start == "late" else "early/poetry.lock")
    assert (early / "poetry.lock").exists() == (start == ".")
    assert files(late) == before
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}
