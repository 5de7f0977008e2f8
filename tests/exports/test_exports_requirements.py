"""Exported requirements and constraints, line by line."""

from __future__ import annotations

from typing import Any

import pytest
from exporting import PYPI, snapshot
from hypothesis import given
from hypothesis import strategies as some
from packaging.requirements import Requirement

from poetry_lockguard.exports.constraints_txt import constraints
from poetry_lockguard.exports.outcome import Exported, Places, Refused
from poetry_lockguard.exports.requirements_txt import requirements
from poetry_lockguard.snapshots.document import PackageEntry
from poetry_lockguard.snapshots.origins import Directory, Git, Index, LocalFile, SnapshotSource, Url
from poetry_lockguard.targets.configuration import Wish, configuration

HERE = configuration(Wish(python="3.11", platform="linux-x86_64"))
HEADER = (
    "# Configuration linux-x86_64-py311, made by `poetry lockguard snapshot export`. Do not edit."
)
DIGEST = f"sha256:{'a' * 64}"
COMMIT = "c" * 40
PRIVATE = Index(name="private", url="https://user:secret@mirror.example/simple")
REPOSITORY = Git(url="https://forge.example/x.git", commit=COMMIT, subdirectory="python")
BY_SSH = Git(url="git@forge.example:team/x.git", commit=COMMIT)


def pin(source: SnapshotSource = PYPI, **other: Any) -> PackageEntry:
    values: dict[str, Any] = {
        "version": "1.0",
        "source": source,
        "files": {"x-1.0-py3-none-any.whl": DIGEST},
    }
    return PackageEntry(**(values | other))


def lines(*pins: tuple[str, PackageEntry], root: str = ".") -> list[str]:
    """Return the lines after the header, continued ones joined."""
    made = snapshot({name: (entry,) for name, entry in pins}, {HERE: pins})
    outcome = requirements(made, HERE.name, Places(root=root))
    assert isinstance(outcome, Exported), outcome
    first, *others = outcome.text.replace(" \\\n    ", " ").splitlines()
    assert first == HEADER
    return others


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        (pin(), f"x==1.0 --hash={DIGEST}"),
        (
            pin(Url(url="https://forge.example/x.zip", subdirectory="python")),
            f"x @ https://forge.example/x.zip#subdirectory=python --hash={DIGEST}",
        ),
        (pin(LocalFile(path="wheels/x.whl")), f"./wheels/x.whl --hash={DIGEST}"),
    ],
    ids=["index", "url", "file"],
)
def test_what_has_a_hash_is_held_to_it(entry: PackageEntry, line: str) -> None:
    assert lines(("x", entry)) == [line]


@pytest.mark.parametrize(
    ("source", "why", "line"),
    [
        (
            REPOSITORY,
            "a repository",
            f"x @ git+https://forge.example/x.git@{COMMIT}#subdirectory=python",
        ),
        (BY_SSH, "a repository", f"x @ git+ssh://git@forge.example/team/x.git@{COMMIT}"),
        (Directory(path="libs/x"), "a directory", "./libs/x"),
        (Directory(path="../x", editable=True), "a directory", "-e ../x"),
    ],
    ids=["git", "git by ssh", "directory", "editable"],
)
def test_one_without_hash_takes_all_hashes_away_and_says_so(
    source: SnapshotSource, why: str, line: str
) -> None:
    assert lines(("a", pin(files={"a-1.0.tar.gz": DIGEST})), ("x", pin(source, files={}))) == [
        f"# without hashes, because pip checks all or none; without one: x ({why})",
        "a==1.0",
        line,
    ]


def test_a_weak_hash_is_none() -> None:
    entry = pin(files={"x-1.0-py3-none-any.whl": f"md5:{'a' * 32}"})
    made = snapshot({"x": (entry,)}, {HERE: [("x", entry)]})

    outcome = requirements(made, HERE.name, Places())

    assert isinstance(outcome, Exported)
    assert "x==1.0\n" in outcome.text
    assert outcome.notes == (
        (
            "without hashes, because pip checks all or none; without one:"
            " x (no strong hash of its files is known)"
        ),
    )


def test_all_hashes_that_install_there_are_listed() -> None:
    files = {
        "x-1.0-cp311-cp311-win_amd64.whl": f"sha256:{'b' * 64}",
        "x-1.0-py3-none-any.whl": f"sha256:{'c' * 64}",
        "x-1.0.tar.gz": f"sha256:{'d' * 64}",
    }

    assert lines(("x", pin(files=files))) == [
        f"x==1.0 --hash=sha256:{'c' * 64} --hash=sha256:{'d' * 64}"
    ]


def test_an_index_beside_pypi_is_an_extra_one() -> None:
    private = pin(PRIVATE, files={"b-1.0.tar.gz": DIGEST})

    found = lines(("a", pin(files={"a-1.0.tar.gz": DIGEST})), ("b", private))

    assert found[0] == "--extra-index-url https://mirror.example/simple"


def test_an_index_in_place_of_pypi_is_the_only_one() -> None:
    assert lines(("x", pin(PRIVATE)))[0] == "--index-url https://mirror.example/simple"


def test_paths_lead_from_where_the_file_will_be() -> None:
    entry = pin(LocalFile(path="wheels/x.whl"))

    assert lines(("x", entry), root="../..") == [f"../../wheels/x.whl --hash={DIGEST}"]


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (
            pin(files={"x-1.0-cp311-cp311-win_amd64.whl": DIGEST}),
            "none of its files can be installed there, and there is no source distribution",
        ),
        (pin(Git(url="https://forge.example/x.git")), "it names no commit"),
        (
            pin(Git(url="../x", commit=COMMIT)),
            "requirements cannot name a repository by a relative path (../x); pylock.toml can",
        ),
    ],
    ids=["no wheel", "no commit", "a repository beside the project"],
)
def test_what_would_not_install_is_refused(entry: PackageEntry, reason: str) -> None:
    made = snapshot({"x": (entry,)}, {HERE: [("x", entry)]})

    assert requirements(made, HERE.name, Places()) == Refused((f"x 1.0: {reason}",))


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (PYPI, "x==1.0"),
        (PRIVATE, "x==1.0"),
        (Directory(path="x"), "x==1.0"),
        (LocalFile(path="x.whl"), "x==1.0"),
        (BY_SSH, f"x @ git+ssh://git@forge.example/team/x.git@{COMMIT}"),
        (Git(url="../x", commit=COMMIT), "x==1.0"),
        (Url(url="https://forge.example/x.zip"), "x @ https://forge.example/x.zip"),
    ],
    ids=["pypi", "index", "directory", "file", "git", "git beside the project", "url"],
)
def test_a_constraint_holds_a_version_or_an_address(source: SnapshotSource, line: str) -> None:
    entry = pin(source)
    made = snapshot({"x": (entry,)}, {HERE: [("x", entry)]})

    assert constraints(made, HERE.name).text == f"{HEADER}\n{line}\n"


@given(
    some.dictionaries(
        some.sampled_from(["a", "b-c", "d2"]),
        some.sampled_from(["1.0", "2.0.post1", "1!3.0+cpu"]),
    )
)
def test_requirements_read_back_as_the_configuration(chosen: dict[str, str]) -> None:
    pins = [
        (name, pin(version=version, files={f"{name}-{version}.tar.gz": DIGEST}))
        for name, version in chosen.items()
    ]

    read = [Requirement(line.partition(" --hash")[0]) for line in lines(*pins)]

    assert {one.name: str(one.specifier) for one in read} == {
        name: f"=={version}" for name, version in chosen.items()
    }
