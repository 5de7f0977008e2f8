"""Differences between locks: found by package, worded three ways."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from poetry_lockguard.lockfile.changes import Change, LockChange, changes, lock_changes
from poetry_lockguard.lockfile.document import File, Lock, Pin, Source
from poetry_lockguard.report.change_lines import (
    View,
    lines,
    lock_rows,
    markdown,
    rows,
    summary,
    told,
)

PRIVATE = Source(kind="legacy", url="https://mirror.example/simple", reference="private")
COMMIT = Source(
    kind="git",
    url="https://name:token@forge.example/x.git",
    reference="main",
    resolved_reference="a" * 40,
)


def pin(version: str = "1.0", name: str = "x", **other: Any) -> Pin:
    values: dict[str, Any] = {
        "source": None,
        "python_versions": ">=3.9",
        "optional": False,
        "groups": ("main",),
        "markers": None,
        "files": (File(name="x.whl", hash="sha256:aa"),),
        "dependencies": {},
        "extras": {},
        "line": 1,
        "raw": {},
    }
    return Pin(name=name, version=version, **(values | other))


def lock(*pins: Pin, **other: Any) -> Lock:
    values: dict[str, Any] = {
        "generator": "2.1.4",
        "lock_version": "2.1",
        "content_hash": "cc",
        "python_versions": ">=3.9",
        "extras": {},
        "raw": {},
    }
    return Lock(pins=pins, **(values | other))


CASES = {
    "nothing": ([pin()], [pin()], []),
    "added": ([], [pin()], [("added", None, "1.0")]),
    "added from elsewhere": (
        [],
        [pin(source=PRIVATE)],
        [("added", None, "1.0 (legacy https://mirror.example/simple)")],
    ),
    "removed": ([pin()], [], [("removed", "1.0", None)]),
    "no longer twice": ([pin(), pin()], [pin()], [("notation", "1.0 twice", "1.0 once")]),
    "twice": ([pin()], [pin(), pin(line=9)], [("notation", "1.0 once", "1.0 twice")]),
    "twice and upgraded": (
        [pin(), pin()],
        [pin("2.0")],
        [("upgraded", "1.0", "2.0"), ("notation", "1.0 twice", "1.0 once")],
    ),
    "removed twice": (
        [pin(), pin()],
        [],
        [("removed", "1.0", None), ("notation", "1.0 twice", "1.0 once")],
    ),
    "no longer twice, with other files": (
        [pin(), pin(files=())],
        [pin()],
        [("removed", "1.0", None)],
    ),
    "upgraded": ([pin("1.9")], [pin("1.10")], [("upgraded", "1.9", "1.10")]),
    "downgraded": ([pin("1.0")], [pin("1.0rc1")], [("downgraded", "1.0", "1.0rc1")]),
    "respelled": ([pin("1.0")], [pin("1.0.0")], []),
    "no version": ([pin("soon")], [pin("1.0")], [("upgraded", "soon", "1.0")]),
    "re-sourced": (
        [pin()],
        [pin(source=PRIVATE)],
        [("re-sourced", "1.0", "1.0 (legacy https://mirror.example/simple)")],
    ),
    "commit moved, secret kept": (
        [pin(source=COMMIT)],
        [pin(source=COMMIT._replace(resolved_reference="b" * 40))],
        [
            (
                "re-sourced",
                "1.0 (git https://***@forge.example/x.git at aaaaaaaaaaaa)",
                "1.0 (git https://***@forge.example/x.git at bbbbbbbbbbbb)",
            )
        ],
    ),
    "one of two upgraded": (
        [pin("1.0"), pin("2.0")],
        [pin("2.0"), pin("1.1")],
        [("upgraded", "1.0", "1.1")],
    ),
    "split in two": (
        [pin("1.0")],
        [pin("2.0"), pin("3.0")],
        [("upgraded", "1.0", "3.0"), ("added", None, "2.0")],
    ),
    "two sources of one version": (
        [pin(), pin(source=PRIVATE)],
        [pin(source=PRIVATE), pin()],
        [],
    ),
    "groups": (
        [pin(groups=("main", "dev"))],
        [pin(groups=("dev",), optional=True)],
        [("groups", "dev, main", "dev (optional)")],
    ),
    "markers": (
        [pin()],
        [pin(markers='sys_platform == "linux"')],
        [("markers", None, 'sys_platform == "linux"')],
    ),
    "markers spelled by group": (
        [pin(markers="m", groups=("a", "b"))],
        [pin(markers={"a": "m", "b": "m"}, groups=("a", "b"))],
        [],
    ),
    "markers of one group": (
        [pin(markers="m", groups=("a", "b"))],
        [pin(markers={"a": "m", "b": "n"}, groups=("a", "b"))],
        [("markers", "m", "a: m, b: n")],
    ),
    "metadata": (
        [pin(dependencies={"y": ("*",)}, extras={"e": ("y",)})],
        [pin(python_versions=">=3.10", dependencies={"y": ({"version": ">1", "markers": "m"},)})],
        [("metadata", "python >=3.9, y *, extras e [y]", "python >=3.10, y >1 ; m")],
    ),
    "other hash": (
        [pin()],
        [pin(files=(File(name="x.whl", hash="sha256:bb"),))],
        [("files", "x.whl sha256:aa", "x.whl sha256:bb")],
    ),
    "more files": (
        [pin()],
        [pin(files=(File(name="x.whl", hash="sha256:aa"), File(name="x.zip", hash="sha256:zz")))],
        [("files", "1 file", "2 files")],
    ),
    "upgraded and regrouped": (
        [pin("1.0")],
        [pin("2.0", groups=("dev",), markers="m", files=())],
        [("upgraded", "1.0", "2.0"), ("groups", "main", "dev"), ("markers", None, "m")],
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), CASES.values(), ids=CASES)
def test_differences_of_a_package(
    old: list[Pin], new: list[Pin], expected: list[tuple[str, str | None, str | None]]
) -> None:
    found = changes(lock(*old), lock(*new))

    assert [(change.kind, change.old, change.new) for change in found] == expected


LINUX = 'sys_platform == "linux"'
OLD_PYTHON = 'python_version < "3.12"'
NEXT_REFERENCE = COMMIT._replace(reference="next")
MACHINES = (
    "(platform_machine == 'x86_64' or platform_machine == 'amd64' or platform_machine == 'win32')"
)
TOLD = {
    "marker dropped in one of two groups": (
        [pin(groups=("main", "dev"), markers={"main": OLD_PYTHON})],
        [pin(groups=("main", "dev"))],
        ["markers      x: in main for all Pythons now (was python < 3.12)"],
    ),
    "marker new in one of two groups": (
        [pin(groups=("main", "dev"), markers={"dev": LINUX})],
        [pin(groups=("main", "dev"), markers={"dev": LINUX, "main": OLD_PYTHON})],
        ["markers      x: in main for python < 3.12 now (was for all)"],
    ),
    "marker dropped": (
        [pin(markers=LINUX)],
        [pin()],
        ["markers      x: for all now (was sys_platform == linux)"],
    ),
    "a long condition that stays": (
        [pin(markers=f"{MACHINES} and (extra == 'a' or extra == 'b')")],
        [pin(markers=f"{MACHINES} and extra == 'b'")],
        [
            (
                "markers      x: for extra == 'b' now (was for (extra == 'a' or extra == 'b'));"
                f" still for {MACHINES}"
            )
        ],
    ),
    "moved between groups": (
        [pin(groups=("dev",))],
        [pin(groups=("main",))],
        ["groups       x: now in main (was in dev)"],
    ),
    "no longer in a group": (
        [pin(groups=("main", "dev"))],
        [pin(groups=("dev",))],
        ["groups       x: no longer in main"],
    ),
    "source renamed": (
        [pin(source=PRIVATE)],
        [pin(source=PRIVATE._replace(reference="internal"))],
        ["re-sourced   x: 1.0 from source internal now (was private), at the same address"],
    ),
    "git reference renamed": (
        [pin(source=COMMIT)],
        [pin(source=NEXT_REFERENCE)],
        ["re-sourced   x: 1.0 at reference next now (was main), of the same commit"],
    ),
    "another index": (
        [pin()],
        [pin(source=PRIVATE)],
        ["re-sourced   x 1.0 (PyPI) -> 1.0 (legacy https://mirror.example/simple)"],
    ),
    "one version in place of two": (
        [pin("0.115"), pin("0.120", markers=OLD_PYTHON)],
        [pin("0.165.0")],
        ["versions     x: one version for all Pythons now, 0.165.0 (was 0.115, 0.120)"],
    ),
    "two versions in place of one": (
        [pin("1.0")],
        [pin("2.0"), pin("1.0")],
        ["versions     x: 2 versions now, 1.0, 2.0 (was 1.0)"],
    ),
    "two versions for parts in place of one": (
        [pin("1.0", groups=("dev", "main"))],
        [pin("1.0", markers=OLD_PYTHON), pin("2.0", markers='python_version >= "3.12"')],
        [
            (
                "versions     x: 2 versions now, 1.0 for python < 3.12, 2.0 for python >= 3.12"
                " (was 1.0); no longer in dev"
            )
        ],
    ),
    "one version in place of one for each platform": (
        [pin("1.0", markers='os_name == "nt"'), pin("2.0", markers='os_name != "nt"')],
        [pin("2.0")],
        ["versions     x: one version for all now, 2.0 (was 1.0, 2.0)"],
    ),
    "one version in place of two of which nothing more is known": (
        [pin("1.0"), pin("2.0")],
        [pin("2.0")],
        ["versions     x: one version now, 2.0 (was 1.0, 2.0)"],
    ),
    "added from an index": ([], [pin(source=PRIVATE)], ["added        x 1.0 from private"]),
    "removed from an index": ([pin(source=PRIVATE)], [], ["removed      x 1.0 from private"]),
    "needs more": (
        [pin()],
        [pin(dependencies={"y": ("*",)})],
        ["metadata     x: now with y *"],
    ),
    "needs less": (
        [pin(dependencies={"y": ("*",)})],
        [pin()],
        ["metadata     x: no longer with y *"],
    ),
    "only notation": (
        [pin(python_versions="<4.0,>=3.9", dependencies={"y": ("<2,>=1", {"version": "*"})})],
        [pin(python_versions=">=3.9,<4.0", dependencies={"y": ({"version": ">=1,<2"}, "*")})],
        ["1 package written differently with the same meaning (-v lists it)"],
    ),
    "extras whose requirements are only written differently": (
        [pin(extras={"c": ("y[b,a] (>=2.0.0b,<3.0.dev0) ; python_version < '3.14'", "z")})],
        [pin(extras={"c": ("z", "Y[a,b] (<3.0,>=2.0.0b0) ; python_version<'3.14'")})],
        ["1 package written differently with the same meaning (-v lists it)"],
    ),
    "an extra whose requirement has another range": (
        [pin(extras={"c": ("y (>=2.0)",)})],
        [pin(extras={"c": ("y (>=2.1)",)})],
        ["metadata     x extras c [y (>=2.0)] -> extras c [y (>=2.1)]"],
    ),
    "an extra whose requirement is for others": (
        [pin(extras={"c": ('y ; os_name == "nt"',)})],
        [pin(extras={"c": ("y",)})],
        ['metadata     x extras c [y ; os_name == "nt"] -> extras c [y]'],
    ),
    "a marker that means the same for the Pythons there are": (
        [pin(markers='python_version < "3.10"')],
        [pin(markers='python_version == "3.9"')],
        ["1 package written differently with the same meaning (-v lists it)"],
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), TOLD.values(), ids=TOLD)
def test_people_are_told_in_words(old: list[Pin], new: list[Pin], expected: list[str]) -> None:
    assert told(changes(lock(*old), lock(*new)), View(width=300)) == expected


def test_where_a_pin_comes_from_is_folded_and_not_cut() -> None:
    found = changes(lock(pin()), lock(pin(source=PRIVATE)))

    assert told(found, View(width=50)) == [
        "re-sourced   x 1.0 (PyPI) -> 1.0 (legacy",
        "             https://mirror.example/simple)",
    ]


def test_a_package_with_other_versions_counts_once() -> None:
    found = changes(
        lock(pin("1.0", groups=("dev",)), pin("1.0", name="y")),
        lock(pin("1.0", markers=OLD_PYTHON), pin("2.0"), pin("2.0", name="y")),
    )

    assert summary(found) == "1 upgraded, 1 with other versions"


def test_json_has_the_order_of_the_text() -> None:
    kinds = [row["kind"] for row in rows(ROWS)]

    assert kinds == ["removed", "added", "upgraded", "markers", "markers"]


WORDY = "sys_platform == 'linux' and platform_machine == 'aarch64' and extra == 'everything'"


def test_words_are_folded_and_cut_only_after_the_third_line() -> None:
    found = changes(lock(pin(markers=WORDY)), lock(pin(markers=f"{WORDY} or os_name == 'nt'")))

    short = told(found, View(width=60))
    whole = told(found, View(width=60, verbose=True))

    assert [len(line) <= 60 for line in (*short, *whole)] == [True] * (len(short) + len(whole))
    assert (len(short), short[-1][-3:]) == (3, "...")
    assert len(whole) > len(short)
    assert " ".join(map(str.strip, whole)).endswith("'everything')")
    assert all(line.startswith(" " * 13) for line in whole[1:])


def test_a_group_with_a_new_name_is_one_line_whatever_other_groups_there_are() -> None:
    old = (
        pin(name="a", groups=("docs",)),
        pin(name="b", groups=("docs", "main")),
        pin("1.0", name="c", groups=("docs",)),
        pin("2.0", name="c", groups=("docs",)),
    )
    new = [
        one._replace(groups=tuple(group.replace("docs", "manual") for group in one.groups))
        for one in old
    ]

    assert told(changes(lock(*old), lock(*new)), View()) == [
        "groups       a, b, c: now in manual (was in docs)"
    ]


def test_a_format_without_groups_still_tells_what_only_extras_bring() -> None:
    old, new = (
        lock(pin(groups=(), optional=optional), lock_version="2.0") for optional in (True, False)
    )

    assert told(changes(old, new), View()) == ["groups       x: no longer optional"]
    assert told(changes(new, old), View()) == ["groups       x: optional now"]
    assert rows(changes(old, new)) == [
        {"package": "x", "kind": "groups", "from": "optional", "to": "required"}
    ]


def test_only_the_extras_that_changed_are_listed() -> None:
    old = lock(extras={"gpu": ("x",), "web": ("y",), "old": ("z",)})
    new = lock(extras={"gpu": ("x", "y"), "web": ("y",), "new": ("z",)})

    assert lock_changes(old, new) == (
        LockChange(key="extras", old="gpu [x], old [z]", new="gpu [x, y], new [z]"),
    )


def test_notation_is_listed_when_asked_for() -> None:
    found = changes(lock(pin(python_versions="<4,>=3.9")), lock(pin(python_versions=">=3.9,<4")))

    assert [change.kind for change in found] == ["notation"]
    assert told(found, View(verbose=True)) == [
        "notation     x python <4,>=3.9 -> python >=3.9,<4",
    ]


def test_what_changed_is_told_by_kind() -> None:
    assert [line.split()[0] for line in told(ROWS, View(), OWN)] == [
        "removed",
        "added",
        "upgraded",
        "markers",
        "markers",
        "lock",
    ]


@given(some.text(max_size=200), some.text(max_size=200), some.integers(60, 150))
def test_lines_fit_the_terminal(old: str, new: str, width: int) -> None:
    change = Change(package="x", kind="metadata", old=f"a{old}", new=f"b{new}")
    printable = f"{old}{new}".isprintable()

    [line] = told([change], View(width=width))

    assert len(line) <= width or not printable


def test_only_a_terminal_gets_colors() -> None:
    assert told(ROWS[:1], View(color=True)) == ["\033[31mremoved\033[39m      idna 3.4"]


def test_markdown_folds_what_is_only_notation() -> None:
    found = changes(lock(pin(python_versions="<4,>=3.9")), lock(pin(python_versions=">=3.9,<4")))

    assert markdown("poetry.lock", found).splitlines() == [
        "### poetry.lock",
        "",
        "1 in notation only.",
        "",
        "<details>",
        "<summary>1 package written differently with the same meaning</summary>",
        "",
        "| Package | Change | From | To |",
        "| --- | --- | --- | --- |",
        "| `x` | notation | `python <4,>=3.9` | `python >=3.9,<4` |",
        "",
        "</details>",
    ]


def test_groups_are_not_compared_with_a_format_that_has_none() -> None:
    old = lock(pin(groups=(), markers=None), lock_version="2.0")

    assert changes(old, lock(pin(markers="m"))) == ()


@pytest.mark.parametrize("missing", [None, lock()], ids=["no lock", "empty lock"])
def test_a_lock_that_is_not_there_holds_nothing(missing: Lock | None) -> None:
    assert [change.kind for change in changes(missing, lock(pin()))] == ["added"]
    assert [change.kind for change in changes(lock(pin()), missing)] == ["removed"]


PINS = some.lists(
    some.builds(
        pin,
        some.sampled_from(["1.0", "1.1", "2.0rc1", "2.0"]),
        name=some.sampled_from("xyz"),
        groups=some.sampled_from([("main",), ("dev",), ("dev", "main")]),
        source=some.sampled_from([None, PRIVATE, COMMIT]),
    ),
    max_size=6,
)


@given(PINS)
def test_a_lock_does_not_differ_from_itself_in_any_order(pins: list[Pin]) -> None:
    assert changes(lock(*pins), lock(*pins)) == ()
    assert changes(lock(*pins), lock(*pins[::-1])) == ()


@given(PINS, PINS)
def test_the_way_back_mirrors_the_way_there(old: list[Pin], new: list[Pin]) -> None:
    there, back = changes(lock(*old), lock(*new)), changes(lock(*new), lock(*old))

    assert len(there) == len(back)
    assert summary(there).count("added") == summary(back).count("removed")


def test_what_a_lock_says_of_itself_is_compared() -> None:
    new = lock(
        python_versions=">=3.10", extras={"gpu": ("x", "y")}, content_hash="dd", lock_version="2.0"
    )

    assert lock_changes(lock(), new) == (
        LockChange(key="lock-version", old="2.1", new="2.0"),
        LockChange(key="python-versions", old=">=3.9", new=">=3.10"),
        LockChange(key="extras", old=None, new="gpu [x, y]"),
        LockChange(key="content-hash", old="cc", new="dd"),
    )
    assert lock_changes(None, new) == ()


ROWS = (
    Change(package="idna", kind="removed", old="3.4", new=None),
    Change(package="requests", kind="upgraded", old="2.31.0", new="2.32.3"),
    Change(package="rich", kind="added", old=None, new="14.0.0"),
    Change(package="tomli", kind="markers", old=None, new='python_version < "3.11" | `x`'),
    Change(package="wheel", kind="markers", old='sys_platform == "a|b"', new=None),
)
OWN = (LockChange(key="content-hash", old="cc", new="dd"),)


def test_text_is_one_line_a_change() -> None:
    assert [*lines(ROWS), *lines(OWN)] == [
        "removed      idna 3.4",
        "upgraded     requests 2.31.0 -> 2.32.3",
        "added        rich 14.0.0",
        'markers      tomli none -> python_version < "3.11" | `x`',
        'markers      wheel sys_platform == "a|b" -> none',
        "lock         content-hash cc -> dd",
    ]


def test_markdown_is_one_table_with_counts_before_it() -> None:
    assert markdown("poetry.lock", ROWS, OWN).splitlines() == [
        "### poetry.lock",
        "",
        "1 removed, 1 added, 1 upgraded, 2 with other markers.",
        "",
        "| Package | Change | From | To |",
        "| --- | --- | --- | --- |",
        "| `idna` | removed | `3.4` |  |",
        "| `rich` | added |  | `14.0.0` |",
        "| `requests` | upgraded | `2.31.0` | `2.32.3` |",
        "| `tomli` | markers |  | python&#95;version &#60; &#34;3.11&#34; &#124; &#96;x&#96; |",
        '| `wheel` | markers | `sys_platform == "a\\|b"` |  |',
        "| *the lock* | content-hash | `cc` | `dd` |",
    ]


def test_markdown_of_no_difference_has_no_table() -> None:
    assert markdown("poetry.lock", ()) == "### poetry.lock\n\nNo changes."


def test_json_rows_have_the_keys_of_the_contract() -> None:
    assert rows(ROWS[:2]) == [
        {"package": "idna", "kind": "removed", "from": "3.4", "to": None},
        {"package": "requests", "kind": "upgraded", "from": "2.31.0", "to": "2.32.3"},
    ]
    assert lock_rows(OWN) == [{"key": "content-hash", "from": "cc", "to": "dd"}]
