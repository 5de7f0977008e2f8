"""``lockguard demo`` makes a project, serves its packages to this machine, and ends."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
import urllib.request
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest
from conftest import FIXTURES

from poetry_lockguard.demo.tutorial import serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Result

    Run = Callable[[str, Path], Result]

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
PROGRAM = (sys.executable, "-m", "poetry_lockguard", "demo")


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    with serve(folder, 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server.url
        finally:
            server.shutdown()
            thread.join()


def read(url: str) -> str:
    text: str = DIRECT.open(url, timeout=10).read().decode()
    return text


def test_the_project_is_that_of_the_fixtures_with_a_source(tmp_path: Path) -> None:
    with serving(tmp_path / "engine") as url:
        made = (tmp_path / "engine" / "pyproject.toml").read_text()

    fixture = (FIXTURES / "engine" / "pyproject.toml").read_text()
    assert made == f'{fixture}\n[[tool.poetry.source]]\nname = "demo"\nurl = "{url}"\n'


def test_a_wheel_that_is_copied_into_the_folder_is_offered_at_once(tmp_path: Path) -> None:
    with serving(tmp_path / "engine") as url:
        before = re.findall(r">(matrix\S+whl)<", read(f"{url}Matrix/"))
        newer = tmp_path / "engine" / "newer" / "matrix-1.1-py3-none-any.whl"
        newer.rename(tmp_path / "engine" / "index" / newer.name)
        after = re.findall(r">(matrix\S+whl)<", read(f"{url}matrix/"))

    assert before == ["matrix-1.0-py3-none-any.whl"]
    assert after == [*before, "matrix-1.1-py3-none-any.whl"]


@pytest.mark.parametrize(
    "path", ["/files/../pyproject.toml", "/files/%2e%2e/pyproject.toml", "/", "/simple/nothing/"]
)
def test_nothing_else_of_the_machine_is_served(path: str, tmp_path: Path) -> None:
    with serving(tmp_path / "engine") as url:
        connection = HTTPConnection(url.split("/")[2], timeout=10)
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        connection.close()

    assert answer.status == 404


def test_a_second_demo_serves_the_same_folder_at_the_same_port(tmp_path: Path) -> None:
    with serving(tmp_path / "engine") as first:
        pass
    mine = tmp_path / "engine" / "pyproject.toml"
    mine.write_text(mine.read_text() + "\n[tool.lockguard.matrix]\n")
    with serving(tmp_path / "engine") as second:
        pass

    assert first == second
    assert mine.read_text().endswith("[tool.lockguard.matrix]\n")


def test_a_folder_with_something_else_in_it_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")

    result = run("lockguard demo mine", tmp_path)

    assert (result.code, result.out) == (2, "")
    assert "mine: is not empty, and not a demo; name a new folder" in result.err
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def test_it_stops_by_itself(run: Run, tmp_path: Path) -> None:
    result = run("lockguard demo --minutes 0", tmp_path)

    assert result.code == 0, result.err
    assert result.out.endswith("Stopped; the project is still there.\n")
    assert (tmp_path / "engine" / "index" / "matrix-1.0-py3-none-any.whl").is_file()


def test_ctrl_c_stops_it(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*PROGRAM, "--minutes", "1"], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        for line in program.stdout:
            if line.endswith("Ctrl-C stops.\n"):
                break
        program.send_signal(signal.SIGINT)
        rest = program.stdout.read()

    assert (program.returncode, rest) == (0, "Stopped; the project is still there.\n")
