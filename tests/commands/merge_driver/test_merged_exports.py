"""Files that are derived from the lock, where git merges: made from the merged lock."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from repositories import Repository, isolate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

TABLE = """
[tool.lockguard.exports]
"requirements.txt" = { format = "requirements" }
"deploy/pylock.toml" = { format = "pylock" }
"""
MERGED = ["engine==1.1", "gear==1.1", "tail==1.0"]
NAMES = ("requirements.txt", "deploy/pylock.toml")


@pytest.fixture
def forked(
    index: Index, pypi: Pypi, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> Repository:
    """Each side moves one pin, with the files that follow from that."""
    isolate(monkeypatch)
    for name in ("engine", "gear", "tail"):
        index.add(name, "1.0")
    pypi(index, here=True)
    top = tmp_path / "work"
    top.mkdir()
    repo = Repository(top, top / "apps/plane", index)
    repo.git("init", "-q", "-b", "main")
    repo.want("engine", "gear", "tail", more=TABLE)
    assert run("lockguard fix", repo.folder).code == 0
    assert run("lockguard merge-driver install", repo.folder).code == 0
    repo.save("base")
    repo.git("tag", "base")
    for name in ("engine", "gear"):
        index.add(name, "1.1")
    repo.on("side")
    assert run("lockguard update gear==1.1", repo.folder).code == 0
    repo.save("gear")
    repo.on("main")
    assert run("lockguard update engine==1.1", repo.folder).code == 0
    repo.save("engine")
    return repo


def pinned(repo: Repository) -> list[str]:
    return re.findall(r"^[a-z]+==[0-9.]+", (repo.folder / NAMES[0]).read_text(), re.MULTILINE)


def test_they_are_those_of_the_merged_lock(forked: Repository, run: Run) -> None:
    said = forked.git("merge", "side")

    assert "requirements.txt: made from the merged poetry.lock" in said
    assert pinned(forked) == MERGED
    assert run("lockguard check", forked.folder).code == 0
    assert forked.git("status", "--porcelain") == ""


def test_without_their_driver_a_fix_writes_them_over_the_markers(
    forked: Repository, run: Run
) -> None:
    for key in ("name", "driver", "recursive"):
        forked.git("config", "--unset-all", f"merge.lockguard-export.{key}")
    forked.git("merge", "side", code=None)
    assert "<<<<<<<" in (forked.folder / NAMES[0]).read_text()

    told = run("lockguard check", forked.folder)
    fixed = run("lockguard fix", forked.folder)

    assert "export-stale: requirements.txt: has conflict markers" in told.out
    assert fixed.code == 0, fixed.err
    assert pinned(forked) == MERGED
    assert run("lockguard check", forked.folder).code == 0


def test_one_that_was_edited_by_hand_keeps_the_markers(forked: Repository) -> None:
    path = forked.folder / NAMES[0]
    path.write_text(path.read_text() + "by-hand==1\n")
    forked.save("edited")

    said = forked.git("merge", "side", code=None)

    assert "requirements.txt: not merged: it was edited by hand" in said
    assert "`lockguard fix` in the project's folder writes it" in said
    assert "<<<<<<<" in path.read_text()
    assert "<<<<<<<" not in forked.text
