"""Locks that Poetry itself wrote are fresh, and what Poetry refuses to load is not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from conftest import CORPUS
from poetry.factory import Factory

from poetry_lockguard.errors import ManifestError
from poetry_lockguard.freshness.judge import judge
from poetry_lockguard.manifest.content_hash import content_hash, rule_for
from poetry_lockguard.manifest.document import read
from poetry_lockguard.manifest.ordinary import is_ordinary
from poetry_lockguard.manifest.refusals import refusals
from poetry_lockguard.outcomes import Status
from poetry_lockguard.running import running_poetry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result

    from poetry_lockguard.freshness.judge import Verdict

    Run = Callable[[str, Path], Result]

COMMIT = "d54cd76b862a308a3a20c5fa81edf33bc25ce6f2"
HEAD = '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.10"\n'
POETRY = '[tool.poetry]\nname = "demo"\nversion = "1"\ndescription = ""\nauthors = []\n'
TAIL = '[metadata]\nlock-version = "2.1"\npython-versions = ">=3.10"\ncontent-hash = "{hash}"\n'


def pin(name: str, version: str, more: str = "") -> str:
    return (
        f'[[package]]\nname = "{name}"\nversion = "{version}"\ndescription = ""\noptional = false\n'
        f'python-versions = "*"\ngroups = ["main"]\n{more}\n'
    )


def files(name: str, version: str) -> str:
    return f'files = [{{file = "{name}-{version}.tar.gz", hash = "sha256:{"a" * 64}"}}]\n'


SIX = pin("six", "1.16.0", files("six", "1.16.0"))


def written(folder: Path, manifest: str, lock: str) -> Path:
    path = folder / "pyproject.toml"
    path.write_text(manifest)
    hashed = content_hash(read(path).data, rule_for(running_poetry()))
    (folder / "poetry.lock").write_text(lock + TAIL.format(hash=hashed))
    return path


def deep(path: Path) -> Verdict:
    return judge(read(path), deep=True)


@dataclass(frozen=True)
class Written:
    """What Poetry's own lock is for a manifest."""

    manifest: str
    lock: str


def git_pin(reference: str) -> str:
    return pin("tool", "0.7", "files = []\ndevelop = false\n") + (
        f'[package.source]\ntype = "git"\nurl = "https://git.example/tool"\n'
        f'reference = "{reference}"\nresolved_reference = "{COMMIT}"\n\n'
    )


def index_pin(name: str) -> str:
    return SIX + (
        f'[package.source]\ntype = "legacy"\nurl = "https://mirror.example/simple"\n'
        f'reference = "{name}"\n\n'
    )


def git_manifest(revision: str) -> str:
    return f'{HEAD}dependencies = ["tool @ git+https://git.example/tool@{revision}"]\n'


SOURCE = (
    '\n[[tool.poetry.source]]\nname = "Corp"\nurl = "https://mirror.example/simple/"\n'
    'priority = "primary"\n'
)
SOUND = {
    "an extra of what is not optional": Written(
        f'{POETRY}[tool.poetry.dependencies]\npython = ">=3.10"\nsix = "^1.16"\n'
        '[tool.poetry.extras]\ns = ["six"]\n',
        pin("six", "1.16.0", "markers = 'extra == \"s\"'\n" + files("six", "1.16.0"))
        + '[extras]\ns = ["six"]\n\n',
    ),
    "a branch that is a commit now": Written(git_manifest(COMMIT), git_pin("main")),
    "a branch that is a short commit now": Written(git_manifest(COMMIT[:9]), git_pin("main")),
    "a source in other case": Written(f'{HEAD}dependencies = ["six"]\n{SOURCE}', index_pin("corp")),
    "a source in other case, asked for": Written(
        f'{HEAD}dependencies = ["six"]\n{SOURCE}'
        '\n[tool.poetry.dependencies]\nsix = { source = "CORP" }\n',
        index_pin("corp"),
    ),
}


@pytest.mark.parametrize("sound", SOUND.values(), ids=SOUND.keys())
def test_a_lock_that_poetry_wrote_is_fresh(sound: Written, tmp_path: Path) -> None:
    verdict = deep(written(tmp_path, sound.manifest, sound.lock))

    assert (verdict.status, verdict.problems) == (Status.FRESH, ())


def test_fix_leaves_a_lock_with_an_extra_of_what_is_not_optional_alone(
    run: Run, tmp_path: Path
) -> None:
    sound = SOUND["an extra of what is not optional"]
    path = written(tmp_path, sound.manifest, sound.lock)
    before = path.with_name("poetry.lock").read_bytes()

    result = run("lockguard fix --offline", tmp_path)

    assert (result.code, result.out) == (0, "poetry.lock: fresh, left alone\n")
    assert path.with_name("poetry.lock").read_bytes() == before


def test_another_commit_than_the_locked_one_does_not_fit(tmp_path: Path) -> None:
    path = written(tmp_path, git_manifest("e" * 40), git_pin("main"))

    assert [one.code for one in deep(path).problems] == ["source-undeclared", "closure"]


