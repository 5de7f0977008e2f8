"""Whatever the three sides of a merge contain: both sides are in the file afterwards, or git's."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from locks import lock_for
from mutations import encoded, in_time, is_foreseen, mutated
from repositories import isolate
from snapshot_values import ENGINE, configuration, resolved, target

from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.snapshots.format import canonical, writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result

    Run = Callable[[str, Path], Result]

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

SIDES = ("base", "ours", "theirs")
MANIFEST = """\
[project]
name = "engine"
version = "1.0"
requires-python = ">=3.10"
dependencies = [
{}]

[tool.lockguard]
strategies = ["offline"]
"""
PIN = """\
[[package]]
name = "{name}"
version = "1.0"
description = ""
optional = false
python-versions = ">=3.8"
groups = ["main"]
files = [
    {{file = "{name}-1.0-py3-none-any.whl", hash = "sha256:{digest}"}},
]

"""
NEEDS = {
    "base": ("body", "cabin", "door"),
    "ours": ("axle", "body", "cabin", "door"),
    "theirs": ("body", "cabin", "door", "engine-oil"),
}
Files = dict[str, str]


def files_of(side: str) -> Files:
    """Return what a side has committed: all of it fits together, and merges."""
    manifest = MANIFEST.format("".join(f'    "{name}",\n' for name in NEEDS[side]))
    head, _, rest = lock_for(manifest).partition("[[package]]")
    pins = [PIN.format(name=name, digest="1" * 64) for name in NEEDS[side]]
    configurations = {side: configuration({"matrix": resolved("1.1")}, target=target("3.12.0"))}
    snapshot = replace(
        ENGINE,
        configurations={**ENGINE.configurations, **({} if side == "base" else configurations)},
    )
    return {
        "pyproject.toml": manifest,
        "poetry.lock": head + "".join(pins) + "[metadata]" + rest.partition("[metadata]")[2],
        "lockguard.lock": writer.render(snapshot).decode(),
    }


@dataclass(frozen=True, slots=True)
class Merge:
    """A repository in which git is merging, and what its driver is given."""

    folder: Path

    def git(self, *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["git", *words], cwd=self.folder, input=given, capture_output=True, check=False
        )

    def of(self, sides: dict[str, Files], path: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Commit three sides, and stand where git stands when it calls a driver for a path."""
        shutil.rmtree(self.folder / ".git", ignore_errors=True)
        self.git("init", "-q", "-b", "main")
        stream = _commit(1, sides["base"], "main") + _commit(2, sides["ours"], "main", 1)
        stream += _commit(3, sides["theirs"], "side", 1)
        self.git("fast-import", "--quiet", "--export-marks=.git/marks", given=stream)
        marks = dict(map(str.split, (self.folder / ".git" / "marks").read_text().splitlines()))
        self.git("read-tree", "main")
        for name in [name for name in os.environ if name.startswith("GITHEAD_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv(f"GITHEAD_{marks[':3']}", "side")
        for side in SIDES:
            for name in (f".merged_{side}", f".given_{side}"):
                (self.folder / name).write_bytes(encoded(sides[side][path]))

    @property
    def result(self) -> bytes:
        return (self.folder / ".merged_ours").read_bytes()

    @property
    def as_git_would(self) -> bytes | None:
        """What git's own merge of the lines gives; None for what it takes for a binary file."""
        names = [f".given_{side}" for side in ("ours", "base", "theirs")]
        labels = [word for side in ("ours", "base", "theirs") for word in ("-L", side)]
        for algorithm in (["--diff-algorithm=histogram"], []):  # as the driver does
            done = self.git("merge-file", "-p", *algorithm, *labels, *names)
            if done.returncode != 129:
                return done.stdout if done.returncode <= 127 else None
        return None


def _commit(mark: int, files: Files, branch: str, parent: int = 0) -> bytes:
    who = "committer a <a@mirror.example> 1000000000 +0000"
    lines = f"commit refs/heads/{branch}\nmark :{mark}\n{who}\ndata 1\nm\n".encode()
    lines += f"from :{parent}\n".encode() if parent else b""
    for name, text in files.items():
        content = encoded(text)
        lines += f"M 100644 inline {name}\ndata {len(content)}\n".encode() + content + b"\n"
    return lines


def command(path: str) -> str:
    option = " --snapshot" if path == "lockguard.lock" else ""
    given = " ".join(f".merged_{side}" for side in SIDES)
    return f"lockguard merge-driver run{option} -- {given} {path} 7"


def sealed(text: str) -> str:
    try:
        document = json.loads(text)
        return canonical.written({**document, "sha256": canonical.seal(document)}).decode()
    except (ValueError, TypeError, AttributeError):
        return text


def odd(rng: random.Random, path: str) -> dict[str, Files]:
    """Return three sides of which one to three files are changed."""
    sides = {side: files_of(side) for side in SIDES}
    for _ in range(rng.choice((1, 1, 2, 3))):
        name = rng.choice((path, path, "pyproject.toml"))
        files = sides[rng.choice(SIDES)]
        files[name] = mutated(rng, files[name])
        if name == "lockguard.lock" and rng.random() < 0.7:
            files[name] = sealed(files[name])
    return sides


@pytest.fixture
def merge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Merge:
    isolate(monkeypatch)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple/")  # nobody is there
    folder = tmp_path / "repository"
    folder.mkdir()
    return Merge(folder)


@pytest.mark.parametrize("path", ["poetry.lock", "lockguard.lock"])
def test_the_sides_are_merged_if_nothing_is_odd(
    path: str, merge: Merge, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    merge.of({side: files_of(side) for side in SIDES}, path, monkeypatch)

    result = run(command(path), merge.folder)

    assert result.code == 0, result.err
    if path == "poetry.lock":
        pins = {pin.name for pin in parse(merge.result).pins}
        assert pins == {*NEEDS["ours"], *NEEDS["theirs"]}
    else:
        assert {"ours", "theirs"} < {*json.loads(merge.result)["configurations"]}


@pytest.mark.parametrize(
    "count", [4, pytest.param(4_000, marks=pytest.mark.slow)], ids=["short", "long"]
)
def test_no_mutated_merge_loses_a_side(
    count: int, merge: Merge, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(count)
    codes = Counter[int]()
    for number in range(count):
        path = ("poetry.lock", "poetry.lock", "lockguard.lock")[number % 3]
        sides = odd(rng, path)
        merge.of(sides, path, monkeypatch)
        before = merge.result
        with in_time(5.0):
            result = run(command(path), merge.folder)
        assert is_foreseen(result), (result, sides)
        codes[result.code] += 1
        expected = merge.as_git_would
        if result.code == 2:  # git's configuration has git do it then, see OR_MARKERS
            assert merge.result in {before, expected}, sides
        elif result.code == 1:
            assert merge.result == expected, sides

    assert codes[0] > count / 8, codes  # some are merged,
    assert codes[1] > count / 8, codes  # and some are in conflict


REFUSED = {
    "a binary file": ("poetry.lock", "ours", 'description = ""', 'description = "\0"'),
    "Pythons that are none": ("poetry.lock", "theirs", '">=3.10"', '"three"'),
    "a value of another type": ("pyproject.toml", "theirs", '">=3.10"', "3"),
    "a snapshot without a field": ("lockguard.lock", "theirs", '"groups"', '"group"'),
}


@pytest.mark.parametrize(("name", "side", "old", "new"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_merged_is_left_to_git(  # noqa: PLR0913, PLR0917 - fixtures
    name: str,
    side: str,
    old: str,
    new: str,
    merge: Merge,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sides = {side: files_of(side) for side in SIDES}
    head, found, tail = sides[side][name].rpartition(old)
    assert found
    sides[side][name] = head + new + tail
    path = "lockguard.lock" if name == "lockguard.lock" else "poetry.lock"
    merge.of(sides, path, monkeypatch)
    before = merge.result

    result = run(command(path), merge.folder)

    assert is_foreseen(result), result
    if result.code == 1:
        assert merge.result == merge.as_git_would
    elif result.code == 2:
        assert merge.result == before
