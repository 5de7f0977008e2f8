"""Ctrl-C in the middle of a guard's fix, and of a fix of many projects: a real signal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from index import hang
from solving import lock, project

from poetry_lockguard.relock import fixing
from poetry_lockguard.relock.context import RelockContext
from poetry_lockguard.relock.soundness import flaws

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
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


class Finalized:
    """Has Ctrl-C fall into a finalizer, whose exceptions Python drops."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("moment", ["rung", "verification"])
def test_ctrl_c_counts_even_where_a_finalizer_takes_it(  # noqa: PLR0913, PLR0917 - fixtures
    moment: str,
    index: Index,
    pypi: Pypi,
    tmp_path: Path,
    run: Callable[[str, Path], Result],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index.add("matrix", "1.0")
    pypi(index, here=True)
    folder = project(tmp_path / "plane", "matrix")

    def finalizing(work: Callable[..., Any]) -> Callable[..., Any]:
        def done(*arguments: Any, **options: Any) -> Any:
            Finalized()
            return work(*arguments, **options)

        return done

    if moment == "rung":
        monkeypatch.setattr(RelockContext, "resolve", finalizing(RelockContext.resolve))
    else:
        monkeypatch.setattr(fixing, "flaws", finalizing(flaws))

    result = run("lockguard fix", folder)

    assert result.code == 1
    assert "interrupted" in result.err
    assert not (folder / "poetry.lock").exists()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


EARLY = """
import sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "poetry_lockguard.commands.checking":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupting())
from poetry_lockguard.__main__ import main
sys.exit(main(["check"]))
"""


def test_ctrl_c_while_the_program_starts_leaves_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", EARLY], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (1, "", "lockguard: interrupted\n")


DROPPED = """
import sys, time
from poetry_lockguard import __main__
class Closed:
    def __del__(self):
        raise {error}
def answer(arguments):
    Closed()
    time.sleep({seconds})
    return 0
__main__._answer = answer
sys.argv[1:] = ["check"]
sys.exit(__main__.main())
"""


def test_ctrl_c_in_a_finalizer_is_not_lost() -> None:
    code = DROPPED.format(error="KeyboardInterrupt", seconds=30)

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=20
    )

    assert (done.returncode, done.stdout, done.stderr) == (1, "", "lockguard: interrupted\n")


def test_another_error_in_a_finalizer_is_shown_as_python_shows_it() -> None:
    code = DROPPED.format(error='ValueError("odd")', seconds=0)

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=20
    )

    assert done.returncode == 0
    assert "Exception ignored in" in done.stderr
    assert "ValueError: odd" in done.stderr


@pytest.mark.parametrize("words", ["fix", "fix --format json", "snapshot create"])
def test_ctrl_c_before_poetry_comes_to_the_command_is_told(words: str, tmp_path: Path) -> None:
    folder = project(tmp_path / "plane", "matrix")
    site = tmp_path / "site"
    (site / "stop-1.0.dist-info").mkdir(parents=True)
    (site / "stop-1.0.dist-info" / "METADATA").write_text("Name: stop\nVersion: 1.0\n")
    (site / "stop-1.0.dist-info" / "entry_points.txt").write_text(
        "[poetry.application.plugin]\nstop = stop:Plugin\n"
    )
    (site / "stop.py").write_text("import signal\nsignal.raise_signal(signal.SIGINT)\n")

    done = subprocess.run(
        [sys.executable, "-m", "poetry_lockguard", *words.split()],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (done.returncode, done.stderr) == (1, "lockguard: interrupted\n")
    if "json" in words:
        assert json.loads(done.stdout)["message"] == "interrupted"
    assert [*files(folder)] == ["pyproject.toml"]
