"""Files that are derived from the lock, where git merges: made from the merged lock."""

from __future__ import annotations

import json
import re
import shutil
import sys
import venv
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
BILL = """
[tool.lockguard.exports]
"sbom.cdx.json" = { format = "cyclonedx" }
"""
MERGED = ["engine==1.1", "gear==1.1", "tail==1.0"]
NAMES = ("requirements.txt", "deploy/pylock.toml")


@pytest.fixture
def table() -> str:
    return TABLE


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an active environment whose packages declare a licence."""
    root = tmp_path / "environment"
    venv.create(root, symlinks=sys.platform != "win32")
    (packages,) = [*root.glob("lib/python*/site-packages"), *root.glob("Lib/site-packages")]
    for name, version in (("engine", "1.1"), ("gear", "1.1"), ("tail", "1.0")):
        made = packages / f"{name}-{version}.dist-info"
        made.mkdir()
        (made / "METADATA").write_text(
            f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\nLicense-Expression: MIT\n"
        )
    monkeypatch.setenv("VIRTUAL_ENV", str(root))
    return root


@pytest.fixture
def forked(  # noqa: PLR0913, PLR0917 - fixtures
    index: Index,
    pypi: Pypi,
    tmp_path: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    table: str,
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
    repo.want("engine", "gear", "tail", more=table)
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


@pytest.mark.parametrize("table", [BILL])
def test_an_sbom_keeps_the_licences_of_both_sides(
    environment: Path, forked: Repository, run: Run
) -> None:
    pytest.importorskip("cyclonedx", reason="needs the extra sbom")
    shutil.rmtree(environment)

    forked.git("merge", "side")

    bill = json.loads((forked.folder / "sbom.cdx.json").read_text())
    licences = {one["name"]: one["licenses"] for one in bill["components"]}
    assert licences == {name: [{"license": {"id": "MIT"}}] for name in ("engine", "gear", "tail")}
    assert run("lockguard check", forked.folder).code == 0


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
