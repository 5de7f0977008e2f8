"""Nothing stays of the temporary files of a fix, also where threads write after a Ctrl-C."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from poetry_lockguard.poetry_api.temporary_home import temporary_home

if TYPE_CHECKING:
    import pytest

LATE = """\
import os, tempfile, time
from concurrent.futures import ThreadPoolExecutor
from poetry_lockguard.poetry_api.temporary_home import temporary_home

def write(folder):
    time.sleep(0.3)
    os.makedirs(os.path.join(folder, "late"))

with temporary_home(), tempfile.TemporaryDirectory() as folder:
    ThreadPoolExecutor().submit(write, folder)
    raise KeyboardInterrupt
"""


def test_what_threads_write_after_an_interruption_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    done = subprocess.run(
        [sys.executable, "-c", LATE], capture_output=True, text=True, check=False, timeout=60
    )

    assert "KeyboardInterrupt" in done.stderr
    assert [*tmp_path.iterdir()] == []


def test_the_folder_is_that_of_the_block_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    with temporary_home():
        descriptor, name = tempfile.mkstemp()
        os.close(descriptor)

    assert Path(name).parent.parent == tmp_path
    assert tempfile.gettempdir() == str(tmp_path)
    assert [*tmp_path.iterdir()] == []


def test_the_block_runs_where_no_folder_can_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))

    with temporary_home():
        assert tempfile.gettempdir() == str(tmp_path / "gone")
