"""Every way in which ``lockguard.lock`` can be wrong has its place and its own words."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from snapshot_values import COMMIT, ENGINE, PRIVATE, entry, hashed

from poetry_lockguard.errors import LockguardError
from poetry_lockguard.snapshots.damage import (
    NEXT_STEP,
    NewerSnapshotError,
    SealError,
    SnapshotError,
)
from poetry_lockguard.snapshots.format import canonical, reader, writer
from poetry_lockguard.snapshots.format.canonical import Seal
from poetry_lockguard.snapshots.origins import Directory, LocalFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from poetry_lockguard.snapshots.document import PackageEntry

FILE = "lockguard.lock"
SOUND = writer.document(ENGINE)
MATRIX = "packages.matrix[0]"
WHEEL = "x-1.1-py3-none-any.whl"
LINUX = "configurations.linux-x86_64-py311"
DELETED = object()
SOURCE_KINDS = "pypi, index, git, url, file, directory"
ALGORITHMS = "md5, sha1, sha224, sha256, sha384, sha512"
SECRET = "contains credentials; remove them and change them"
GIT = {"type": "git", "url": "https://forge.example/x.git", "commit": "c" * 40}


def edited(*path: str | int, to: Any = DELETED) -> bytes:
    """Give a sound file with one value replaced or deleted, and sealed as if nothing were wrong."""
    document = copy.deepcopy(SOUND)
    table: Any = document
    for key in path[:-1]:
        table = table[key]
    if to is DELETED:
        del table[path[-1]]
    else:
        table[path[-1]] = to
    return canonical.written({**document, "sha256": canonical.seal(document)})


def matrix(*path: str | int, to: Any = DELETED) -> bytes:
    return edited("packages", "matrix", 0, *path, to=to)


def linux(*path: str | int, to: Any = DELETED) -> bytes:
    return edited("configurations", "linux-x86_64-py311", *path, to=to)


def source(**fields: Any) -> bytes:
    return matrix("source", to=fields)


def text(old: str, new: str) -> bytes:
    """Return a sound file with one piece of its text replaced."""
    content = canonical.written(SOUND).decode()
    assert content.count(old) >= 1
    return content.replace(old, new, 1).encode()


WRONG: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty, as after an interrupted write"),
    "blank": (b" \n", "empty, as after an interrupted write"),
    "not UTF-8": (b'{"a": "\xff"}', "not UTF-8 (byte 7)"),
    "byte order mark": (b"\xef\xbb\xbf{}", "begins with a byte order mark"),
    "no JSON": (b"[project]\n", "line 1: invalid JSON: expecting value"),
    "truncated": (
        canonical.written(SOUND)[:-3],
        "line 123: ends too early: expecting ',' delimiter",
    ),
    "truncated in a string": (
        b'{\n  "configura',
        "line 2: ends too early: unterminated string starting at",
    ),
    "two documents": (b"{}\n{}\n", "line 2: invalid JSON: extra data"),
    "no number": (b'{"lockguard_version": NaN}', "invalid JSON: NaN is not a number"),
    "nested too deeply": (b"[" * 100_000, "nested too deeply to be a snapshot"),
    "half a surrogate pair": (
        text('"engine"', '"\\ud800"'),
        "contains half of a surrogate pair",
    ),
    "a list": (b"[]", "expected an object, not []"),
    "no version": (edited("lockguard_version"), "lockguard_version: is missing"),
    "version as text": (
        edited("lockguard_version", to="1"),
        'lockguard_version: expected 1, not "1"',
    ),
    "version as a boolean": (
        edited("lockguard_version", to=True),
        "lockguard_version: expected 1, not true",
    ),
    "version of the past": (
        edited("lockguard_version", to=0),
        "lockguard_version: expected 1, not 0",
    ),
    "unknown key": (
        edited("package", to={}),
        "package: unknown key; the nearest known one is packages",
    ),
    "unknown key of a pin": (
        matrix("hashes", to=[]),
        f"{MATRIX}.hashes: unknown key; the nearest known one is files",
    ),
    "unknown key of a configuration": (
        linux("extra", to=[]),
        f"{LINUX}.extra: unknown key; the nearest known one is extras",
    ),
    "unknown key of a target": (
        linux("target", "pyton", to="3.11"),
        f"{LINUX}.target.pyton: unknown key; the nearest known one is python",
    ),
    "key twice": (
        text('"name": "engine"', '"name": "engine", "name": "motor"'),
        "project.name: occurs more than once",
    ),
    "package twice": (
        text('"matrix": [', '"sound32": [], "matrix": ['),
        "packages.sound32: occurs more than once",
    ),
    "file twice": (
        text('"files": {', f'"files": {{"x-1.1-py3-none-any.whl": "{hashed("b")}",'),
        f'{MATRIX}.files["x-1.1-py3-none-any.whl"]: occurs more than once',
    ),
    "no project": (edited("project"), "project: is missing"),
    "project as text": (
        edited("project", to="engine"),
        'project: expected an object, not "engine"',
    ),
    "requirements as a list": (
        edited("project", "requirements", to=["matrix"]),
        'project.requirements: expected an object, not ["matrix"]',
    ),
    "requirement as a table": (
        edited("project", "requirements", "main", to=[{"matrix": "1.0"}]),
        'project.requirements.main[0]: expected a string, not {"matrix": "1.0"}',
    ),
    "requirement with a credential": (
        edited("project", "requirements", "main", to=["x @ https://u:pw@forge.example/x.zip"]),
        f'project.requirements.main[0]: "x @ https://***@forge.example/x.zip" {SECRET}',
    ),
    "requirement of one machine": (
        edited("project", "requirements", "main", to=["x @ file:///home/me/x"]),
        'project.requirements.main[0]: "x @ file:///home/me/x" contains an absolute path',
    ),
    "requirement by an absolute path": (
        edited("project", "requirements", "main", to=["x @ /srv/x"]),
        'project.requirements.main[0]: "x @ /srv/x" contains an absolute path',
    ),
    "dependency by a path on a drive": (
        matrix("dependencies", to=["x @ C:/x"]),
        f'{MATRIX}.dependencies[0]: "x @ C:/x" contains an absolute path',
    ),
    "root that leads elsewhere": (
        edited("project", "root", to="../x"),
        'project.root: "../x" is not a path such as ../..',
    ),
    "moment": (edited("generated", to="today"), 'generated: "today" is not a time (ISO 8601)'),
    "moment without time zone": (
        edited("generated", to="2026-01-01T00:00:00"),
        'generated: "2026-01-01T00:00:00" has no time zone',
    ),
    "generator as text": (
        edited("generator", to="0.1.0"),
        'generator: expected an object, not "0.1.0"',
    ),
    "seal as a number": (
        canonical.written({**SOUND, "sha256": 5}),
        "sha256: expected a string, not 5",
    ),
    "no packages": (edited("packages"), "packages: is missing"),
    "packages as a list": (edited("packages", to=[]), "packages: expected an object, not []"),
    "name not normalised": (
        edited("packages", "Sound_64", to=SOUND["packages"]["sound32"]),
        "packages.Sound_64: the key is not normalised; it should be sound-64",
    ),
    "name that is none": (
        edited("packages", "../x", to=SOUND["packages"]["sound32"]),
        'packages["../x"]: the key is not a package name',
    ),
    "name not normalised in a configuration": (
        linux("installed", to={"Matrix": {"version": "1.0"}}),
        f"{LINUX}.installed.Matrix: the key is not normalised; it should be matrix",
    ),
    "pin as a table": (edited("packages", "x", to={}), "packages.x: expected a list, not {}"),
    "package without pins": (
        edited("packages", "x", to=[]),
        "packages.x: expected at least one pin",
    ),
    "pin as text": (
        edited("packages", "x", to=["1.0"]),
        'packages.x[0]: expected an object, not "1.0"',
    ),
    "pin twice": (
        edited("packages", "sound32", to=SOUND["packages"]["sound32"] * 2),
        "packages.sound32[1]: pins what packages.sound32[0] pins already",
    ),
    "version as a number": (
        matrix("version", to=1.1),
        f"{MATRIX}.version: expected a string, not 1.1",
    ),
    "version that is none": (
        matrix("version", to="newest"),
        f'{MATRIX}.version: "newest" is not a version (PEP 440)',
    ),
    "files as a list": (matrix("files", to=[]), f"{MATRIX}.files: expected an object, not []"),
    "file name that climbs out": (
        matrix("files", to={"../x.whl": hashed()}),
        f'{MATRIX}.files["../x.whl"]: the key is not a plain file name',
    ),
    "hash of another length": (
        matrix("files", to={"x.whl": "sha256:abc"}),
        (
            f'{MATRIX}.files["x.whl"]: "sha256:abc" is not a valid sha256 hash,'
            " which has 64 hexadecimal digits"
        ),
    ),
    "hash of an unknown kind": (
        matrix("files", to={"x.whl": "crc32:abc"}),
        (
            f'{MATRIX}.files["x.whl"]: "crc32:abc" is not a hash;'
            f" expected algorithm:digest with one of {ALGORITHMS}"
        ),
    ),
    "no hash": (
        matrix("files", to={"x.whl": None}),
        f'{MATRIX}.files["x.whl"]: expected a string, not null',
    ),
    "size of no file": (
        matrix("bytes", to={"y.whl": 1}),
        f'{MATRIX}.bytes["y.whl"]: the key is not among the pin\'s files',
    ),
    **{
        f"size: {value!r}": (
            matrix("bytes", to={WHEEL: value}),
            f'{MATRIX}.bytes["{WHEEL}"]: expected a number of bytes, not {json.dumps(value)}',
        )
        for value in (-1, True, 1.0, "1", None, 1 << 60)
    },
    **{
        f"upload time: {value!r}": (
            matrix("upload_times", to={WHEEL: value}),
            (
                f'{MATRIX}.upload_times["{WHEEL}"]: "{value}" is not a time in UTC, such as'
                " 2026-01-01T00:00:00Z"
            ),
        )
        for value in (
            "today",
            "2026-01-01T00:00:00+00:00",
            "2026-01-01T00:00:00.000Z",
            "2026-01-01 00:00:00Z",
            "2026-13-01T00:00:00Z",
        )
    },
    "upload times as a list": (
        matrix("upload_times", to=[]),
        f"{MATRIX}.upload_times: expected an object, not []",
    ),
    "dependencies as a table": (
        matrix("dependencies", to={"x": "*"}),
        f'{MATRIX}.dependencies: expected a list, not {{"x": "*"}}',
    ),
    "reproducible in words": (
        matrix("reproducible", to="yes"),
        f'{MATRIX}.reproducible: expected true or false, not "yes"',
    ),
    "reproducible without a hash": (
        matrix("files", to={}),
        f"{MATRIX}.reproducible: expected false, because the index gives no file hashes",
    ),
    "sealed and not reproducible": (
        matrix("reproducible", to=False),
        f"{MATRIX}.reproducible: expected true, because its files or its commit seal it",
    ),
    "a reason for nothing": (
        matrix("reason", to="because"),
        f"{MATRIX}.reason: a reproducible pin has no reason",
    ),
    "source without type": (source(url="x"), f"{MATRIX}.source.type: is missing"),
    "source of an unknown type": (
        source(type="svn"),
        f'{MATRIX}.source.type: expected one of {SOURCE_KINDS}, not "svn"',
    ),
    "source as text": (
        matrix("source", to="pypi"),
        f'{MATRIX}.source: expected an object, not "pypi"',
    ),
    "source with another's key": (
        source(type="pypi", url="https://mirror.example/"),
        f"{MATRIX}.source.url: unknown key; the nearest known one is type",
    ),
    "index without name": (
        source(type="index", url="https://mirror.example/simple/"),
        f"{MATRIX}.source.name: is missing",
    ),
    "index with a credential": (
        source(type="index", name="private", url="https://me:pw@mirror.example/simple/"),
        f'{MATRIX}.source.url: "https://***@mirror.example/simple/" {SECRET}',
    ),
    "index with a user": (
        source(type="index", name="private", url="https://me@mirror.example/simple/"),
        f'{MATRIX}.source.url: "https://***@mirror.example/simple/" {SECRET}',
    ),
    "address with a token": (
        source(type="url", url="https://forge.example/x.zip?token=abcdef"),
        f'{MATRIX}.source.url: "https://forge.example/x.zip?***" {SECRET}',
    ),
    "address that is none": (
        source(type="url", url="forge.example"),
        f'{MATRIX}.source.url: "forge.example" is not a URL',
    ),
    "repository of one machine": (
        source(**GIT | {"url": "file:///srv/x.git"}),
        f'{MATRIX}.source.url: "file:///srv/x.git" contains an absolute path',
    ),
    "subdirectory that climbs out": (
        source(**GIT | {"subdirectory": "../x"}),
        f'{MATRIX}.source.subdirectory: "../x" leads out of the project',
    ),
    "path that climbs out": (
        source(type="directory", path="../x", editable=False),
        f'{MATRIX}.source.path: "../x" leads out of the project',
    ),
    "path that climbs out in its middle": (
        source(type="file", path="x/../../y.whl"),
        f'{MATRIX}.source.path: "x/../../y.whl" is not in its shortest form',
    ),
    "absolute path": (
        source(type="directory", path="/srv/x", editable=False),
        f'{MATRIX}.source.path: "/srv/x" is an absolute path',
    ),
    "path on a drive": (
        source(type="file", path="C:/x.whl"),
        f'{MATRIX}.source.path: "C:/x.whl" is an absolute path',
    ),
    "path with backslashes": (
        source(type="file", path="wheels\\x.whl"),
        f'{MATRIX}.source.path: "wheels\\\\x.whl" is not a relative path with /',
    ),
    "editable in words": (
        source(type="directory", path="x", editable="no"),
        f'{MATRIX}.source.editable: expected true or false, not "no"',
    ),
    "configurations as a list": (
        edited("configurations", to=[]),
        "configurations: expected an object, not []",
    ),
    "configuration without a name": (
        edited("configurations", "", to=SOUND["configurations"]["linux-x86_64-py311"]),
        'configurations[""]: the key is empty',
    ),
    "no target": (linux("target"), f"{LINUX}.target: is missing"),
    "Python that is no version": (
        linux("target", "python", to="three"),
        f'{LINUX}.target.python: "three" is not a version (PEP 440)',
    ),
    "marker as a number": (
        linux("target", "markers", "python_version", to=3.11),
        f"{LINUX}.target.markers.python_version: expected a string, not 3.11",
    ),
    "groups as text": (
        linux("groups", to="main"),
        f'{LINUX}.groups: expected a list, not "main"',
    ),
    "package that is not pinned": (
        linux(
            "packages", "x", to=SOUND["configurations"]["linux-x86_64-py311"]["packages"]["matrix"]
        ),
        f"{LINUX}.packages.x.version: 1.1 is not among the pins of x",
    ),
    "version that is not pinned": (
        linux("packages", "matrix", "version", to="9.0"),
        f"{LINUX}.packages.matrix.version: 9.0 is not among the pins of matrix",
    ),
    "source that is not pinned": (
        linux("packages", "matrix", "source", to=GIT),
        f"{LINUX}.packages.matrix.source: no pin of matrix 1.1 has this source",
    ),
    "brought in by nothing": (
        linux("packages", "matrix", "resolved_by"),
        f"{LINUX}.packages.matrix.resolved_by: is missing",
    ),
    "installed as a list": (
        linux("installed", to=["matrix"]),
        f'{LINUX}.installed: expected an object, not ["matrix"]',
    ),
    "installed without a version": (
        linux("installed", to={"matrix": {}}),
        f"{LINUX}.installed.matrix.version: is missing",
    ),
    "control character": (
        linux("groups", to=["ma\nin"]),
        f'{LINUX}.groups[0]: "ma\\nin" contains a control character',
    ),
    "one version from two sources": (
        writer.render(
            replace(
                ENGINE, packages={**ENGINE.packages, "sound32": (entry(), entry(source=PRIVATE))}
            )
        ).replace(b'"source": {\n            "type": "pypi"\n          },\n', b""),
        (
            "configurations.linux-i686-py311.packages.sound32.source: is missing;"
            " sound32 1.0 is pinned from 2 sources"
        ),
    ),
}
CONFLICT = b'{\n<<<<<<< ours\n  "a": 1\n=======\n  "a": 2\n>>>>>>> theirs\n}\n'


@pytest.mark.parametrize(("content", "mistake"), WRONG.values(), ids=WRONG)
def test_a_mistake_is_named_with_its_place(content: bytes, mistake: str) -> None:
    with pytest.raises(SnapshotError) as caught:
        reader.parse(content, FILE)

    assert str(caught.value) == f"{FILE}: {mistake}; {NEXT_STEP}"


def test_all_mistakes_are_named_at_once() -> None:
    content = b'{"lockguard_version": 1, "project": [], "packages": {"X": [{}]}, "package": 1}'

    with pytest.raises(SnapshotError) as caught:
        reader.parse(content, "locks/all.lock")

    assert str(caught.value).splitlines() == [
        f"locks/all.lock: 9 mistakes; {NEXT_STEP}:",
        "  locks/all.lock: package: unknown key; the nearest known one is packages",
        "  locks/all.lock: project: expected an object, not []",
        "  locks/all.lock: packages.X: the key is not normalised; it should be x",
        "  locks/all.lock: packages.X[0].version: is missing",
        "  locks/all.lock: packages.X[0].source: is missing",
        "  locks/all.lock: packages.X[0].dependencies: is missing",
        "  locks/all.lock: packages.X[0].files: is missing",
        "  locks/all.lock: packages.X[0].reproducible: is missing",
        "  locks/all.lock: configurations: is missing",
    ]


def test_a_mistake_in_a_marker_of_a_target_is_named_once() -> None:
    with pytest.raises(SnapshotError) as caught:
        reader.parse(linux("target", "markers", "sys_platform", to="li\nnux"), FILE)

    assert str(caught.value).count("sys_platform") == 1


def test_a_merge_conflict_names_the_command_that_solves_it() -> None:
    with pytest.raises(SnapshotError) as caught:
        reader.parse(CONFLICT, FILE)

    assert str(caught.value) == (
        "lockguard.lock: merge conflict markers at lines 2, 4, 6; restore each side from git and"
        " join them with `poetry lockguard snapshot merge`"
    )


@pytest.mark.parametrize("rest", [{}, {"packages": 5, "new": True}], ids=["alone", "with more"])
def test_a_format_of_the_future_is_left_alone(rest: dict[str, Any]) -> None:
    with pytest.raises(NewerSnapshotError) as caught:
        reader.parse(json.dumps({"lockguard_version": 2, **rest}).encode(), FILE)

    assert str(caught.value) == (
        "lockguard.lock: made by a newer lockguard (format 2, this one reads 1);"
        " upgrade poetry-lockguard"
    )


def test_every_mistake_means_that_nobody_could_look() -> None:
    assert issubclass(SnapshotError, LockguardError)
    assert issubclass(NewerSnapshotError, LockguardError)
    assert issubclass(SealError, LockguardError)


SEALS = {
    "sound": (canonical.written(SOUND), Seal.OK),
    "another time": (text("2026-01-01", "2027-01-01"), Seal.OK),
    "another order": (json.dumps(dict(reversed(SOUND.items()))).encode(), Seal.OK),
    "no seal": (
        canonical.written({key: SOUND[key] for key in SOUND if key != "sha256"}),
        Seal.MISSING,
    ),
    "null": (canonical.written({**SOUND, "sha256": None}), Seal.MISSING),
    "another seal": (canonical.written({**SOUND, "sha256": "0" * 64}), Seal.WRONG),
    "another hash": (text("a" * 64, "b" * 64), Seal.WRONG),
}


@pytest.mark.parametrize(("content", "seal"), SEALS.values(), ids=SEALS)
def test_the_seal_is_a_value(content: bytes, seal: Seal) -> None:
    assert reader.parse(content, FILE).seal is seal


BROKEN_SEALS = {name: content for name, (content, seal) in SEALS.items() if seal is not Seal.OK}


@pytest.mark.parametrize("content", BROKEN_SEALS.values(), ids=BROKEN_SEALS)
def test_a_seal_is_not_healed_on_the_way(content: bytes) -> None:
    reading = reader.parse(content, FILE)
    changed = replace(reading.snapshot, configurations={})

    assert writer.render(reading.snapshot, reading) == content
    with pytest.raises(SealError) as caught:
        writer.render(changed, reading)
    assert str(caught.value) == (
        f"lockguard.lock: not changed: its seal is {reading.seal.value}, so it may not be what was"
        " resolved; restore it from git, or resolve it again with"
        " `poetry lockguard snapshot create`"
    )


@pytest.mark.parametrize("content", BROKEN_SEALS.values(), ids=BROKEN_SEALS)
def test_who_has_verified_may_seal_again(content: bytes) -> None:
    reading = reader.parse(content, FILE)

    sealed = reader.parse(writer.render(reading.snapshot, reading, verified=True), FILE)

    assert (sealed.seal, sealed.snapshot) == (Seal.OK, reading.snapshot)


def test_the_file_is_laid_out_as_documented() -> None:
    content = canonical.written(SOUND)

    assert content.startswith(b'{\n  "configurations": {\n    "linux-i686-py311": {\n')
    assert content.endswith(b'"\n}\n')
    assert SOUND["packages"]["matrix"][0] == {
        "version": "1.1",
        "source": {"type": "pypi"},
        "requires_python": ">=3.8",
        "dependencies": [],
        "files": {"x-1.1-py3-none-any.whl": hashed()},
        "reproducible": True,
    }
    assert SOUND["configurations"]["linux-x86_64-py311"]["packages"] == {
        "matrix": {"version": "1.1", "resolved_by": "root", "groups": ["main"]}
    }


def test_a_path_may_climb_as_far_as_the_file_says() -> None:
    outside = entry(source=Directory(path="../../lib"), files={})
    snapshot = replace(ENGINE, packages={**ENGINE.packages, "lib": (outside,)})

    content = writer.render(snapshot)

    assert json.loads(content)["project"]["root"] == "../.."
    assert reader.parse(content, FILE).snapshot == snapshot
    with pytest.raises(SnapshotError, match="leads out of the project"):
        reader.parse(content.replace(b'"root": "../.."', b'"root": ".."'), FILE)


REASONS = {
    "hashes": (entry(), None),
    "no files": (entry(files={}), "the index gives no file hashes"),
    "broken hashes": (
        entry(files={"x.whl": f"md5:{'a' * 32}", "x.zip": hashed()}),
        "files are sealed with md5 only",
    ),
    "full commit": (entry(source=COMMIT, files={}), None),
    "short commit": (
        entry(source=replace(COMMIT, commit="abc123"), files={}),
        "it names no full commit",
    ),
    "no commit": (entry(source=replace(COMMIT, commit=None), files={}), "it names no full commit"),
    "directory": (
        entry(source=Directory(path="lib"), files={}),
        "a directory can change at any time",
    ),
    "archive": (entry(source=LocalFile(path="x.whl")), None),
    "archive without hash": (
        entry(source=LocalFile(path="x.whl"), files={}),
        "no hash of the archive is known",
    ),
}


@pytest.mark.parametrize(("one", "reason"), REASONS.values(), ids=REASONS)
def test_what_is_not_sealed_says_why(one: PackageEntry, reason: str | None) -> None:
    assert (one.reproducible, one.reason) == (reason is None, reason)


JSON: some.SearchStrategy[Any] = some.recursive(
    some.none()
    | some.booleans()
    | some.integers()
    | some.floats()
    | some.text(max_size=8)
    | some.sampled_from(["pypi", "git", "1.0", "../x", "https://u:p@forge.example/x"]),
    lambda inner: (
        some.lists(inner, max_size=3)
        | some.dictionaries(
            some.sampled_from(["type", "url", "version", "files", "matrix", "", "\ud800"]), inner
        )
    ),
    max_leaves=6,
)


def places(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the way to every value of a document."""
    match value:
        case dict():
            pairs: Iterable[tuple[str | int, Any]] = value.items()
        case list():
            pairs = enumerate(value)
        case _:
            pairs = ()
    for key, item in pairs:
        yield (*place, key)
        yield from places(item, (*place, key))


def outcome(content: bytes) -> reader.Reading | LockguardError:
    try:
        return reader.parse(content, FILE)
    except LockguardError as error:
        return error


@settings(deadline=None, max_examples=200)
@given(some.sampled_from([*places(SOUND)]), JSON)
def test_whatever_stands_anywhere_is_read_or_named(place: tuple[str | int, ...], to: Any) -> None:
    document = copy.deepcopy(SOUND)
    table: Any = document
    for key in place[:-1]:
        table = table[key]
    table[place[-1]] = to

    match outcome(json.dumps(document).encode()):
        case reader.Reading(snapshot=snapshot):
            assert reader.parse(writer.render(snapshot), FILE).snapshot == snapshot
        case error:
            assert str(error).startswith(f"{FILE}: ")
            assert "u:p" not in str(error)


@settings(deadline=None, max_examples=100)
@given(
    some.integers(min_value=0, max_value=len(canonical.written(SOUND)) - 8), some.binary(max_size=3)
)
def test_a_file_cut_or_spoilt_anywhere_is_named(at: int, junk: bytes) -> None:
    content = canonical.written(SOUND)[:at] + junk

    with pytest.raises(SnapshotError, match=rf"^{FILE}: "):
        reader.parse(content, FILE)
