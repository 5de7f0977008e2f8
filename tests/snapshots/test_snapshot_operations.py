"""One operation at a time on the engine's snapshot: what comes out, in exact words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from snapshot_values import (
    COMMIT,
    ENGINE,
    PRIVATE,
    WINDOWS,
    configuration,
    entry,
    hashed,
    resolved,
    target,
)

from poetry_lockguard.errors import UsageError
from poetry_lockguard.lockfile.changes import Change, LockChange
from poetry_lockguard.snapshots.configuration_match import (
    NoneFitting,
    OneFitting,
    SeveralFitting,
    explained,
    matching,
)
from poetry_lockguard.snapshots.damage import UnwritableError
from poetry_lockguard.snapshots.differences import ConfigurationChange, between, differences
from poetry_lockguard.snapshots.disagreement import Disagreement
from poetry_lockguard.snapshots.document import Snapshot
from poetry_lockguard.snapshots.format import reader, writer
from poetry_lockguard.snapshots.merge import Conflicts, Merged, merge
from poetry_lockguard.snapshots.origins import Directory, Index
from poetry_lockguard.snapshots.patterns import pattern
from poetry_lockguard.snapshots.pin_changes import (
    Changed,
    Contradicted,
    NoMatch,
    add,
    remove,
    update,
)
from poetry_lockguard.snapshots.selection import named, select
from poetry_lockguard.snapshots.usage import pins, unused_pins
from poetry_lockguard.targets import target as targets

I686, X86_64 = "linux-i686-py311", "linux-x86_64-py311"


def held(snapshot: Snapshot) -> list[str]:
    return [f"{name} {version}" for name, (version, _) in pins(snapshot)]


def with_matrix(version: str, **other: object) -> Snapshot:
    """Return the engine with another version of matrix in its x86_64 configuration."""
    return replace(
        ENGINE,
        configurations={
            **ENGINE.configurations,
            X86_64: configuration({"matrix": resolved(version, **other)}),
        },
        packages={**ENGINE.packages, "matrix": (entry(), entry(version))},
    )


PATTERNS = {
    "name": ("matrix", ["matrix 1.0", "matrix 1.1"]),
    "name in another spelling": ("Sound32", ["sound32 1.0"]),
    "glob": ("*32", ["sound32 1.0"]),
    "one character": ("matri?", ["matrix 1.0", "matrix 1.1"]),
    "characters": ("[a-m]*", ["matrix 1.0", "matrix 1.1"]),
    "version": ("matrix==1.0", ["matrix 1.0"]),
    "version in another spelling": ("matrix == 1.0.0", ["matrix 1.0"]),
    "all but a version": ("matrix!=1.0", ["matrix 1.1"]),
    "range": ("matrix<1.1", ["matrix 1.0"]),
    "range in parentheses": ("matrix (>=1.0,<1.1)", ["matrix 1.0"]),
    "caret": ("matrix@^1.1", ["matrix 1.1"]),
    "glob and version": ("*==1.0", ["matrix 1.0", "sound32 1.0"]),
}


@pytest.mark.parametrize(("text", "gone"), PATTERNS.values(), ids=PATTERNS)
def test_a_pattern_removes_what_it_fits(text: str, gone: list[str]) -> None:
    outcome = remove(ENGINE, [pattern(text)])

    assert isinstance(outcome, Changed)
    assert [f"{name} {one.version}" for name, one in outcome.removed] == gone
    assert sorted([*held(outcome.snapshot), *gone]) == sorted(held(ENGINE))


@pytest.mark.parametrize("text", ["", "matrix==", "matrix=>1", "mat rix", "matrix==one"])
def test_a_pattern_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"not a pattern|not a range of versions"):
        pattern(text)


def test_removing_tells_which_configurations_lost_a_pin() -> None:
    outcome = remove(ENGINE, [pattern("matrix==1.1")])

    assert isinstance(outcome, Changed)
    assert outcome.affected == (X86_64,)
    assert outcome.snapshot.configurations[X86_64].packages == {}
    assert outcome.snapshot.configurations[I686] == ENGINE.configurations[I686]
    assert reader.parse(writer.render(outcome.snapshot), "x").snapshot == outcome.snapshot


def test_nothing_is_removed_when_one_pattern_fits_nothing() -> None:
    outcome = remove(ENGINE, [pattern("matrix"), pattern("sound64"), pattern("matrix>2")])

    assert outcome == NoMatch(("sound64", "matrix>2"))


def test_an_added_pin_waits_for_a_configuration() -> None:
    outcome = add(ENGINE, [("sound64", entry("2.0")), ("matrix", entry("1.2"))])

    assert isinstance(outcome, Changed)
    assert [name for name, _ in outcome.added] == ["matrix", "sound64"]
    assert [one.version for one in outcome.snapshot.packages["matrix"]] == ["1.2", "1.1", "1.0"]
    assert {name for name, _ in unused_pins(outcome.snapshot)} == {"sound64", "matrix"}
    assert outcome.snapshot.configurations == ENGINE.configurations


def test_adding_what_is_pinned_changes_nothing() -> None:
    outcome = add(ENGINE, [("matrix", entry())])

    assert outcome == Changed(snapshot=ENGINE)


def test_adding_learns_of_files_that_came_later() -> None:
    more = {"x-1.0-py3-none-any.whl": hashed(), "x-1.0.tar.gz": hashed("b")}

    outcome = add(ENGINE, [("matrix", entry(files=more))])

    assert isinstance(outcome, Changed)
    assert outcome.snapshot.entry("matrix", entry().pin).files == more
    assert outcome.added == ()


def test_nothing_is_added_when_one_file_has_another_hash() -> None:
    other = entry(files={"x-1.0-py3-none-any.whl": hashed("b")})

    outcome = add(ENGINE, [("sound64", entry()), ("matrix", other)])

    assert outcome == Contradicted(
        (
            Disagreement(
                place="packages.matrix 1.0: x-1.0-py3-none-any.whl",
                sides=((hashed(), (0,)), (hashed("b"), (1,))),
            ),
        )
    )


def test_an_update_replaces_all_pins_of_a_name() -> None:
    outcome = update(ENGINE, [("matrix", entry("1.1")), ("matrix", entry("1.2"))])

    assert held(outcome.snapshot) == ["matrix 1.2", "matrix 1.1", "sound32 1.0"]
    assert [one.version for _, one in outcome.added] == ["1.2"]
    assert [one.version for _, one in outcome.removed] == ["1.0"]
    assert outcome.affected == (I686,)
    assert outcome.snapshot.configurations[X86_64] == ENGINE.configurations[X86_64]


def test_a_configuration_is_found_by_name_or_the_nearest_are_named() -> None:
    assert named(ENGINE, I686) == ENGINE.configurations[I686]
    with pytest.raises(UsageError) as caught:
        select(ENGINE, ["linux-i686-py31"])
    assert str(caught.value) == (
        "no configuration is named linux-i686-py31; the nearest are linux-i686-py311,"
        " linux-x86_64-py311"
    )


def test_a_selection_keeps_what_it_needs_only() -> None:
    assert held(select(ENGINE, [X86_64])) == ["matrix 1.1"]


def test_a_configuration_with_another_content_is_a_conflict() -> None:
    outcome = merge([ENGINE, with_matrix("1.2"), with_matrix("1.1", groups=("dev",))])

    assert outcome == Conflicts(
        (
            Disagreement(
                place=f"configurations.{X86_64}.packages.matrix",
                sides=(
                    ("1.1 by root for dev", (2,)),
                    ("1.1 by root for main", (0,)),
                    ("1.2 by root for main", (1,)),
                ),
            ),
        )
    )


def test_another_project_is_a_conflict() -> None:
    other = replace(ENGINE, project=replace(ENGINE.project, name="motor", content_hash=None))

    outcome = merge([ENGINE, other])

    assert isinstance(outcome, Conflicts)
    assert outcome.conflicts == (
        Disagreement(place="project.content_hash", sides=(("e" * 64, (0,)), ("nothing", (1,)))),
        Disagreement(place="project.name", sides=(("engine", (0,)), ("motor", (1,)))),
    )


@pytest.mark.parametrize(
    ("prefer", "version"), [("ours", "1.1"), ("theirs", "1.2"), ("newest", "1.2")]
)
def test_a_preference_settles_conflicts_and_drops_what_lost(prefer: str, version: str) -> None:
    newer = replace(with_matrix("1.2"), generated="2026-01-01T02:00:00+01:00")

    outcome = merge([ENGINE, newer], prefer)  # type: ignore[arg-type]  # one of PREFERENCES

    assert isinstance(outcome, Merged)
    assert held(outcome.snapshot) == [f"matrix {version}", "matrix 1.0", "sound32 1.0"]
    assert outcome.snapshot.generated == newer.generated


def test_one_version_from_two_places_is_two_pins() -> None:
    other = replace(
        ENGINE,
        configurations={"gpu": configuration({"matrix": resolved(source=PRIVATE)})},
        packages={"matrix": (entry(source=PRIVATE),)},
    )

    outcome = merge([ENGINE, other])

    assert isinstance(outcome, Merged)
    document = writer.document(outcome.snapshot)["configurations"]
    assert document["gpu"]["packages"]["matrix"]["source"] == {
        "type": "index",
        "name": "private",
        "url": "https://mirror.example/simple/",
    }
    assert document[I686]["packages"]["matrix"]["source"] == {"type": "pypi"}
    assert "source" not in document[X86_64]["packages"]["matrix"]
    assert reader.parse(writer.render(outcome.snapshot), "x").snapshot == outcome.snapshot
    assert select(outcome.snapshot, ["gpu"]) == other


def test_what_nobody_could_read_is_not_written() -> None:
    secret = Index(name="private", url="https://me@mirror.example/simple/")
    snapshot = replace(ENGINE, packages={**ENGINE.packages, "x": (entry(source=secret),)})

    with pytest.raises(UnwritableError) as caught:
        writer.render(snapshot)

    assert str(caught.value) == (
        "lockguard.lock: not written, because it would contain what no snapshot may:"
        ' packages.x[0].source.url: "https://***@mirror.example/simple/" contains credentials;'
        " remove them and change them"
    )


def change(package: str, kind: str, old: str | None, new: str | None) -> Change:
    return Change(package=package, kind=kind, old=old, new=new)


COMPARED = {
    "upgraded": (resolved("1.9"), resolved("1.10"), [("upgraded", "1.9", "1.10")]),
    "downgraded": (resolved("1.0"), resolved("1.0rc1"), [("downgraded", "1.0", "1.0rc1")]),
    "re-sourced": (
        resolved(),
        resolved("1.1", source=COMMIT),
        [("re-sourced", "1.0", "1.1 (git https://forge.example/x.git at cccccccccccc)")],
    ),
    "groups": (resolved(), resolved(groups=("main", "dev")), [("groups", "main", "dev, main")]),
    "brought in": (resolved(), resolved(resolved_by="b"), [("metadata", "for root", "for b")]),
    "added": (
        None,
        resolved(source=PRIVATE),
        [("added", None, "1.0 (index private https://mirror.example/simple/)")],
    ),
    "removed": (resolved(), None, [("removed", "1.0", None)]),
    "the same": (resolved(), resolved(), []),
}


@pytest.mark.parametrize(("old", "new", "expected"), COMPARED.values(), ids=COMPARED)
def test_configurations_are_compared_package_by_package(
    old: object, new: object, expected: list[tuple[str, str | None, str | None]]
) -> None:
    before, after = (
        configuration({} if one is None else {"x": one})  # type: ignore[dict-item]
        for one in (old, new)
    )

    found = between(before, after)

    assert found == tuple(change("x", *expectation) for expectation in expected)


def test_snapshots_are_compared_by_configuration_pin_and_manifest() -> None:
    requirements = {"main": ("matrix (>=1.0,<3.0)",), "docs": ()}
    new = Snapshot(
        project=replace(ENGINE.project, content_hash=None, requirements=requirements),
        configurations={
            "new": configuration({"matrix": resolved("2.0")}),
            X86_64: configuration({"matrix": resolved("2.0")}, extras=("gpu",)),
        },
        packages={"matrix": (entry("2.0"), entry("1.1", files={}), entry(source=COMMIT))},
    )

    found = differences(ENGINE, new)

    assert found.configurations == (
        ConfigurationChange(
            name=I686,
            kind="removed",
            changes=(
                change("matrix", "removed", "1.0", None),
                change("sound32", "removed", "1.0", None),
            ),
        ),
        ConfigurationChange(
            name=X86_64,
            kind="changed",
            changes=(change("matrix", "upgraded", "1.1", "2.0"),),
            own=(LockChange(key="extras", old="nothing", new="gpu"),),
        ),
        ConfigurationChange(
            name="new", kind="added", changes=(change("matrix", "added", None, "2.0"),)
        ),
    )
    assert found.pins == (
        change("matrix", "added", None, "1.0 (git https://forge.example/x.git at cccccccccccc)"),
        change("matrix", "files", "1 file", "0 files"),
    )
    assert found.project == (
        LockChange(key="content-hash", old="e" * 64, new=None),
        LockChange(key="group", old="dev", new=None),
        LockChange(key="group", old=None, new="docs"),
        LockChange(key="requirement of main", old="matrix (>=1.0,<2.0)", new="matrix (>=1.0,<3.0)"),
        LockChange(
            key="requirement of main",
            old="sound32 (>=1.0,<2.0) ; platform_machine == 'i686'",
            new=None,
        ),
    )


RUNNING = targets.target("3.11.7", "manylinux_2_35_x86_64")
LINUX_311 = configuration(target=target())
FITS = {
    "one": ({"a": LINUX_311}, OneFitting("a")),
    "another patch release": ({"a": configuration(target=target("3.11.2"))}, OneFitting("a")),
    "exactly this release": (
        {"a": LINUX_311, "b": configuration(target=target("3.11.7"))},
        OneFitting("b"),
    ),
    "several": ({"b": configuration(extras=("gpu",)), "a": LINUX_311}, SeveralFitting(("a", "b"))),
    "none at all": ({}, NoneFitting(())),
    "another Python": (
        {"a": configuration(target=target("3.12.0"))},
        NoneFitting((("a", ("Python 3.11, not 3.12",)),)),
    ),
    "an older system than wanted": (
        {"a": configuration(target=target(platform="manylinux_2_39_x86_64"))},
        NoneFitting((("a", ("platform manylinux_2_35_x86_64, not manylinux_2_39_x86_64",)),)),
    ),
    "the nearest first": (
        {
            "far": configuration(target=target("3.12.0", platform="win_amd64", markers=WINDOWS)),
            "near": configuration(target=target("3.12.0")),
        },
        NoneFitting(
            (
                ("near", ("Python 3.11, not 3.12",)),
                (
                    "far",
                    (
                        "Python 3.11, not 3.12",
                        "system Linux, not Windows",
                        "machine x86_64, not AMD64",
                    ),
                ),
            )
        ),
    ),
    "a platform nobody knows": (
        {"a": configuration(target=target(platform="amiga"))},
        NoneFitting(
            (("a", ("amiga: not a known platform; did you mean win_arm64 or win_amd64?",)),)
        ),
    ),
}


@pytest.mark.parametrize(("configurations", "outcome"), FITS.values(), ids=FITS)
def test_the_configuration_of_an_interpreter_is_found(
    configurations: dict[str, object], outcome: object
) -> None:
    snapshot = replace(ENGINE, configurations=configurations)  # type: ignore[arg-type]

    assert matching(snapshot, RUNNING) == outcome


def test_why_none_was_taken_is_said_in_one_line() -> None:
    unfit = NoneFitting(
        (("near", ("Python 3.11, not 3.12",)), ("far", ("system Linux, not Windows",)))
    )

    assert explained(SeveralFitting(("a", "b")), "lockguard.lock") == (
        "lockguard.lock: 2 configurations fit this interpreter; choose one with --config,"
        " LOCKGUARD_CONFIG, or config in [tool.lockguard]: a, b"
    )
    assert explained(unfit, "lockguard.lock") == (
        "lockguard.lock: no configuration fits this interpreter; the nearest:"
        " near (Python 3.11, not 3.12), far (system Linux, not Windows);"
        " choose one with --config, or make one with `snapshot create`"
    )
    assert explained(NoneFitting(()), "x.lock") == (
        "x.lock: contains no configuration; make one with `snapshot create`"
    )


def test_versions_of_one_package_stand_latest_first() -> None:
    versions = ("1.0", "1.10", "1.9", "2.0rc1", "1.0+cpu")
    snapshot = replace(ENGINE, configurations={}, packages={"x": tuple(map(entry, versions))})

    assert [one.version for one in snapshot.packages["x"]] == [
        "2.0rc1",
        "1.10",
        "1.9",
        "1.0+cpu",
        "1.0",
    ]


def test_a_path_that_no_bytes_stand_for_is_not_written() -> None:
    snapshot = replace(
        ENGINE, configurations={}, packages={"x": (entry(source=Directory(path="l\udce9")),)}
    )

    with pytest.raises(UnwritableError, match="is not a relative path with /"):
        writer.render(snapshot)
