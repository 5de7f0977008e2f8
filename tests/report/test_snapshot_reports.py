"""What is said of snapshots: in a terminal, on a pull request, and to programs."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from snapshot_values import ENGINE, PRIVATE, configuration, entry, resolved, target

from poetry_lockguard.errors import UsageError
from poetry_lockguard.outcomes import Problem, Severity
from poetry_lockguard.report import matrix, snapshot_diff, snapshot_show
from poetry_lockguard.report import snapshot as wording
from poetry_lockguard.report.deduplication import deduplicate
from poetry_lockguard.report.diff_values import SnapshotDiff
from poetry_lockguard.report.showing import snapshot_why
from poetry_lockguard.report.snapshot_outcomes import (
    SnapshotFaulty,
    SnapshotReport,
    SnapshotUnsolvable,
)
from poetry_lockguard.report.snapshot_rows import Shown
from poetry_lockguard.snapshots import origins
from poetry_lockguard.snapshots.differences import differences
from poetry_lockguard.snapshots.document import Resolved, Snapshot
from poetry_lockguard.snapshots.format.canonical import Seal
from poetry_lockguard.snapshots.origins import (
    Directory,
    Git,
    Index,
    LocalFile,
    SnapshotSource,
    Url,
)
from poetry_lockguard.targets.configuration import Wish
from poetry_lockguard.targets.configuration import configuration as declared

TAGS = {"linux-x86_64": "manylinux_2_28_x86_64", "macos-arm64": "macosx_14_0_arm64"}
I686, X86_64, GPU = "linux-i686-py311", "linux-x86_64-py311", "linux-x86_64-py311-gpu"
LIB = entry("0.3", source=Directory(path="../lib"), files={})
WHOLE = replace(
    ENGINE,
    configurations={
        **ENGINE.configurations,
        GPU: configuration(
            {"matrix": resolved("1.1"), "lib": resolved("0.3", source=LIB.source)},
            groups=("main", "dev"),
            extras=("gpu",),
        ),
    },
    packages={**ENGINE.packages, "lib": (LIB,), "spare": (entry("2.0", source=PRIVATE),)},
)


def shown(snapshot: Snapshot = WHOLE, *names: str, seal: Seal = Seal.OK) -> Shown:
    return Shown(
        where="lockguard.lock",
        snapshot=snapshot,
        seal=seal,
        names=names or tuple(sorted(snapshot.configurations)),
    )


def test_text_shows_where_versions_differ() -> None:
    assert snapshot_show.text(shown()).splitlines() == [
        "lockguard.lock: engine, 3 configurations, 5 pins, sealed",
        "",
        "1  linux-i686-py311        2 packages  main",
        "2  linux-x86_64-py311      1 package   main",
        "3  linux-x86_64-py311-gpu  2 packages  dev, main, [gpu]",
        "",
        "   package  1    2    3",
        "!  lib      -    -    0.3",
        "*  matrix   1.0  1.1  1.1",
        "   sound32  1.0  -    -",
        "",
        "* differs in version",
        "! lib 0.3 (directory ../lib): not reproducible: a directory can change at any",
        "    time",
        "  spare 2.0 (index private https://mirror.example/simple/): no configuration",
        "    uses it",
    ]


def test_text_shows_chosen_configurations_only() -> None:
    assert snapshot_show.text(shown(ENGINE, X86_64, seal=Seal.WRONG)).splitlines() == [
        "lockguard.lock: engine, 1 of 2 configurations, 3 pins, seal wrong",
        "",
        "1  linux-x86_64-py311  1 package  main",
        "",
        "packages:",
        "  matrix 1.1",
    ]


def test_one_version_from_two_places_shows_them() -> None:
    snapshot = replace(
        ENGINE,
        configurations={
            "cpu": configuration({"matrix": resolved()}),
            "gpu": configuration({"matrix": resolved(source=PRIVATE)}),
        },
        packages={"matrix": (entry(), entry(source=PRIVATE))},
    )

    assert "*  matrix   1.0 PyPI  1.0 private" in snapshot_show.text(shown(snapshot)).splitlines()


def fleet(*, alike: bool) -> Snapshot:
    """Twelve configurations, all with long names; of each three are alike, or none."""
    made = {}
    for number in range(12):
        version = f"1.{number // 3 if alike else number}.12345"
        packages = {"matrix": resolved("1.1"), "numerical-library": resolved(version)}
        place = "linux-x86_64" if number < 6 else "macos-arm64"
        made[f"{place}-py31{number % 3 + 1}-{number:02}"] = configuration(
            packages, target=target(python=f"3.{number % 3 + 11}.0", platform=TAGS[place])
        )
    releases = {one.packages["numerical-library"].version for one in made.values()}
    return replace(
        ENGINE,
        configurations=made,
        packages={
            "matrix": (entry("1.1"),),
            "numerical-library": tuple(entry(version) for version in sorted(releases)),
        },
    )


@pytest.mark.parametrize("alike", [True, False])
def test_twelve_configurations_fit_a_terminal(alike: bool) -> None:
    lines = snapshot_show.text(shown(fleet(alike=alike))).splitlines()

    assert max(map(len, lines)) <= 80
    assert "  matrix 1.1" in lines
    assert sum("1.2.12345" in line for line in lines) == 1


LONG = "https://forge.example/a-team-with-a-long-name/" + "-".join(["numerical"] * 9)
PLACES: dict[str, SnapshotSource] = {
    "git": Git(url=f"{LONG}.git", commit="c" * 40, reference="main", subdirectory="a/b/c"),
    "unsealed git": Git(url=f"{LONG}.git", reference="main"),
    "url": Url(url=f"{LONG}/archive/numerical_library-1.0-py3-none-any.whl", subdirectory="a/b"),
    "folder": Directory(path="../../a-folder/with-a-name/that-is-long/numerical", editable=True),
    "file": LocalFile(path="../../a-folder/with-a-name/numerical_library-1.0-py3-none-any.whl"),
    "index": Index(name="an-index-with-a-long-name-of-its-own", url=f"{LONG}/simple/"),
}


def _placed(one: Resolved | None) -> dict[str, Resolved]:
    return {} if one is None else {"placed": one}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("shared", ["everywhere", "in some", "from two places", "unused"])
def test_every_kind_of_source_fits_a_terminal(place: str, shared: str) -> None:
    source = PLACES[place]
    plain = fleet(alike=False)
    own, other = resolved("2.0", source=source), resolved("2.0")
    held: dict[str, Resolved | None] = {
        name: {"everywhere": own, "in some": None, "from two places": other, "unused": None}[shared]
        if number % 2
        else (None if shared == "unused" else own)
        for number, name in enumerate(plain.configurations)
    }
    pins = {"placed": (entry("2.0", source=source, files={}), entry("2.0"))}
    snapshot = replace(
        plain,
        configurations={
            name: replace(one, packages={**one.packages, **_placed(held[name])})
            for name, one in plain.configurations.items()
        },
        packages={**plain.packages, **pins},
    )

    text = snapshot_show.text(shown(snapshot))

    assert max(map(len, text.splitlines())) <= 80
    is_told = shared == "unused" or place != "git"  # a pin that is sealed and used needs no note
    assert (origins.described(source).replace(" ", "") in "".join(text.split())) == is_told


def test_a_long_chain_fits_a_terminal() -> None:
    names = [f"a-package-with-a-long-name-{number}" for number in range(8)]
    packages = {
        name: replace(resolved("1.0.20260101"), resolved_by=names[number - 1] if number else "root")
        for number, name in enumerate(names)
    }
    made = {name: replace(one, packages=packages) for name, one in ENGINE.configurations.items()}

    text = snapshot_why.text(shown(replace(ENGINE, configurations=made)), names[-1])

    assert max(map(len, text.splitlines())) <= 80
    assert " ".join(text.split()) == (
        "linux-i686-py311, linux-x86_64-py311: pyproject.toml -> "
        + " -> ".join(f"{name} 1.0.20260101" for name in names)
    )


def test_configurations_that_are_alike_are_one_column() -> None:
    lines = snapshot_show.text(shown(fleet(alike=True))).splitlines()

    assert lines[2:6] == [
        "1  linux · 3.11-3.13  2 packages  main",
        "2  linux · 3.11-3.13  2 packages  main",
        "3  macos · 3.11-3.13  2 packages  main",
        "4  macos · 3.11-3.13  2 packages  main",
    ]


def test_why_shows_the_chain_for_each_configuration() -> None:
    chained = {
        "matrix": resolved("1.1"),
        "sound32": replace(resolved("1.0"), resolved_by="matrix"),
    }
    snapshot = replace(
        ENGINE,
        configurations={
            "a": configuration(chained),
            "b": configuration({"sound32": resolved("1.0")}),
        },
        packages={"matrix": (entry("1.1"),), "sound32": (entry("1.0"),)},
    )

    assert snapshot_why.text(shown(snapshot), "Sound32").splitlines() == [
        "a: pyproject.toml -> matrix 1.1 -> sound32 1.0",
        "b: pyproject.toml -> sound32 1.0",
    ]
    with pytest.raises(UsageError, match="no configuration has sound; the nearest is sound32"):
        snapshot_why.text(shown(snapshot), "sound")


def test_an_empty_snapshot_has_no_table() -> None:
    empty = Snapshot(project=replace(ENGINE.project, name=None))

    assert snapshot_show.text(shown(empty)) == "lockguard.lock: 0 configurations, 0 pins, sealed"
    assert snapshot_show.markdown(shown(empty)) == (
        "### lockguard.lock\n\n0 configurations, 0 pins, sealed."
    )


def test_markdown_shows_where_versions_differ() -> None:
    assert snapshot_show.markdown(shown()).splitlines() == [
        "### lockguard.lock",
        "",
        "engine, 3 configurations, 5 pins, sealed.",
        "",
        f"| Package | `{I686}` | `{X86_64}` | `{GPU}` |",
        "| --- | --- | --- | --- |",
        "| `lib` | - | - | `0.3` |",
        "| **`matrix`** | `1.0` | `1.1` | `1.1` |",
        "| `sound32` | `1.0` | - | - |",
        "",
        "- lib 0.3 (directory ../lib): not reproducible: a directory can change at any time",
        "- spare 2.0 (index private https://mirror.example/simple/): no configuration uses it",
    ]


def test_json_shows_everything() -> None:
    document = json.loads(snapshot_show.as_json(shown(WHOLE, I686, GPU)))

    assert document["command"] == "snapshot show"
    assert document["seal"] == "ok"
    assert [one["name"] for one in document["configurations"]] == [I686, GPU]
    lib, matrix_, sound = document["packages"]
    assert (lib["differs"], matrix_["differs"], sound["differs"]) == (False, True, False)
    assert (lib["reproducible"], matrix_["reproducible"]) == (False, True)
    assert lib["configurations"] == {
        I686: None,
        GPU: {
            "version": "0.3",
            "source": {"type": "directory", "path": "../lib", "editable": False},
            "resolved_by": "root",
            "groups": ["main"],
        },
    }
    assert matrix_["pins"][0]["used_by"] == [X86_64, GPU]
    assert [one["package"] for one in document["unused"]] == ["spare"]


def diff(old: Snapshot, new: Snapshot) -> SnapshotDiff:
    return SnapshotDiff(
        old="HEAD:lockguard.lock",
        new="lockguard.lock",
        found=differences(old, new),
        common=tuple(sorted({*old.configurations} & {*new.configurations})),
    )


MOVED = replace(
    WHOLE,
    project=replace(
        WHOLE.project, content_hash="f" * 64, requirements={"main": ("matrix (>=1.0,<3.0)",)}
    ),
    configurations={
        "new": configuration({"matrix": resolved("2.0")}),
        X86_64: configuration({"matrix": resolved("2.0")}),
        GPU: configuration({"matrix": resolved("2.0")}, extras=("gpu",)),
    },
    packages={"matrix": (entry("2.0"),)},
)


def test_text_tells_a_shared_change_once() -> None:
    assert snapshot_diff.text(diff(WHOLE, MOVED)).splitlines() == [
        "project      content-hash eeeeeeeeeeee -> ffffffffffff",
        "project      group dev -> none",
        "project      requirement of main matrix (>=1.0,<2.0) -> matrix (>=1.0,<3.0)",
        (
            "project      requirement of main sound32 (>=1.0,<2.0) ;"
            " platform_machine == 'i686' -> none"
        ),
        "removed      configuration linux-i686-py311 with 2 packages",
        "added        configuration new with 1 package",
        "changed      configuration linux-x86_64-py311-gpu: groups dev, main -> main",
        (
            "removed      lib 0.3 (directory ../lib)                                "
            "(linux-x86_64-py311-gpu)"
        ),
        (
            "upgraded     matrix 1.1 -> 2.0                                         "
            "(in all configurations)"
        ),
        "removed      spare 2.0 (index private https://mirror.example/simple/)  (in the pins)",
        (
            "HEAD:lockguard.lock -> lockguard.lock: 1 configuration added; 1 configuration removed;"
            " 2 configurations changed; 2 removed, 1 upgraded"
        ),
    ]


def test_packages_of_which_only_more_is_known_are_counted_and_listed_with_verbose() -> None:
    whole = entry("1.0", dependencies=("sound32 (>=1) ; extra == 'loud'",))
    told = replace(whole, build_requires=("setuptools",), dependencies=(*whole.dependencies, "x"))
    old, new = (
        replace(ENGINE, packages={**ENGINE.packages, "spare": (one,)}) for one in (whole, told)
    )
    found = diff(old, new)
    folded = "1 package pinned as before, with more metadata (-v lists it)"

    assert snapshot_diff.text(found).splitlines()[:-1] == [folded]
    listed = snapshot_diff.text(replace(found, verbose=True))
    assert listed.startswith("metadata     spare python")
    assert folded not in listed
    assert [one["package"] for one in json.loads(snapshot_diff.as_json(found))["pins"]] == ["spare"]
    assert snapshot_diff.text(diff(new, old)).startswith("metadata     spare python")


def test_markdown_is_fit_for_a_pull_request() -> None:
    assert snapshot_diff.markdown(diff(ENGINE, MOVED)).splitlines() == [
        "### `HEAD:lockguard.lock` -> `lockguard.lock`",
        "",
        "2 configurations added; 1 configuration removed; 1 configuration changed; 1 upgraded.",
        "",
        "- project content-hash `eeeeeeeeeeee` -> `ffffffffffff`",
        "- project group `dev` -> none",
        "- project requirement of main `matrix (>=1.0,<2.0)` -> `matrix (>=1.0,<3.0)`",
        "- project requirement of main `sound32 (>=1.0,<2.0) ; platform_machine == 'i686'` -> none",
        "- removed configuration linux-i686-py311 with 2 packages",
        "- added configuration linux-x86_64-py311-gpu with 1 package",
        "- added configuration new with 1 package",
        "",
        "| Package | Change | From | To | Configurations |",
        "| --- | --- | --- | --- | --- |",
        "| `matrix` | upgraded | `1.1` | `2.0` | linux-x86_64-py311 |",
    ]


def test_json_tells_by_configuration() -> None:
    document = json.loads(snapshot_diff.as_json(diff(ENGINE, MOVED)))

    assert document["status"] == "different"
    assert [(one["name"], one["kind"]) for one in document["configurations"]] == [
        (I686, "removed"),
        (X86_64, "changed"),
        (GPU, "added"),
        ("new", "added"),
    ]
    assert document["configurations"][1]["changes"] == [
        {"package": "matrix", "kind": "upgraded", "from": "1.1", "to": "2.0"}
    ]
    assert document["project"][0] == {
        "key": "content-hash",
        "from": "e" * 64,
        "to": "f" * 64,
    }


@pytest.mark.parametrize("form", snapshot_diff.FORMATS)
def test_no_difference_is_said(form: str) -> None:
    said = snapshot_diff.FORMATS[form](diff(WHOLE, WHOLE))

    assert "no changes" in said.lower() or json.loads(said)["status"] == "same"


DECLARED = (
    declared(Wish(python="3.11", platform="linux-x86_64", extras=("gpu", "fast"))),
    declared(Wish(python="3.10.4", platform="win_arm64", implementation="pypy"), "legacy"),
    declared(Wish(python="3.12", platform="musllinux-x86_64", groups=("main", "dev"))),
    declared(Wish(python="3.12", platform="windows-i686")),
)


def test_github_gets_one_line_that_includes_every_configuration() -> None:
    line = matrix.github(DECLARED)

    assert "\n" not in line
    assert json.loads(line)["include"] == [
        {
            "config": "linux-x86_64-py311-fast-gpu",
            "os": "ubuntu-24.04",
            "native": True,
            "python-version": "3.11",
            "architecture": "x64",
            "platform": "linux-x86_64",
            "groups": "main",
            "extras": "fast gpu",
        },
        {
            "config": "legacy",
            "os": "windows-11-arm",
            "native": True,
            "python-version": "pypy3.10.4",
            "architecture": "arm64",
            "platform": "windows-arm64",
            "groups": "main",
            "extras": "",
        },
        {
            "config": "musllinux-x86_64-py312-with-dev",
            "os": "ubuntu-24.04",
            "native": False,
            "python-version": "3.12",
            "architecture": "x64",
            "platform": "musllinux-x86_64",
            "groups": "dev main",
            "extras": "",
        },
        {
            "config": "windows-i686-py312",
            "os": "windows-2025",
            "native": True,
            "python-version": "3.12",
            "architecture": "x86",
            "platform": "windows-i686",
            "groups": "main",
            "extras": "",
        },
    ]


def test_gitlab_gets_a_job_to_extend() -> None:
    job = json.loads(matrix.gitlab(DECLARED[1:3]))

    assert job == {
        ".lockguard": {
            "parallel": {
                "matrix": [
                    {
                        "LOCKGUARD_CONFIG": "legacy",
                        "LOCKGUARD_RUNNER": "saas-linux-small-amd64",
                        "LOCKGUARD_PYTHON": "3.10.4",
                        "LOCKGUARD_PLATFORM": "windows-arm64",
                    },
                    {
                        "LOCKGUARD_CONFIG": "musllinux-x86_64-py312-with-dev",
                        "LOCKGUARD_RUNNER": "saas-linux-small-amd64",
                        "LOCKGUARD_PYTHON": "3.12",
                        "LOCKGUARD_PLATFORM": "musllinux-x86_64",
                    },
                ]
            }
        }
    }


def test_json_lists_every_configuration() -> None:
    document = json.loads(matrix.as_json(DECLARED[:1]))

    assert document["configurations"] == [
        {
            "name": "linux-x86_64-py311-fast-gpu",
            "python": "3.11.0",
            "implementation": "cpython",
            "platform": "linux-x86_64",
            "tag": "manylinux_2_28_x86_64",
            "groups": ["main"],
            "extras": ["fast", "gpu"],
        }
    ]


def missing(name: str, code: str = "missing-pin") -> Problem:
    problem = Problem(code=code, message="no pin fits matrix", file="lockguard.lock")
    return problem.in_configuration(name)


@pytest.mark.parametrize("code", ["missing-pin", "lock-differs", "unsolvable"])
@pytest.mark.parametrize(
    ("number", "listed"),
    [
        (1, "c0"),
        (6, "c0, c1, c2, c3, c4, c5"),
        (7, "c0, c1, c2 and 4 more"),
    ],
    ids=["one", "some", "many"],
)
def test_what_configurations_share_is_told_once(number: int, listed: str, code: str) -> None:
    problems = [missing(f"c{at}", code) for at in range(number)]
    other = Problem(code="unused-pin", message="lib 1.0: fits no requirement")
    alone = missing("c1", code)._replace(severity=Severity.WARNING)

    told = [*deduplicate([problems[0], other, *problems[1:], alone])]

    assert [one.message for one in told] == [
        f"{listed}: no pin fits matrix",
        other.message,
        alone.message,
    ]


def differing(number: int, configuration: str) -> Problem:
    return Problem(
        code="lock-differs",
        message=f"lib{number} 1.0, but 2.0 in poetry.lock",
        package=f"lib{number}",
        requested="2.0",
        locked="1.0",
    ).in_configuration(configuration)


def told(*problems: Problem, checked: tuple[str, ...] = ()) -> list[str]:
    outcome = SnapshotFaulty(problems=problems, checked=checked)
    report = SnapshotReport(command="verify", file="x", outcome=outcome)
    assert len(json.loads(wording.as_json(report))["problems"]) == len(problems)
    return wording.text(report).splitlines()[:-1]


def test_more_configurations_than_are_listed_are_every_one_if_no_other_was_checked() -> None:
    names = tuple("abcdefg")
    problems = [differing(1, name) for name in names]
    message = "lib1 1.0, but 2.0 in poetry.lock"

    assert told(*problems, checked=names) == [
        f"lock-differs          every configuration: {message}"
    ]
    assert told(*problems, checked=(*names, "h")) == [
        f"lock-differs          a, b, c and 4 more: {message}"
    ]
    assert told(*problems[:6], checked=names[:6]) == [
        f"lock-differs          a, b, c, d, e, f: {message}"
    ]


def test_many_packages_that_differ_from_the_lock_are_one_sentence_with_the_command() -> None:
    lines = told(*(differing(number, name) for name in ("a", "b") for number in range(48)))

    sentence = (
        "lock-differs          a, b: 48 packages differ from poetry.lock: lib0 1.0, there 2.0,"
        " lib1 1.0, there 2.0, lib2 1.0, there 2.0 and 45 more;"
        " run `poetry lockguard snapshot sync` to follow the lock"
    )
    assert lines == [sentence]


def test_two_packages_that_differ_stay_two_lines() -> None:
    assert len(told(differing(0, "a"), differing(1, "a"))) == 2


def test_configurations_with_other_packages_are_told_apart() -> None:
    every = [differing(number, "a") for number in range(3)]

    lines = told(*every, *(differing(number, "b") for number in range(5)))

    assert [line.split()[1:4] for line in lines] == [
        ["a,", "b:", "3"],
        ["b:", "lib3", "1.0,"],
        ["b:", "lib4", "1.0,"],
    ]


def test_every_requirement_without_a_pin_is_named_in_one_sentence() -> None:
    unmet = [
        Problem(
            code="missing-pin", message="no pin fits", package=name, requested=f"{name} (>=2)"
        ).in_configuration("a")
        for name in "pqrstu"
    ]

    (line,) = told(*unmet)

    assert all(f"{name} (>=2)" in line for name in "pqrstu")
    assert "`poetry lockguard snapshot sync`" in line


def test_configurations_that_cannot_be_resolved_for_one_reason_are_told_of_together() -> None:
    reasons = {"a": "no b fits\nno c fits", "b": "no d fits", "c": "no b fits\nno c fits"}
    report = SnapshotReport(command="create", file="x", outcome=SnapshotUnsolvable(reasons=reasons))

    assert wording.text(report) == (
        "a, c: cannot be resolved:\n  no b fits\n  no c fits\n"
        "b: cannot be resolved:\n  no d fits\n"
        "x: failed"
    )
    assert json.loads(wording.as_json(report))["unsolvable"] == [
        {"configuration": name, "reason": reason} for name, reason in reasons.items()
    ]