@pytest.mark.parametrize(
    "manifest",
    [
        '[project]\nversion = "0.1"\nrequires-python = ">=3.10"\ndependencies = []\n',
        HEAD.replace('"demo"', '"-demo-"') + "dependencies = []\n",
        HEAD.replace('"1"', '"one"') + "dependencies = []\n",
        HEAD.replace('version = "1"\n', "") + "dependencies = []\n",
        HEAD + 'dependencies = []\nkeywords = "one"\n',
        POETRY.replace('name = "demo"\n', ""),
        POETRY.replace("authors = []", 'packages = "demo"'),
    ],
    ids=["no name", "bad name", "bad version", "no version", "keywords", "poetry name", "packages"],
)
def test_a_fresh_lock_beside_a_manifest_that_poetry_refuses_is_no_success(
    manifest: str, run: Run, tmp_path: Path
) -> None:
    path = written(tmp_path, manifest, "package = []\n")

    with pytest.raises(ManifestError, match="Poetry refuses it"):
        judge(read(path))
    assert run("lockguard check", tmp_path).code == 2
    assert run("lockguard fix --offline", tmp_path).code == 2


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of real locks is not here")
def test_what_is_ordinary_is_never_refused_and_most_manifests_are() -> None:
    manifests = [read(path) for path in sorted(CORPUS.glob("*/pyproject.toml"))]
    ordinary = [one for one in manifests if is_ordinary(one)]

    assert [one.path for one in ordinary if refusals(one.data)] == []
    assert len(ordinary) > 0.9 * len(manifests)


HASHED_GROUPS = HEAD + "dependencies = []\n[dependency-groups]\ndev = []\n"


@pytest.mark.parametrize(
    ("more", "codes"),
    [
        ("", ["hash-rule"]),
        ('[tool.poetry]\nrequires-poetry = ">=2.3"\n', []),
        ('[tool.poetry]\nrequires-poetry = ">=2.3,<3"\n', []),
        ('[tool.poetry]\nrequires-poetry = ">=2.2"\n', ["hash-rule"]),
        ('[tool.lockguard]\nmin-poetry = "2.3"\n', []),
        ('[tool.lockguard]\nmin-poetry = "2.1"\n', ["hash-rule"]),
        (
            '[tool.lockguard]\nmin-poetry = "2.1"\n[tool.poetry]\nrequires-poetry = ">=2.3"\n',
            [],
        ),
    ],
)
def test_only_versions_that_the_project_admits_are_warned_of(
    more: str, codes: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text(HASHED_GROUPS + more)
    hashed = content_hash(read(path).data, rule_for("2.5"))
    (tmp_path / "poetry.lock").write_text("package = []\n" + TAIL.format(hash=hashed))

    verdict = judge(read(path), poetry_version="2.5.1")

    assert (verdict.status, [one.code for one in verdict.problems]) == (Status.FRESH, codes)


def test_versions_of_poetry_that_poetry_cannot_read_are_refused_as_poetry_does(
    tmp_path: Path,
) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text(HASHED_GROUPS + '[tool.poetry]\nrequires-poetry = "nonsense"\n')
    hashed = content_hash(read(path).data, rule_for("2.5"))
    (tmp_path / "poetry.lock").write_text("package = []\n" + TAIL.format(hash=hashed))

    with pytest.raises(ManifestError, match="requires-poetry is no version constraint"):
        judge(read(path), poetry_version="2.5.1")
    with pytest.raises(ValueError, match="nonsense"):
        Factory().create_poetry(tmp_path)


def test_what_is_wrong_with_the_snapshot_stands_under_its_own_name(
    run: Run, tmp_path: Path
) -> None:
    written(tmp_path, HEAD + "dependencies = []\n", "package = []\n")
    (tmp_path / "lockguard.lock").write_text("{}\n")

    text = run("lockguard check --deep", tmp_path)
    document = json.loads(run("lockguard check --deep --format json", tmp_path).out)

    assert text.code == 1
    assert text.out.splitlines()[:2] == [
        "poetry.lock: fresh",
        (
            "lockguard.lock: not in step; `poetry lockguard snapshot verify` lists more,"
            " `snapshot sync` or `create` fixes it"
        ),
    ]
    assert document["projects"][0]["status"] == "fresh"
    assert document["projects"][0]["problems"][0]["code"] == "snapshot-unreadable"
    assert run("lockguard fix --offline", tmp_path).out == "poetry.lock: fresh, left alone\n"


def test_a_version_whose_own_needs_are_not_met_is_one_that_nobody_chooses(tmp_path: Path) -> None:
    """Without groups Poetry chooses again: on old Pythons the older stubs, as the newer cannot."""
    lock = "".join(
        (
            pin("stubs", "1", files("stubs", "1")),
            pin("stubs", "2", files("stubs", "2") + '[package.dependencies]\nsix = ">=2"\n'),
            SIX,
            pin("six", "2.0", files("six", "2.0")).replace('"*"', '">=3.12"'),
        )
    ).replace('groups = ["main"]\n', "")
    manifest = HEAD + 'dependencies = ["stubs", "six"]\n'
    path = written(tmp_path, manifest, lock)
    text = (tmp_path / "poetry.lock").read_text()
    (tmp_path / "poetry.lock").write_text(text.replace('"2.1"', '"2.0"'))

    assert [one.message for one in deep(path).problems if one.code == "closure"] == []

    without = text.replace('"2.1"', '"2.0"').replace(
        pin("stubs", "1", files("stubs", "1")).replace('groups = ["main"]\n', ""), ""
    )
    (tmp_path / "poetry.lock").write_text(without)
    (message,) = [one.message for one in deep(path).problems if one.code == "closure"]
    assert "six: needed by stubs 2 (>=2)" in message
