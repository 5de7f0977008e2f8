"""Exported pylock files give each configuration exactly its packages, and nothing elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from exporting import PYPI, snapshot
from hypothesis import assume, given, settings
from hypothesis import strategies as some
from packaging.pylock import Pylock, PylockSelectError

from poetry_lockguard import toml
from poetry_lockguard.errors import LockguardError
from poetry_lockguard.exports import toml_text
from poetry_lockguard.exports.outcome import Exported, Places, Refused
from poetry_lockguard.exports.pylock import pylock
from poetry_lockguard.snapshots.document import PackageEntry
from poetry_lockguard.snapshots.origins import Directory, Git, Index, LocalFile, SnapshotSource, Url
from poetry_lockguard.targets.configuration import Configuration, Wish, configuration
from poetry_lockguard.targets.target import Target, target

if TYPE_CHECKING:
    from exporting import Pins

    from poetry_lockguard.snapshots.document import Snapshot

PLATFORMS = ("linux-x86_64", "linux-aarch64", "macos-arm64", "windows-x86_64")
PYTHONS = ("3.11", "3.11.7", "3.12", "3.13")
NAMES = ("a", "b", "c-d", "e")
VERSIONS = ("1.0", "2.0", "3.0rc1")
LINUX = configuration(Wish(python="3.11", platform="linux-x86_64"))
WINDOWS = configuration(Wish(python="3.11", platform="windows-x86_64"))
MUSL = configuration(Wish(python="3.11", platform="musllinux-x86_64"))


ONE = f"""\
lock-version = "1.0"
environments = ["sys_platform == \\"linux\\" and python_version == \\"3.11\\" and \
platform_machine == \\"x86_64\\" and implementation_name == \\"cpython\\""]
requires-python = ">=3.11.0"
default-groups = ["main"]
created-by = "poetry-lockguard"

[[packages]]
name = "a"
version = "1.0"
index = "https://mirror.example/simple/"
sdist = {{name = "a-1.0.tar.gz", url = "https://mirror.example/a-1.0.tar.gz", hashes = \
{{sha256 = "{"b" * 64}"}}}}
wheels = [
    {{name = "a-1.0-py3-none-any.whl", url = "https://mirror.example/a-1.0-py3-none-any.whl", \
hashes = {{sha256 = "{"a" * 64}"}}}},
]

