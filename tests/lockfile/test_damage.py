"""Every kind of damage gets one clear line: the file, the line, what is wrong, what to do next."""

from __future__ import annotations

import pytest
from locks import lock_for

from poetry_lockguard import conflicts
from poetry_lockguard.lockfile.damage import LockDamage, UnsupportedLock
from poetry_lockguard.lockfile.fast.header import generator, read_header
from poetry_lockguard.lockfile.parse import parse

WHOLE = lock_for()
NEXT = "; run `poetry lockguard fix`"
MERGE = '<<<<<<< HEAD\nversion = "1.1"\n=======\nversion = "1.2"\n>>>>>>> other\n'
DIFF3 = MERGE.replace("=======", '||||||| 1a2b\nversion = "1.0"\n=======')
CUT = (
    "poetry.lock:{line}: ends in the middle: there is no [metadata] table, which Poetry writes last"
)
NOT_READ = "(>=1,<3); use the Poetry that wrote it, or delete the file and run `poetry lock`"


def with_(old: str, new: str) -> bytes:
    assert old in WHOLE
    return WHOLE.replace(old, new, 1).encode()


def until(mark: str, more: int = 0) -> bytes:
    return WHOLE[: WHOLE.index(mark) + more].encode()


DAMAGE = {
    "empty": (b"", "lock-truncated", "poetry.lock: empty, as after an interrupted write"),
    "nothing but newlines": (
        b"\n\n",
        "lock-truncated",
        "poetry.lock: empty, as after an interrupted write",
    ),
    "nothing but the first line": (
        until("\n", 1),
        "lock-truncated",
        CUT.format(line=1),
    ),
    "cut between two packages": (
        until('[[package]]\nname = "vector"'),
        "lock-truncated",
        CUT.format(line=18),
    ),
    "cut in a string": (
        until("Numbers", 3),
        "lock-truncated",
        "poetry.lock:6: ends in the middle (unterminated string)",
    ),
    "cut in the metadata": (
        until("content-hash", 20),
        "lock-truncated",
        "poetry.lock:35: ends in the middle (unterminated string)",
    ),
    "a byte order mark": (
        b"\xef\xbb\xbf" + WHOLE.encode(),
        "lock-unreadable",
        "poetry.lock:1: begins with a byte order mark, which Poetry cannot read",
    ),
    "latin-1": (
        WHOLE.replace("Numbers", "Nombr\xe9").encode("latin-1"),
        "lock-unreadable",
        "poetry.lock:6: not UTF-8 (byte 156)",
    ),
    "NUL bytes": (
        until("Numbers") + b"\0" * 50,
        "lock-unreadable",
        "poetry.lock:6: contains NUL bytes, as after an interrupted write",
    ),
    "a key twice": (
        with_('version = "1.1"\n', 'version = "1.1"\nversion = "1.2"\n'),
        "lock-unreadable",
        "poetry.lock:6: invalid TOML: a key is defined twice",
    ),
    "some other text": (
        b"<!DOCTYPE html><html>",
        "lock-unreadable",
        "poetry.lock:1: invalid TOML: invalid statement",
    ),
    "arrays nested absurdly": (
        b"x = " + b"[" * 100_000,
        "lock-unreadable",
        "poetry.lock: nested too deeply to be a lock",
    ),
    "a key nested absurdly": (
        b"a." * 200_000 + b"a = 1\n",
        "lock-unreadable",
        "poetry.lock: nested too deeply to be a lock",
    ),
    "an absurd number": (
        WHOLE.encode() + b"x = " + b"1" * 5000,
        "lock-unreadable",
        "poetry.lock: contains a number that is too long",
    ),
    "a merge conflict": (
        with_('version = "1.1"\n', MERGE),
        "lock-conflict",
        "poetry.lock:5: merge conflict markers at lines 5, 7, 9",
    ),
    "a conflict in diff3 style": (
        with_('version = "1.1"\n', DIFF3),
        "lock-conflict",
        "poetry.lock:5: merge conflict markers at lines 5, 7, 9, 11",
    ),
    "a conflict in the metadata, CRLF": (
        with_("content-hash", MERGE + "content-hash").replace(b"\n", b"\r\n"),
        "lock-conflict",
        "poetry.lock:35: merge conflict markers at lines 35, 37, 39",
    ),
    "a forgotten marker": (
        with_('version = "1.1"\n', 'version = "1.1"\n>>>>>>> other\n'),
        "lock-conflict",
        "poetry.lock:6: merge conflict markers at line 6",
    ),
    "no metadata, no packages": (
        b"[extras]\na = []\n",
        "metadata-missing",
        "poetry.lock: has no [metadata] table",
    ),
    "metadata that is no table": (
        b'metadata = "x"\npackage = []\n',
        "metadata-missing",
        'poetry.lock: "metadata" is not a table',
    ),
    "no lock-version": (
        with_('lock-version = "2.1"\n', ""),
        "lock-version",
        (
            "poetry.lock: has no lock-version, like locks from before Poetry 1.0.10,"
            " so Poetry refuses to install from it"
        ),
    ),
    "a lock-version that is none": (
        with_('"2.1"', '"two"'),
        "lock-version",
        'poetry.lock: lock-version "two" is not a version, so Poetry refuses to install from it',
    ),
    "a lock-version that is a number": (
        with_('"2.1"', "2.1"),
        "lock-version",
        "poetry.lock: lock-version 2.1 is not a string, so Poetry refuses to install from it",
    ),
    "a package without a name": (
        with_('name = "vector"\n', ""),
        "lock-unreadable",
        'poetry.lock:20: package number 2: "name" is missing',
    ),
    "a package without a version": (
        with_('version = "2.0"\n', ""),
        "lock-unreadable",
        'poetry.lock:20: package vector: "version" is missing',
    ),
    "a version that is none": (
        with_('version = "2.0"', 'version = "two"'),
        "lock-unreadable",
        'poetry.lock:20: package vector: "two" is not a version',
    ),
    "a name that is a number": (
        with_('name = "vector"', "name = 3"),
        "lock-unreadable",
        'poetry.lock:20: package number 2: "name" is not a string',
    ),
    "optional that is a string": (
        with_("optional = false", 'optional = "no"'),
        "lock-unreadable",
        'poetry.lock:3: package matrix: "optional" is neither true nor false',
    ),
    "groups that are missing": (
        with_('groups = ["main"]\n', ""),
        "lock-unreadable",
        'poetry.lock:3: package matrix: "groups" is missing',
    ),
    "markers that are a number": (
        with_('markers = "python_version < \\"3.13\\""\nfiles', "markers = 3\nfiles"),
        "lock-unreadable",
        'poetry.lock:20: package vector: "markers" is neither a string nor a table of strings',
    ),
    "a file without a hash": (
        with_('{file = "vector-2.0-py3-none-any.whl", hash', '{file = "v.whl", hsh'),
        "lock-unreadable",
        "poetry.lock:20: package vector: a file without name or hash"
        " ({'file': 'v.whl', 'hsh': 'sha256:" + "0" * 64 + "'})",
    ),
    "a dependency that Poetry cannot read": (
        with_('version = ">=1", markers', 'version = "branch", markers'),
        "lock-unreadable",
        'poetry.lock:3: package matrix: "branch" of dependency vector is not a valid constraint',
    ),
    "extras of a dependency that are a number": (
        with_('{version = ">=1", markers', '{version = ">=1", extras = 3, markers'),
        "lock-unreadable",
        'poetry.lock:3: package matrix: "dependencies.vector.extras" is not a list of strings',
    ),
    "one package instead of a list": (
        b'[package]\nname = "x"\n[metadata]\nlock-version = "2.1"\n',
        "lock-unreadable",
        'poetry.lock: the lock: "package" is not a list of tables',
    ),
    "no packages at all": (
        b'[metadata]\nlock-version = "2.1"\n',
        "lock-unreadable",
        'poetry.lock: the lock: "package" is missing',
    ),
    "a content-hash that is a number": (
        with_('content-hash = "', 'content-hash = 7 # "'),
        "lock-unreadable",
        'poetry.lock: [metadata]: "content-hash" is not a string',
    ),
}


