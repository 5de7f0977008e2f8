"""Many projects at once: every lock that holds a changed library is found, and mended in order."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from monorepos import Member, generate
from solving import lock, project

from poetry_lockguard.freshness.discovery import find
from poetry_lockguard.freshness.process_pool import spread
from poetry_lockguard.freshness.survey import Unlooked, survey
from poetry_lockguard.lockfile.fast.excerpt import of_folders
from poetry_lockguard.lockfile.fast.same_folders import are_as_locked
from poetry_lockguard.manifest.document import parse, read
from poetry_lockguard.manifest.project_order import ordered, required_folders

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]

LOCK_OF_FOLDER = """
[[package]]
name = "lib"
version = "1"
description = ""
optional = false
python-versions = ">=3.10"
groups = ["main"]
files = []
develop = true

[package.dependencies]
matrix = ">=1.0,<2"

[package.source]
type = "directory"
url = "../lib"

[metadata]
lock-version = "2.1"
python-versions = ">=3.10"
content-hash = "-"
"""
NEEDS = ("matrix (>=1.0,<3.0)",)
OPTIONAL = '\n[tool.lockguard]\nlock = "optional"\n'


@pytest.fixture
def offered(index: Index, pypi: Pypi, monkeypatch: pytest.MonkeyPatch) -> Index:
    """An index that has all that the projects need."""
    monkeypatch.setenv("CI", "1")
    for version in ("1.0", "1.1", "2.0"):
        index.add("matrix", version)
    index.add("shader", "2.1")
    pypi(index, here=True)
    return index


@pytest.fixture
def monorepo(offered: Index, tmp_path: Path) -> tuple[Path, dict[str, Member]]:
    """An application that uses a library that uses a base, and one that uses nothing; all fresh."""
    root = tmp_path / "monorepo"
    members = {member.name: member for member in generate(root, 3, NEEDS)}
    project(root / "apps" / "alone", *NEEDS)
    for member in members.values():
        lock(member.folder)
    lock(root / "apps" / "alone")
    return root, members


def edit(member: Member, old: str, new: str) -> None:
    text = member.manifest.read_text()
    assert old in text
    member.manifest.write_text(text.replace(old, new))


def statuses(out: str) -> dict[str, str]:
    """Return the status of each project's lock by its folder's name."""
    lines = [line for line in out.splitlines() if "poetry.lock: " in line and line[0] != " "]
    return {line.split("/")[-2]: line.split("poetry.lock: ")[1].split(" by ")[0] for line in lines}


def test_the_advice_names_the_project_where_a_command_would_not_find_it(
    monorepo: tuple[Path, dict[str, Member]], run: Run
) -> None:
    root, members = monorepo
    library = members["base-0"].folder
    (library / "poetry.lock").unlink()
    (root / "apps" / "alone" / "poetry.lock").unlink()

    result = run("lockguard check -r", root)
    inside = run("lockguard check", library)

    assert "run `poetry -C apps/alone lockguard fix` or `poetry -C apps/alone lock`\n" in result.out
    assert (
        "run `poetry -C bases/base-0 lockguard fix` or `poetry -C bases/base-0 lock`,"
        ' or set lock = "optional" in [tool.lockguard] if it is a library that needs none\n'
    ) in result.out
    assert inside.out.endswith("run `poetry lockguard fix` or `poetry lock`\n")
    assert run("lockguard fix -C apps/alone", root).code == 0


CHANGES = {  # of the base's manifest, and what its own lock is then
    "a requirement added": ('python = "', 'shader = "*"\npython = "', "stale"),
    "a requirement dropped": ('matrix = ">=1.0,<3.0"\n', "", "stale"),
    "a requirement tightened": (">=1.0,<3.0", ">=1.1,<2.0", "stale"),
    "a requirement loosened": (">=1.0,<3.0", ">=1.0", "stale"),
    "a marker": (
        '">=1.0,<3.0"',
        '{version = ">=1.0,<3.0", markers = "os_name == \'nt\'"}',
        "stale",
    ),
    "Python": (">=3.10,<4.0", ">=3.10", "stale"),
    "the version": ('version = "1.0"\n', 'version = "1.1"\n', "fresh"),
}


@pytest.mark.contract
@pytest.mark.parametrize(("old", "new", "own"), CHANGES.values(), ids=CHANGES)
def test_a_changed_base_marks_every_lock_that_holds_it_and_fix_mends_them(
    run: Run, monorepo: tuple[Path, dict[str, Member]], old: str, new: str, own: str
) -> None:
    root, members = monorepo
    edit(members["base-0"], old, new)

    result = run("lockguard check -r", root)

    assert result.code == 1
    assert statuses(result.out) == {
        "alone": "fresh",
        "app-2": "stale",
        "lib-1": "stale",
        "base-0": own,
    }
    assert result.out.count("path-dependency: base-0: ../../bases/base-0 ") >= 2

    result = run("lockguard fix -r", root)

    assert result.code == 0, result.out + result.err
    assert [*statuses(result.out)] == ["alone", "base-0", "lib-1", "app-2"]
    result = run("lockguard check -r --deep", root)
    assert (result.code, {*statuses(result.out).values()}) == (0, {"fresh"}), result.out
    assert result.out.endswith("\n4 projects: 4 fresh\n")


def test_a_check_of_one_project_agrees_with_poetry(
    run: Run, monorepo: tuple[Path, dict[str, Member]]
) -> None:
    _, members = monorepo
    edit(members["base-0"], "<3.0", "<2.5")

    assert run("check --lock", members["app-2"].folder).code == 0
    assert run("lockguard check", members["app-2"].folder).code == 0
    assert run("lockguard check -r", members["app-2"].folder).code == 1


def test_a_fix_of_one_project_agrees_with_its_check(
    run: Run, monorepo: tuple[Path, dict[str, Member]]
) -> None:
    root, members = monorepo
    edit(members["base-0"], "<3.0", "<2.5")
    lock = members["app-2"].folder / "poetry.lock"
    before = lock.read_bytes()

    checked = run("lockguard check apps/app-2", root)
    fixed = run("lockguard fix apps/app-2", root)

    assert (checked.code, checked.out) == (0, "apps/app-2/poetry.lock: fresh\n")
    assert (fixed.code, fixed.out) == (0, "apps/app-2/poetry.lock: fresh, left alone\n")
    assert lock.read_bytes() == before


@pytest.mark.parametrize("change", CHANGES)
def test_check_and_fix_of_one_project_agree_on_whether_an_install_breaks(
    run: Run, monorepo: tuple[Path, dict[str, Member]], change: str
) -> None:
    root, members = monorepo
    old, new, _ = CHANGES[change]
    edit(members["base-0"], old, new)
    lock = members["app-2"].folder / "poetry.lock"
    before = lock.read_bytes()

    checked = run("lockguard check apps/app-2", root)
    fixed = run("lockguard fix apps/app-2", root)

    breaks = change in {"a requirement added", "a requirement tightened"}
    assert (checked.code, "path-dependency: base-0: " in checked.out) == (int(breaks), breaks)
    assert fixed.code == 0, fixed.out + fixed.err
    assert (lock.read_bytes() != before) == breaks
    assert run("lockguard check apps/app-2", root).code == 0


@pytest.mark.parametrize("change", CHANGES)
def test_only_unchanged_path_dependencies_are_recognized_without_poetry_core(
    monorepo: tuple[Path, dict[str, Member]], change: str
) -> None:
    _, members = monorepo
    old, new, _ = CHANGES[change]
    folders = [members[name].folder for name in ("lib-1", "app-2")]
    locks = [(folder / "poetry.lock").read_bytes() for folder in folders]

    unchanged = [*map(are_as_locked, folders, locks)]
    edit(members["base-0"], old, new)
    changed = [*map(are_as_locked, folders, locks)]

    assert unchanged == [True, True]
    assert changed == [change == "the version"] * 2


UNCERTAIN = {
    "a marker": "dependencies = [\"matrix; os_name == 'nt'\"]",
    "extras": 'dependencies = ["matrix[all]"]',
    "a URL": 'dependencies = ["matrix @ https://mirror.example/matrix-1.0.tar.gz"]',
    "a name twice": 'dependencies = ["matrix>=1", "Matrix<3"]',
    "extras of its own": 'optional-dependencies = {fast = ["matrix"]}',
    "dynamic requirements": 'dynamic = ["dependencies"]',
    "no list": "dependencies = 1",
    "another name": 'dependencies = ["vector"]',
    "a broken file": "dependencies = [",
}


@pytest.mark.parametrize("line", UNCERTAIN.values(), ids=UNCERTAIN)
def test_other_manifests_of_path_dependencies_are_left_to_poetry_core(
    tmp_path: Path, line: str
) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "lib").mkdir()
    manifest = tmp_path / "lib" / "pyproject.toml"
    head = '[project]\nname = "lib"\nversion = "1"\nrequires-python = ">=3.10"\n'
    lock = LOCK_OF_FOLDER.encode()

    manifest.write_text(f'{head}dependencies = ["matrix>=1.0, <2"]\n')
    plain = are_as_locked(tmp_path / "app", lock)
    manifest.write_text(f"{head}{line}\n")

    assert (plain, are_as_locked(tmp_path / "app", lock)) == (True, False)


def test_progress_says_which_project_it_is_about(
    run: Run, monorepo: tuple[Path, dict[str, Member]]
) -> None:
    root, _ = monorepo

    result = run("lockguard fix -r", root)

    assert [line for line in result.err.splitlines() if line.startswith("[")] == [
        "[1/4] apps/alone",
        "[2/4] bases/base-0",
        "[3/4] libs/lib-1",
        "[4/4] apps/app-2",
    ]


def test_a_folder_that_is_not_there_is_a_warning(
    run: Run, monorepo: tuple[Path, dict[str, Member]]
) -> None:
    root, members = monorepo
    base = members["base-0"].folder
    base.rename(base.with_name(".away"))

    result = run("lockguard check -r", root)

    assert result.code == 0
    assert "path-dependency (warning): base-0: ../../bases/base-0 does not exist" in result.out


RICH = """\
[project]
name = "rich"
version = "1.0"
requires-python = ">=3.10"
dependencies = [
    "matrix[fast]>=1.0",
    "shader ; sys_platform == 'win32'",
    "Sound_32 ; python_version < '3.9'",
    "sound-64 (>=1,<2) ; python_version < '3.12'",
    "sound-64 (>=1) ; python_version >= '3.12'",
    "loud (==1.*)",
]

