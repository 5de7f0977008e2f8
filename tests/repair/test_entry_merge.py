"""Locks are merged entry by entry, each from the side that changed it."""

from __future__ import annotations

import pytest

from poetry_lockguard.repair.entry_merge import merged_entries


def entry(name: str, version: str = "1.0") -> str:
    return (
        f'[[package]]\nname = "{name}"\nversion = "{version}"\ndescription = ""\n'
        'optional = false\npython-versions = "*"\nfiles = []\n\n'
    )


def old(*versions: str) -> str:
    """Return a lock of format 1.1, whose files are in a table at the end."""
    pins = [one.partition(" ")[::2] for one in versions]
    entries = [entry(name, version or "1.0").replace("files = []\n", "") for name, version in pins]
    rows = [
        f'{name} = [\n    {{file = "{name}-{version or "1.0"}.tar.gz", hash = "sha256:0"}},\n]\n'
        for name, version in pins
    ]
    return f"{lock(*entries, form='1.1')}\n[metadata.files]\n{''.join(rows)}"


def lock(*entries: str, form: str = "2.0", python: str = ">=3.10") -> str:
    return (
        f'# by Poetry\n\n{"".join(entries)}[metadata]\nlock-version = "{form}"\n'
        f'python-versions = "{python}"\ncontent-hash = "x"\n'
    )


A, B, C, D = (entry(name) for name in "abcd")
B2, B3 = entry("b", "2.0"), entry("b", "3.0")
BASE = lock(A, B, D)


@pytest.mark.parametrize(
    ("ours", "theirs", "merged"),
    [
        (lock(A, B, D), lock(A, B2, D), lock(A, B2, D)),
        (lock(A, B2, D), lock(A, B, D), lock(A, B2, D)),
        (lock(A, B2, D), lock(A, B2, D), lock(A, B2, D)),
        (lock(A, B, D), lock(A, B, C, D), lock(A, B, C, D)),
        (lock(A, B, C, D), lock(B, D), lock(B, C, D)),
        (lock(B2, D), lock(A, B, C), lock(B2, C)),
        (lock(A, B, D), lock(A, B, B2, D), lock(A, B, B2, D)),
    ],
    ids=["theirs", "ours", "both alike", "added", "removed", "all of it", "a second version"],
)
def test_each_entry_comes_from_the_side_that_changed_it(
    ours: str, theirs: str, merged: str
) -> None:
    assert merged_entries(BASE, ours, theirs) == merged


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lock(A, B2, D), lock(A, B3, D)),
        (lock(A, D), lock(A, B2, D)),
        (lock(A, B, D, form="2.1"), lock(A, B2, D)),
        (lock(A, B, D), lock(A, B2, D, python=">=3.11")),
        (lock(A, B, D), lock(A, B2, D).replace("\n", "\r\n")),
        (lock(A, B, D), "<<<<<<<"),
        (lock(A, B, D) + "\n[metadata.files]\na = []\n", lock(A, B2, D)),
    ],
    ids=["both", "removed", "formats", "Pythons", "line endings", "damaged", "files elsewhere"],
)
def test_what_takes_more_than_that_is_left_to_the_resolver(ours: str, theirs: str) -> None:
    assert merged_entries(BASE, ours, theirs) is None


@pytest.mark.parametrize(
    ("ours", "theirs", "merged"),
    [
        ("a;b;d", "a;b 2.0;d", "a;b 2.0;d"),
        ("a;b;c;d", "b;d", "b;c;d"),
        ("a;b 2.0;d", "a;b;c;d", "a;b 2.0;c;d"),
        ("b;d", "a;b", "b"),
        ("a;b 2.0;d", "a;b 3.0;d", ""),
    ],
)
def test_files_in_a_table_of_their_own_go_with_their_entries(
    ours: str, theirs: str, merged: str
) -> None:
    sides = (old(*text.split(";")) for text in ("a;b;d", ours, theirs))

    assert merged_entries(*sides) == (old(*merged.split(";")) if merged else None)


def test_files_that_alone_changed_are_a_change_of_the_package() -> None:
    base = old("a", "b")
    more = base.replace('"a-1.0.tar.gz"', '"a-1.0.zip"')
    others = base.replace('"a-1.0.tar.gz"', '"a-1.0-py3-none-any.whl"')

    assert merged_entries(base, base, more) == more
    assert merged_entries(base, more, others) is None