[tool.lockguard]
configurations = ["linux-x86_64-py311"]
"""


def pin(
    name: str, version: str = "1.0", source: SnapshotSource = PYPI, **other: Any
) -> PackageEntry:
    stem = f"{name.replace('-', '_')}-{version}"
    files = {f"{stem}-py3-none-any.whl": digest("a"), f"{stem}.tar.gz": digest("b")}
    return PackageEntry(**({"version": version, "source": source, "files": files} | other))


def digest(digit: str) -> str:
    return f"sha256:{digit * 64}"


def somewhere(made: Snapshot) -> Places:
    """Return every file an address."""
    return Places(
        urls={
            (name, entry.pin): {file: f"https://mirror.example/{file}" for file in entry.files}
            for name, entries in made.packages.items()
            for entry in entries
        },
        pypi="https://mirror.example/simple/",
    )


def exported(made: Snapshot, *names: str) -> str:
    outcome = pylock(made, names or made.configurations, somewhere(made))
    assert isinstance(outcome, Exported), outcome
    return outcome.text


def refused(made: Snapshot) -> tuple[str, ...]:
    outcome = pylock(made, made.configurations, somewhere(made))
    assert isinstance(outcome, Refused), outcome
    return outcome.reasons


def selected(text: str, one: Configuration, environment: Target | None = None) -> dict[str, str]:
    there = environment or one.target
    return {
        package.name: str(package.version)
        for package, _ in Pylock.from_dict(toml.loads(text)).select(
            environment=dict(there.markers),  # type: ignore[arg-type]  # a whole environment
            tags=there.tags,
            extras=one.extras,
            dependency_groups=one.groups,
        )
    }


@some.composite
def projects(draw: some.DrawFn) -> Snapshot:
    """Return configurations of all kinds, each with its own choice of versions."""
    wishes = draw(
        some.sets(
            some.builds(
                Wish,
                python=some.sampled_from(PYTHONS),
                platform=some.sampled_from(PLATFORMS),
                implementation=some.sampled_from(("cpython", "cpython", "pypy")),
                groups=some.sampled_from((("main",), ("main", "dev"), ("dev",))),
                extras=some.sampled_from(((), ("gpu",), ("cpu",), ("cpu", "gpu"))),
            ),
            min_size=1,
            max_size=8,
        )
    )
    pins = {name: tuple(pin(name, version) for version in VERSIONS) for name in NAMES}
    choice = some.none() | some.sampled_from(range(len(VERSIONS)))
    chosen = {}
    for wish in sorted(wishes, key=str):
        numbers = {name: draw(choice) for name in NAMES}
        chosen[configuration(wish)] = [
            (name, pins[name][number]) for name, number in numbers.items() if number is not None
        ]
    return snapshot(pins, chosen)


@given(projects())
@settings(deadline=None, max_examples=60)
def test_each_configuration_gets_exactly_its_packages(made: Snapshot) -> None:
    text = exported(made)

    for name, entry in made.configurations.items():
        one = restored(made, name)
        expected = {package: pinned.version for package, pinned in entry.packages.items()}
        assert selected(text, one) == expected


@given(projects(), some.data())
@settings(deadline=None, max_examples=20)
def test_one_configuration_installs_there_and_nowhere_else(
    made: Snapshot, data: some.DataObject
) -> None:
    name = data.draw(some.sampled_from(sorted(made.configurations)))
    elsewhere = target(
        data.draw(some.sampled_from(PYTHONS)), data.draw(some.sampled_from(PLATFORMS))
    )
    one, entry = restored(made, name), made.configurations[name]
    assume(
        (elsewhere.minor, elsewhere.platform) != (one.target.minor, one.target.platform)
        or elsewhere.implementation != one.target.implementation
    )

    text = exported(made, name)

    assert selected(text, one) == {key: value.version for key, value in entry.packages.items()}
    with pytest.raises(PylockSelectError):
        selected(text, one, elsewhere)


@given(projects())
@settings(deadline=None, max_examples=15)
def test_the_same_configurations_give_the_same_bytes(made: Snapshot) -> None:
    names = [*made.configurations]

    assert exported(made, *names) == exported(made, *reversed(names))


def restored(made: Snapshot, name: str) -> Configuration:
    entry = made.configurations[name]
    there = Target(
        python=entry.target.python,
        implementation=entry.target.implementation,
        platform=entry.target.platform,
        markers=entry.target.markers,
    )
    return Configuration(name=name, target=there, groups=entry.groups, extras=entry.extras)


def test_what_all_configurations_have_needs_no_marker() -> None:
    pins = {"a": (pin("a"),), "b": (pin("b"),)}
    made = snapshot(pins, {LINUX: [("a", pins["a"][0])], WINDOWS: [*_all(pins)]})

    assert "sys_platform" not in _package(made, "a").get("marker", "")
    assert _package(made, "b")["marker"] == 'sys_platform == "win32"'


def test_a_python_before_its_release_and_the_release_do_not_go_into_one_file() -> None:
    early, late, other = (
        configuration(Wish(python=python, platform="linux-x86_64"))
        for python in ("3.14.0rc1", "3.14.0", "3.13")
    )
    pins = {"a": (pin("a"),)}
    having = [("a", pins["a"][0])]

    (reason,) = refused(snapshot(pins, {early: having, late: having}))
    assert reason == (
        "linux-x86_64-py314.0rc1: no environment marker distinguishes Python 3.14.0rc1 from 3.14.0;"
        " export them one by one"
    )
    both = snapshot(pins, {early: having, other: having})
    assert [selected(exported(both), one) for one in (early, other)] == [{"a": "1.0"}] * 2


def test_extras_are_asked_for_by_name() -> None:
    plain = configuration(Wish(python="3.11", platform="linux-x86_64"))
    gpu = configuration(Wish(python="3.11", platform="linux-x86_64", extras=("gpu",)))
    pins = {"a": (pin("a"), pin("a", "2.0")), "cuda": (pin("cuda"),)}
    made = snapshot(
        pins, {plain: [("a", pins["a"][0])], gpu: [("a", pins["a"][1]), ("cuda", pins["cuda"][0])]}
    )

    document = toml.loads(exported(made))
    assert document["extras"] == ["gpu"]
    assert {one["name"] + one["version"]: one["marker"] for one in document["packages"]} == {
        "a2.0": '"gpu" in extras',
        "a1.0": '"gpu" not in extras',
        "cuda1.0": '"gpu" in extras',
    }


@pytest.mark.parametrize(
    ("groups", "listed"),
    [
        ([("main",), ("main", "dev")], ["dev"]),
        ([("main",), ("dev",)], ["dev", "main"]),
        ([("docs",), ("dev",)], ["dev", "docs"]),
        ([("main", "dev")], ["dev"]),
    ],
    ids=["always with main", "main or another", "never with main", "a single configuration"],
)
def test_main_is_a_group_where_one_goes_without(
    groups: list[tuple[str, ...]], listed: list[str]
) -> None:
    wishes = [Wish(python="3.11", platform="linux-x86_64", groups=names) for names in groups]

    document = toml.loads(exported(snapshot({}, {configuration(wish): [] for wish in wishes})))

    assert (document["dependency-groups"], document["default-groups"]) == (listed, ["main"])


def test_a_single_configuration_is_for_its_environment_only() -> None:
    made = snapshot({"a": (pin("a"),)}, {LINUX: [("a", pin("a"))]})

    assert exported(made) == ONE


@pytest.mark.parametrize(
    ("source", "table"),
    [
        (
            Git(url="https://forge.example/x.git", commit="c" * 40, reference="main"),
            {
                "vcs": {
                    "type": "git",
                    "url": "https://forge.example/x.git",
                    "requested-revision": "main",
                    "commit-id": "c" * 40,
                }
            },
        ),
        (
            Git(url="git@forge.example:team/x.git", commit="c" * 40, subdirectory="python"),
            {
                "vcs": {
                    "type": "git",
                    "url": "ssh://git@forge.example/team/x.git",
                    "commit-id": "c" * 40,
                    "subdirectory": "python",
                }
            },
        ),
        (Directory(path="../x", editable=True), {"directory": {"path": "../x", "editable": True}}),
        (Directory(path="x"), {"directory": {"path": "x"}}),
        (
            Url(url="https://forge.example/x-1.0.tar.gz", subdirectory="python"),
            {
                "version": "1.0",
                "archive": {
                    "url": "https://forge.example/x-1.0.tar.gz",
                    "hashes": {"sha256": "b" * 64},
                    "subdirectory": "python",
                },
            },
        ),
        (
            LocalFile(path="wheels/x-1.0.tar.gz"),
            {
                "version": "1.0",
                "archive": {"path": "wheels/x-1.0.tar.gz", "hashes": {"sha256": "b" * 64}},
            },
        ),
    ],
    ids=["git", "git by ssh", "editable directory", "directory", "url", "file"],
)
def test_direct_sources(source: SnapshotSource, table: dict[str, Any]) -> None:
    entry = pin("x", source=source, files={"x-1.0.tar.gz": digest("b")})
    made = snapshot({"x": (entry,)}, {LINUX: [("x", entry)]})

    assert _package(made, "x") == {"name": "x", **table}


def test_paths_lead_from_where_the_file_will_be() -> None:
    entry = pin("x", source=Directory(path="libs/x"))
    made = snapshot({"x": (entry,)}, {LINUX: [("x", entry)]})

    outcome = pylock(made, made.configurations, Places(root="../.."))

    assert isinstance(outcome, Exported)
    assert 'path = "../../libs/x"' in outcome.text


def test_credentials_of_an_index_stay_out() -> None:
    entry = pin("x", source=Index(name="private", url="https://mirror.example/simple"))
    made = snapshot({"x": (entry,)}, {LINUX: [("x", entry)]})
    urls = {file: f"https://user:secret@mirror.example/{file}" for file in entry.files}

    outcome = pylock(made, made.configurations, Places(urls={("x", entry.pin): urls}))

    assert isinstance(outcome, Exported)
    assert "secret" not in outcome.text
    assert "https://mirror.example/x-1.0.tar.gz" in outcome.text


def test_only_wheels_of_the_target_are_listed() -> None:
    files = dict.fromkeys(
        [
            "x-1.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
            "x-1.0-cp311-cp311-manylinux_2_34_x86_64.whl",
            "x-1.0-cp311-cp311-win_amd64.whl",
            "x-1.0-cp312-cp312-manylinux_2_17_x86_64.whl",
            "x-1.0-cp38-abi3-manylinux_2_28_x86_64.whl",
            "x-1.0.zip",
            "x-1.0.tar.gz",
            "x-1.0-py3.11.egg",
        ],
        digest("a"),
    )
    entry = pin("x", files=files)
    made = snapshot({"x": (entry,)}, {LINUX: [("x", entry)]})

    package = _package(made, "x")
    assert [wheel["name"] for wheel in package["wheels"]] == [
        "x-1.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "x-1.0-cp38-abi3-manylinux_2_28_x86_64.whl",
    ]
    assert package["sdist"]["name"] == "x-1.0.tar.gz"


def test_systems_that_markers_cannot_tell_apart_may_not_differ() -> None:
    pins = {"a": (pin("a"), pin("a", "2.0"))}
    made = snapshot(pins, {LINUX: [("a", pins["a"][0])], MUSL: [("a", pins["a"][1])]})

    assert refused(made) == (
        (
            "linux-x86_64-py311 and musllinux-x86_64-py311 differ in a, and no environment marker"
            " tells them apart; export them one by one"
        ),
    )


def test_systems_that_do_not_differ_share_an_entry() -> None:
    entry = pin(
        "x",
        files={
            "x-1.0-cp311-cp311-manylinux_2_17_x86_64.whl": digest("a"),
            "x-1.0-cp311-cp311-musllinux_1_2_x86_64.whl": digest("b"),
        },
    )
    made = snapshot({"x": (entry,)}, {LINUX: [("x", entry)], MUSL: [("x", entry)]})

    text = exported(made)
    assert selected(text, LINUX) == selected(text, MUSL) == {"x": "1.0"}
    assert len(toml.loads(text)["environments"]) == 1


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (pin("x", files={}), "its index gives no file hashes, which pylock.toml requires"),
        (
            pin("x", files={"x-1.0-cp311-cp311-win_amd64.whl": digest("a")}),
            (
                "none of its files can be installed in linux-x86_64-py311,"
                " and there is no source distribution"
            ),
        ),
        (
            pin("x", source=Git(url="https://forge.example/x.git")),
            "it names no full commit, which pylock.toml requires",
        ),
        (
            pin("x", source=Git(url="https://forge.example/x.git", commit="abc123")),
            "it names no full commit, which pylock.toml requires",
        ),
        (
            pin("x", source=Url(url="https://forge.example/x.zip"), files={}),
            "no hash of its archive is known, which pylock.toml requires",
        ),
    ],
    ids=["no hashes", "no wheel", "no commit", "short commit", "archive without hash"],
)
def test_what_cannot_be_written_is_refused(entry: PackageEntry, reason: str) -> None:
    made = snapshot({"x": (entry,)}, {LINUX: [("x", entry)]})

    assert refused(made) == (f"x 1.0: {reason}",)


def test_every_configuration_needs_a_file_that_installs() -> None:
    entry = pin("x", files={"x-1.0-cp311-cp311-win_amd64.whl": digest("a")})
    made = snapshot({"x": (entry,)}, {LINUX: [("x", entry)], WINDOWS: [("x", entry)]})

    (reason,) = refused(made)
    assert "can be installed in linux-x86_64-py311, and" in reason


def test_all_that_stands_against_it_is_named() -> None:
    pins = {"x": (pin("x", files={}),), "y": (pin("y", files={}),)}
    made = snapshot(pins, {LINUX: _all(pins)})

    assert [reason.partition(":")[0] for reason in refused(made)] == ["x 1.0", "y 1.0"]


def test_a_file_the_index_has_lost_is_named() -> None:
    entry = pin("x")
    made = snapshot({"x": (entry,)}, {LINUX: [("x", entry)]})

    outcome = pylock(made, made.configurations, Places())

    assert outcome == Refused(
        ("x 1.0: the index gives no address for x-1.0-py3-none-any.whl, x-1.0.tar.gz",)
    )


def test_an_old_packaging_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "packaging.pylock", None)
    monkeypatch.delitem(sys.modules, "poetry_lockguard.exports.pylock_packages", raising=False)
    entry = pin("x")
    made = snapshot({"x": (entry,)}, {LINUX: [("x", entry)]})

    with pytest.raises(LockguardError, match=r"packaging 26\.0 or newer"):
        exported(made)


TEXTS = some.text(some.characters(exclude_categories=["Cs"]), max_size=4)
PLAIN = TEXTS | some.integers(-(2**53), 2**53) | some.booleans()
INLINE = some.dictionaries(TEXTS, PLAIN, max_size=2)
VALUES = PLAIN | INLINE | some.lists(TEXTS | INLINE, max_size=3)
TABLES = some.dictionaries(TEXTS, VALUES, max_size=3)
DOCUMENTS = some.dictionaries(
    TEXTS,
    PLAIN
    | some.lists(TEXTS, max_size=3)
    | some.lists(TABLES, min_size=1, max_size=3)
    | some.dictionaries(TEXTS, TABLES, min_size=1, max_size=2),
    max_size=4,
)


@given(DOCUMENTS)
@settings(deadline=None)
def test_toml_reads_back_as_it_was(document: dict[str, Any]) -> None:
    assert toml.loads(toml_text.dumps(document)) == document


def _all(pins: Pins) -> list[tuple[str, PackageEntry]]:
    return [(name, entries[0]) for name, entries in pins.items()]


def _package(made: Snapshot, name: str) -> dict[str, Any]:
    (found,) = [one for one in toml.loads(exported(made))["packages"] if one["name"] == name]
    assert isinstance(found, dict)
    return found