[project.optional-dependencies]
gpu = ["tensor>=1", "vector ; os_name == 'posix'"]
unused = ["nowhere"]

[tool.poetry.dependencies]
loud = { allow-prereleases = true }
"""


@pytest.mark.contract
@pytest.mark.parametrize("extras", ["", 'extras = ["gpu"], '])
def test_what_poetry_has_just_locked_is_fresh(
    run: Run, offered: Index, tmp_path: Path, extras: str
) -> None:
    for name in ("sound-32", "sound-64", "loud", "tensor", "vector", "nowhere"):
        offered.add(name, "1.0")
    (tmp_path / "rich").mkdir()
    (tmp_path / "rich" / "pyproject.toml").write_text(RICH)
    more = f'[tool.poetry.dependencies]\nrich = {{{extras}path = "../rich"}}\n'
    lock(project(tmp_path / "app", "rich", "matrix>=1", python=">=3.10,<3.14", more=more))
    lock(tmp_path / "rich")

    result = run("lockguard check -r", tmp_path)

    assert (result.code, result.out) == (
        0,
        "app/poetry.lock: fresh\nrich/poetry.lock: fresh\n2 projects: 2 fresh\n",
    )


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [("<3.0", "<2.5", "needs matrix "), ('version = "1.0"', 'version = "1.1"', "is version 1.1 ")],
    ids=["another requirement", "another version"],
)
def test_the_guard_knows_path_dependencies_too_and_a_way_to_mend_them(  # noqa: PLR0913, PLR0917 - fixtures
    run: Run,
    monorepo: tuple[Path, dict[str, Member]],
    monkeypatch: pytest.MonkeyPatch,
    old: str,
    new: str,
    words: str,
) -> None:
    _, members = monorepo
    edit(members["base-0"], old, new)
    monkeypatch.setenv("LOCKGUARD_GUARD", "check")
    folder = members["app-2"].folder / "src"
    folder.mkdir()

    result = run("install --no-root --dry-run", folder)

    assert (result.code, result.out) == (1, "")
    assert f"poetry.lock: stale\n  base-0: ../../bases/base-0 {words}" in result.err
    advice = result.err.splitlines()[-1].split("`")[1]
    assert run(advice.removeprefix("poetry "), folder).code == 0
    assert run("install --no-root --dry-run", folder).code == 0


def test_only_what_concerns_folders_is_cut_out_of_a_lock() -> None:
    entry = '[[package]]\nname = "{}"\nversion = "1.0"\n'
    folder = '\n[package.source]\ntype = "directory"\nurl = "{}"\n\n'
    extras = '\n[package.extras]\ngpu = ["x"]\n'
    plain = entry.format("plain") + '\n[package.dependencies]\na = "*"\n\n'
    asking = entry.format("asking") + '\n[package.dependencies]\nLib_A = "*"\n\n'
    simple = entry.format("lib-a") + folder.format("../a")
    with_extras = entry.format("lib-a") + extras + folder.format("../a")
    tail = '[metadata]\nlock-version = "2.1"\n'

    def cut(*packages: str) -> str:
        return of_folders("".join(["# head\n\n", *packages, tail]).encode()).decode()

    assert cut(plain, asking, simple) == f"# head\n\n{simple}{tail}"
    assert cut(plain, asking, with_extras) == f"# head\n\n{asking}{with_extras}{tail}"
    assert cut(plain, simple.replace("type =", "type=")) == (
        f"# head\n\n{plain}{simple.replace('type =', 'type=')}{tail}"
    )


def test_locks_are_made_from_nothing_and_a_dry_run_makes_none(
    run: Run, offered: Index, tmp_path: Path
) -> None:
    generate(tmp_path, 5, NEEDS)

    result = run("lockguard fix -r --dry-run", tmp_path)
    assert result.out.endswith("5 projects: 5 would be fixed\n")
    assert not [*tmp_path.rglob("poetry.lock")]

    result = run("lockguard fix -r", tmp_path)
    assert result.out.endswith("5 projects: 5 fixed\n")
    assert run("lockguard check -r --deep", tmp_path).code == 0
    assert run("lockguard fix -r", tmp_path).out.endswith("5 projects: 5 fresh\n")


def test_what_fails_in_one_project_stops_no_other(
    run: Run, monorepo: tuple[Path, dict[str, Member]]
) -> None:
    root, members = monorepo
    edit(members["lib-1"], "matrix", "nowhere")
    (root / "apps" / "alone" / "pyproject.toml").write_text("name\n")
    edit(members["base-0"], ">=1.0,<3.0", ">=1.1")

    result = run("lockguard fix -r", root)

    assert result.code == 2
    assert "lockguard: apps/alone/pyproject.toml:1: invalid TOML" in result.err
    assert "No index has a package called nowhere. With -v Poetry explains" in result.err
    assert (
        "apps/app-2/poetry.lock: its path dependency libs/lib-1 could not be fixed\n" in result.err
    )
    assert result.out.endswith("4 projects: 1 fixed, 2 failed, 1 could not be checked\n")


def test_a_library_that_asks_for_what_no_index_has_is_told_where_pypi_is_a_small_mirror(
    run: Run, offered: Index, pypi: Pypi, tmp_path: Path
) -> None:
    pypi(offered, here=True, json=False)
    library = tmp_path / "library"
    project(library, *NEEDS)
    manifest = library / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace('"story"', '"library"'))
    path = '[tool.poetry.dependencies]\nlibrary = {path = "../library"}\n'
    app = project(tmp_path / "app", "library", *NEEDS, more=path)
    lock(app)
    manifest.write_text(manifest.read_text().replace('"]', '", "nowhere>=1"]', 1))

    result = run("lockguard fix -r", app)

    assert result.code == 1
    assert "library: ../library needs nowhere (>=1)" in result.err
    assert (
        "No index has a package called nowhere, which library needs. With -v Poetry explains"
        in result.err
    )
    assert "404" not in result.err


def test_there_is_one_document_with_all_of_them(
    run: Run, monorepo: tuple[Path, dict[str, Member]]
) -> None:
    root, members = monorepo
    edit(members["lib-1"], "matrix", "nowhere")

    checked = run("lockguard check -r --format json", root)
    fixed = run("lockguard fix -r --format json", root)

    document = json.loads(checked.out)
    assert (checked.code, document["status"]) == (1, "mixed")
    assert {one["path"]: one["status"] for one in document["projects"]} == {
        "apps/alone": "fresh",
        "apps/app-2": "stale",
        "bases/base-0": "fresh",
        "libs/lib-1": "stale",
    }
    document = json.loads(fixed.out)
    assert (fixed.code, document["status"]) == (1, "mixed")
    assert [(one["path"], one["status"]) for one in document["projects"]] == [
        ("apps/alone", "fresh"),
        ("bases/base-0", "fresh"),
        ("libs/lib-1", "failed"),
        ("apps/app-2", "failed"),
    ]
    problems = document["projects"][-1]["problems"]
    assert problems[-1]["message"] == "its path dependency libs/lib-1 could not be fixed"


def test_projects_that_require_one_another_are_named_and_fixed(
    run: Run, monorepo: tuple[Path, dict[str, Member]]
) -> None:
    root, members = monorepo
    edit(members["base-0"], 'python = "', 'lib-1 = {path = "../../libs/lib-1"}\npython = "')

    result = run("lockguard fix -r", root)

    assert result.code == 0, result.err
    assert (
        "libs/lib-1, bases/base-0: depend on each other by path; fixed one after the other\n"
    ) in result.err
    assert run("lockguard check -r", root).code == 0


def test_an_error_that_nobody_foresaw_is_told_and_stops_no_other(
    run: Run, monorepo: tuple[Path, dict[str, Member]]
) -> None:
    root, _ = monorepo
    (root / "apps" / "alone" / "poetry.lock").unlink()
    (root / "apps" / "alone" / "poetry.lock").symlink_to("poetry.lock")  # to itself

    checked, fixed = run("lockguard check -r", root), run("lockguard fix -r", root)

    for result in (checked, fixed):
        assert result.code == 2
        assert "lockguard: apps/alone/p" in result.err
        assert "Traceback" not in result.err
        assert result.out.endswith("4 projects: 3 fresh, 1 could not be checked\n")


PATHS = {
    "Poetry's": ('[tool.poetry.dependencies]\na = {path = "../a"}\n', ["a"]),
    "several for one name": (
        '[tool.poetry.dependencies]\na = [{path = "../a"}, {path = "../b"}]\n',
        ["a", "b"],
    ),
    "of a group": ('[tool.poetry.group.dev.dependencies]\na = {path = "../a"}\n', ["a"]),
    "of the old group": ('[tool.poetry.dev-dependencies]\na = {path = "../a"}\n', ["a"]),
    "PEP 508": ('[project]\ndependencies = ["a @ file://{}/a", "c>=1"]\n', ["a"]),
    "of an extra": ('[project.optional-dependencies]\nx = ["a @ file://{}/a ; extra"]\n', ["a"]),
    "PEP 735": (
        '[project]\n[dependency-groups]\nx = ["a @ file://{}/a", {include-group = "y"}]\n',
        ["a"],
    ),
    "nothing": ('[tool.poetry.dependencies]\na = "*"\nb = {git = "x"}\n', []),
    "nonsense": ("[tool.poetry]\ndependencies = 1\ngroup = [2]\n", []),
}


@pytest.mark.parametrize(("text", "expected"), PATHS.values(), ids=PATHS)
def test_path_dependencies_are_found_wherever_they_are_declared(
    tmp_path: Path, text: str, expected: list[str]
) -> None:
    manifest = tmp_path / "app" / "pyproject.toml"
    manifest.parent.mkdir()
    manifest.write_text(text.replace("{}", tmp_path.as_posix()))

    found = required_folders(read(manifest))

    assert found == tuple(tmp_path.resolve() / name for name in expected)


@given(st.lists(st.sets(st.integers(0, 6), max_size=3), min_size=7, max_size=7))
def test_each_comes_once_and_after_those_it_requires_unless_they_form_a_circle(
    edges: list[set[int]],
) -> None:
    folder = Path("/monorepo").resolve()
    manifests = [
        parse(
            "[tool.poetry.dependencies]\n"
            + "".join(f'p{other} = {{path = "../p{other}"}}\n' for other in sorted(edges[number])),
            folder / f"p{number}" / "pyproject.toml",
        )
        for number in range(7)
    ]

    order = ordered(manifests)

    place = {int(one.folder.name[1:]): at for at, one in enumerate(order.manifests)}
    assert sorted(place) == [*range(7)]
    late = {(one, other) for one in place for other in edges[one] if place[other] >= place[one]}
    circles = [[int(one.folder.name[1:]) for one in circle] for circle in order.circles]
    steps = {
        step for circle in circles for step in zip(circle, [*circle[1:], circle[0]], strict=True)
    }
    assert late <= steps
    assert all(other in edges[one] for one, other in steps)


def double(value: int) -> int:
    return value * 2


def double_or_die(value: int, mother: int) -> int:
    if value == 9 and os.getpid() != mother:
        os._exit(3)
    return value * 2


def test_several_processes_give_what_one_gives_in_order() -> None:
    results = spread(double, range(50), workers=3)

    assert [*results] == [value * 2 for value in range(50)]


def test_what_a_dying_process_leaves_undone_is_done_here() -> None:
    results = spread(partial(double_or_die, mother=os.getpid()), range(50), workers=2)

    assert [*results] == [value * 2 for value in range(50)]


def test_where_no_process_can_be_started_all_is_done_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere"))

    assert [*spread(double, range(20), workers=2)] == [value * 2 for value in range(20)]


def test_all_processors_say_of_many_projects_what_one_says(tmp_path: Path) -> None:
    members = generate(tmp_path, 40, NEEDS)
    for member in members[::2]:
        (member.folder / "poetry.lock").write_text("[[package]]\n")
    members[3].manifest.write_text("name\n")

    def judged(patience: float) -> list[object]:
        found = find([], tmp_path, recursive=True)
        return [*survey(found, pass_over_others=True, paths=True, patience=patience)]

    assert judged(0) == judged(600)
    assert len(judged(0)) == 40
    assert sum(isinstance(one, Unlooked) for one in judged(0)) == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_an_interrupted_check_ends_at_once_and_leaves_no_process(tmp_path: Path) -> None:
    members = generate(tmp_path / "story", 200, NEEDS)
    (tmp_path / "long").write_text(f"x = [{'1, ' * 2_000_000}]\n")  # seconds to read, each time
    for member in members:
        (member.folder / "poetry.lock").symlink_to(tmp_path / "long")
    program = (
        "import sys; from poetry_lockguard.freshness import survey as s;"
        "s.survey.__kwdefaults__['patience'] = 0;"
        "from poetry_lockguard.__main__ import main; sys.exit(main(['check', '-r']))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=tmp_path / "story",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    time.sleep(1.5)

    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=20)

    assert (process.returncode, out, err) == (1, "", "lockguard: interrupted\n")


@pytest.mark.slow
def test_five_hundred_projects_of_which_thirty_are_stale(
    run: Run, offered: Index, tmp_path: Path
) -> None:
    members = generate(tmp_path, 500, NEEDS)
    result = run("lockguard fix -r", tmp_path)
    assert result.out.endswith("500 projects: 500 fixed\n")
    changed = members[::17][:30]
    for member in changed:
        edit(member, "<3.0", "<2.0")
    names = {member.name for member in changed}
    marked = names | {member.name for member in members if names & {*member.below}}

    result = run("lockguard check -r", tmp_path)
    found = statuses(result.out)
    assert {name for name, status in found.items() if status == "stale"} == marked
    assert result.out.endswith(f"500 projects: {500 - len(marked)} fresh, {len(marked)} stale\n")

    result = run("lockguard fix -r", tmp_path)
    place = {name: at for at, name in enumerate(statuses(result.out))}
    assert all(place[below] < place[one.name] for one in members for below in one.below)
    assert result.out.endswith(f"500 projects: {500 - len(marked)} fresh, {len(marked)} fixed\n")
    assert run("lockguard check -r --deep", tmp_path).code == 0


def test_a_library_may_say_that_it_needs_no_lock(run: Run, tmp_path: Path) -> None:
    project(tmp_path / "lib", more=OPTIONAL)
    lock(project(tmp_path / "app"))

    checked = run("lockguard check -r", tmp_path)
    fixed = run("lockguard fix -r", tmp_path)

    assert (checked.code, fixed.code) == (0, 0), fixed.err
    assert checked.out.splitlines() == [
        "app/poetry.lock: fresh",
        "lib/poetry.lock: missing",
        "  lock-missing (note): poetry.lock: no such file; the settings allow that",
        "2 projects: 1 fresh, 1 without a lock (optional)",
    ]
    assert not (tmp_path / "lib" / "poetry.lock").exists()


def test_a_lock_that_is_optional_must_be_in_step_where_there_is_one(
    run: Run, tmp_path: Path
) -> None:
    folder = project(tmp_path / "lib", more=OPTIONAL)
    lock(folder)
    (folder / "pyproject.toml").write_text(
        (folder / "pyproject.toml").read_text().replace("3.10", "3.11")
    )

    assert run("lockguard check -r", tmp_path).code == 1