@pytest.mark.parametrize(("content", "code", "message"), DAMAGE.values(), ids=DAMAGE)
def test_damage_is_one_clear_line(content: bytes, code: str, message: str) -> None:
    with pytest.raises(LockDamage) as damage:
        parse(content)

    assert [(problem.code, problem.message) for problem in damage.value.problems] == [
        (code, message + NEXT)
    ]


@pytest.mark.parametrize("content", [row[0] for row in DAMAGE.values()], ids=DAMAGE)
def test_a_glance_is_not_deceived_by_damage(content: bytes) -> None:
    assert read_header(content) is None


@pytest.mark.parametrize("version", ["9.0", "3.0", "0.9"])
def test_formats_that_poetry_2_does_not_read_are_not_called_broken(version: str) -> None:
    with pytest.raises(UnsupportedLock) as damage:
        parse(with_('"2.1"', f'"{version}"'))

    assert damage.value.lock_version == version
    assert damage.value.problems[0].message == (
        f"poetry.lock: this Poetry does not read format {version} {NOT_READ}"
    )


def test_all_mistakes_of_a_lock_are_named_at_once() -> None:
    content = with_('name = "matrix"\n', "").replace(b'version = "2.0"\n', b"")

    with pytest.raises(LockDamage) as damage:
        parse(content)

    assert [problem.line for problem in damage.value.problems] == [3, 19]


def test_markers_of_a_conflict_are_told_from_text_that_looks_like_them() -> None:
    text = "=======x\n <<<<<<< no\n<<<<<<<yes\n>>>>>>> yes\n"

    assert conflicts.lines(text) == (4,)


@pytest.mark.parametrize("offset", range(0, len(WHOLE) - 150, 16))
def test_wherever_a_lock_is_cut_it_is_called_truncated(offset: int) -> None:
    with pytest.raises(LockDamage) as damage:
        parse(WHOLE[:offset].encode())

    (problem,) = damage.value.problems
    assert problem.code == "lock-truncated"


def test_a_generator_of_thousands_of_digits_is_none() -> None:
    assert generator(f"# by Poetry {'9' * 5000} and no other\n") is None
    assert generator("# by Poetry 2.1.3 and no other\n") == "2.1.3"
    assert generator("# by Poetry 2.1.3") == "2.1.3"


def test_a_lock_version_of_thousands_of_digits_is_none() -> None:
    text = lock_for().replace('lock-version = "2.1"', f'lock-version = "{"1" * 5001}"')

    with pytest.raises(LockDamage, match="is not a version"):
        parse(text.encode())
