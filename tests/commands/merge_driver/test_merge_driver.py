"""What git's users get where the merge drivers are installed: real repositories, real git."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from index import hang, status
from repositories import Repository, isolate
from snapshot_values import ENGINE, configuration, entry, resolved

from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.manifest.content_hash import RULES, content_hash
from poetry_lockguard.manifest.document import read
from poetry_lockguard.snapshots.format import writer
from poetry_lockguard.snapshots.format.canonical import Seal
from poetry_lockguard.snapshots.format.reader import parse as parse_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi, PypiRun

    Run = Callable[[str, Path], Result]

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

BASE = ("engine", "wing", "tail")
LEFT = "lockguard: poetry.lock: left with conflict markers; once that is settled"


@pytest.fixture
def pypi_run(index: Index, pypi: Pypi) -> PypiRun:
    """Let a PyPI with one generation of packages answer git's drivers."""
    index.add("engine", "1.0", requires=["gear>=1"])
    for name in ("gear", "wing", "fan", "tail", "brake"):
        index.add(name, "1.0")
    return pypi(index, here=True)


def made(top: Path, index: Index, run: Run, below: str = ".") -> Repository:
    """Make a repository with one project, drivers installed, one commit."""
    top.mkdir(parents=True)
    repository = Repository(top, top / below, index)
    repository.git("init", "-q", "-b", "main")
    repository.want(*BASE)
    repository.lock()
    assert run("lockguard merge-driver install", repository.folder).code == 0
    repository.save("base")
    repository.git("tag", "base")
    return repository


@pytest.fixture
def repo(
    pypi_run: PypiRun,
    tmp_path: Path,
    index: Index,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> Repository:
    """Give a repository with a project at its top, at a path with a space and a percent sign."""
    isolate(monkeypatch)
    return made(tmp_path / "work 100%tree", index, run)


@pytest.fixture
def forked(repo: Repository, index: Index) -> Repository:
    """Both sides add a package and upgrade gear; ours drops wing, which theirs upgrades."""
    index.add("gear", "1.1")
    index.add("wing", "1.1")
    repo.on("side")
    repo.commit("engine", "wing", "tail", "fan", updated="gear wing")
    index.add("gear", "1.2")
    repo.on("main")
    repo.commit("brake", "engine", "tail", updated="gear")
    for name in ("engine", "gear", "wing", "tail", "fan", "brake"):
        index.add(name, "1.5")
    return repo


MERGED = {"brake": "1.0", "engine": "1.0", "fan": "1.0", "gear": "1.2", "tail": "1.0"}
INTERACTIVELY = ["-c", "sequence.editor=true", "rebase", "-i", "main"]
OPERATIONS = [
    pytest.param("main", ["merge", "side"], id="merge", marks=pytest.mark.contract),
    pytest.param("side", ["rebase", "main"], id="rebase"),
    pytest.param("main", ["cherry-pick", "side"], id="cherry-pick"),
    pytest.param("side", INTERACTIVELY, id="rebase -i", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("branch", "command"), OPERATIONS)
def test_each_pin_comes_from_the_side_that_changed_it_without_network(
    branch: str, command: list[str], forked: Repository, pypi_run: PypiRun
) -> None:
    forked.git("checkout", "-q", branch)
    was = forked.text

    said = forked.git(*command)

    assert "lockguard: poetry.lock: merged by offline, 1 added" in said
    assert pypi_run.server.asked == []
    assert forked.pins == MERGED
    assert forked.is_fresh
    assert forked.status == ""
    assert undisputed(forked, was).items() <= MERGED.items()


def test_a_stash_is_popped_into_a_tree_with_other_changes(
    forked: Repository, pypi_run: PypiRun
) -> None:
    forked.git("checkout", "-q", "base")
    forked.want("engine", "wing", "tail", "fan")
    forked.lock()
    forked.git("stash", "-q")
    forked.git("checkout", "-q", "main")
    attributes = forked.top / ".gitattributes"
    attributes.write_text(f"{attributes.read_text()}*.png binary\n")
    (forked.top / "notes").write_text("not in git")

    said = forked.git("stash", "pop")

    assert "lockguard: poetry.lock: merged by offline, 1 added" in said
    assert pypi_run.server.asked == []
    assert forked.pins == {**MERGED, "fan": "1.5"}
    assert forked.is_fresh
    assert {*forked.status.splitlines()} == {
        " M .gitattributes",
        " M poetry.lock",
        " M pyproject.toml",
        "?? notes",
    }
    assert forked.git("stash", "list") == ""


def test_a_revert_takes_back_what_its_commit_brought_alone(
    repo: Repository, pypi_run: PypiRun
) -> None:
    repo.commit("brake", *BASE)
    repo.commit("brake", *BASE, "fan")

    said = repo.git("revert", "--no-edit", "HEAD~1")

    assert "lockguard: poetry.lock: merged by offline, 1 removed" in said
    assert pypi_run.server.asked == []
    assert repo.pins == dict.fromkeys(("engine", "fan", "gear", "tail", "wing"), "1.0")
    assert repo.is_fresh


def test_of_a_damaged_lock_what_can_be_read_is_kept(forked: Repository) -> None:
    lock = forked.folder / "poetry.lock"
    lock.write_text(forked.text.partition("[metadata]")[0])
    forked.git("commit", "-qam", "cut off")

    said = forked.git("merge", "side")

    assert "lockguard: poetry.lock: merged by relock" in said
    assert forked.pins == MERGED
    assert forked.is_fresh


def undisputed(repo: Repository, ours: str) -> dict[str, str]:
    """Return the pins that ``poetry lock`` with our lock keeps, and nobody else has changed."""
    (repo.folder / "poetry.lock").write_text(ours)
    held = repo.pins
    repo.lock()
    return {name: repo.pins[name] for name in held if name in MERGED and name != "gear"}


def test_of_a_pin_that_both_changed_the_one_that_fits_is_taken(
    repo: Repository, index: Index, pypi_run: PypiRun
) -> None:
    index.add("clutch", "1.0", requires=["gear<1.2"])
    index.add("gear", "1.1")
    repo.on("side")
    repo.commit(*BASE, "clutch", updated="gear")
    index.add("gear", "1.2")
    repo.on("main")
    repo.commit("fan", *BASE, updated="gear")

    repo.git("merge", "side")

    assert repo.pins["gear"] == "1.1"
    assert repo.is_fresh
    assert pypi_run.server.asked == []


def at_odds(repo: Repository, index: Index, *, possible: bool = True, more: str = "") -> None:
    """Both sides add what goes together only with a release that neither has pinned."""
    index.add("gear", "2.0")
    index.add("kit", "1.0", requires=["gear>=2"])
    index.add("frame", "1.0", requires=["gear!=2.0"] if possible else ["gear<2"])
    repo.on("side")
    repo.commit(*BASE, "frame", more=more)
    repo.on("main")
    repo.commit("kit", *BASE, updated="gear", more=more)
    for name in ("wing", "tail", "engine"):
        index.add(name, "3.0")
    index.add("gear", "2.5")


def test_what_no_side_has_comes_from_the_index_and_all_other_pins_stay(
    repo: Repository, index: Index, pypi_run: PypiRun, scratch: Path
) -> None:
    at_odds(repo, index)
    of_a_killed_driver = scratch / "lockguard-merge-1"
    of_another = scratch / "lockguard-merge-2"
    for folder in (of_a_killed_driver, of_another):
        folder.mkdir()
    os.utime(of_a_killed_driver, (0, 0))

    said = repo.git("merge", "side")

    assert [*scratch.iterdir()] == [of_another]

    assert "offline: " not in said
    assert "lockguard: poetry.lock: merged by relock, 1 added, 1 upgraded" in said
    kept = dict.fromkeys(("engine", "frame", "kit", "tail", "wing"), "1.0")
    assert repo.pins == {**kept, "gear": "2.5"}
    assert repo.is_fresh
    assert pypi_run.server.asked != []


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder in which programs put what is temporary."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def test_requirements_that_contradict_one_another_leave_markers_and_poetrys_words(
    repo: Repository, index: Index, scratch: Path
) -> None:
    at_odds(repo, index, possible=False)

    said = repo.git("merge", "side", code=1)

    assert "poetry.lock: not merged: no lock could be made for the merged pyproject.toml" in said
    assert "contradict each other: " in said
    assert "kit needs gear (>=2)" in said
    assert "frame needs gear (<2)" in said
    assert "kit (1.0) depends on gear (>=2)" in said
    assert LEFT in said
    assert_left(repo, scratch)


def assert_left(repo: Repository, scratch: Path) -> None:
    """See that git knows of a conflict, that the markers are git's own, and nothing is left."""
    assert "UU poetry.lock" in repo.status
    assert "?" not in repo.status
    assert list(scratch.iterdir()) == []
    for stage, name in ((1, "base"), (2, "ours"), (3, "theirs")):
        (scratch / name).write_text(repo.git("show", f":{stage}:poetry.lock"))
    repo.git("-C", str(scratch), "merge-file", "ours", "base", "theirs", code=None)
    assert (scratch / "ours").read_text() == repo.text


def test_a_manifest_in_conflict_leaves_markers_until_it_is_resolved(
    repo: Repository, scratch: Path, run: Run
) -> None:
    repo.on("side")
    repo.commit("engine", "wing", "fan")
    repo.on("main")
    repo.commit("engine", "wing", "brake")

    said = repo.git("merge", "side", code=1)

    assert (
        "lockguard: poetry.lock: not merged: both sides changed the same lines of pyproject.toml\n"
        in said
    )
    assert LEFT in said
    assert "UU pyproject.toml" in repo.status
    assert_left(repo, scratch)
    repo.want("engine", "wing", "brake", "fan")
    assert run("lockguard fix", repo.folder).code == 0
    assert repo.pins == dict.fromkeys(("brake", "engine", "fan", "gear", "wing"), "1.0")


def test_a_clone_without_the_driver_merges_text_as_ever(forked: Repository) -> None:
    top = forked.top.parent / "clone"
    clone = Repository(top, top, forked.index)
    forked.git("clone", "-q", str(forked.top), str(clone.top))

    said = clone.git("merge", "origin/side", code=1)

    assert "CONFLICT (content): Merge conflict in poetry.lock" in said
    assert "lockguard:" not in said
    assert "UU poetry.lock" in clone.status
    assert "<<<<<<< HEAD" in clone.text


@pytest.mark.parametrize("signal", ["KILL", "TERM", pytest.param("INT", marks=pytest.mark.slow)])
def test_a_driver_that_is_killed_leaves_markers(
    signal: str, repo: Repository, index: Index, pypi_run: PypiRun, scratch: Path
) -> None:
    at_odds(repo, index)
    pypi_run.server.fault("/", hang())
    pid = repo.top.parent / "pid"
    driver = repo.git("config", "merge.lockguard-lock.driver").strip()
    wrapped = f"echo $$ > {shlex.quote(pid.as_posix())}; exec {driver}".replace("100%t", "100%%t")
    repo.git("config", "merge.lockguard-lock.driver", wrapped)
    killer = threading.Thread(target=kill_when_it_asks, args=(pid, signal, pypi_run))
    killer.start()

    said = repo.git("merge", "side", code=1)

    killer.join()
    assert "Merge conflict in poetry.lock" in said
    if signal == "KILL":  # leaves what only a driver could have taken away, outside the repository
        shutil.rmtree(scratch)
        scratch.mkdir()
    assert_left(repo, scratch)


def kill_when_it_asks(pid: Path, signal: str, pypi_run: PypiRun) -> None:
    until = time.monotonic() + 60
    while not pypi_run.server.asked and time.monotonic() < until:
        time.sleep(0.02)
    subprocess.run(["kill", f"-{signal}", pid.read_text().strip()], check=True)


NO_START = {
    "gone": ("/nowhere/lockguard", "not found"),
    "killed before it began": ("sh -c 'kill -KILL $$'", "Killed"),
    "without its modules": (f"{shlex.quote(sys.executable)} -m nowhere", "No module named nowhere"),
}


@pytest.mark.parametrize(("program", "told"), NO_START.values(), ids=NO_START)
def test_a_driver_that_cannot_start_leaves_markers(
    program: str, told: str, forked: Repository, scratch: Path
) -> None:
    driver = forked.git("config", "merge.lockguard-lock.driver").strip()
    broken = re.sub(r"^.*(?= merge-driver run )", lambda _: program, driver)
    forked.git("config", "merge.lockguard-lock.driver", broken)

    said = forked.git("merge", "side", code=1)

    assert told in said
    assert "Merge conflict in poetry.lock" in said
    assert_left(forked, scratch)


def test_projects_in_subfolders_are_merged_one_by_one_in_a_worktree(
    repo: Repository, pypi_run: PypiRun
) -> None:
    names = ("services/a b", "services/c")
    projects = [Repository(repo.top, repo.top / name, repo.index) for name in names]
    for branch, lists in {
        "main": ((*BASE,), ("engine", "tail")),
        "side": ((*BASE, "fan"), ("engine", "tail", "wing")),
        "main-2": (("brake", *BASE), ("brake", "engine", "tail")),
    }.items():
        if branch != "main":
            repo.git("checkout", "-q", "-B", branch, "main")
        for project, requirements in zip(projects, lists, strict=True):
            project.want(*requirements)
            project.lock()
        repo.save(branch)
    tree = repo.top.parent / "another tree"
    repo.git("worktree", "add", "-q", str(tree), "side")
    there = [Repository(tree, tree / name, repo.index) for name in names]

    said = there[0].git("merge", "main-2")

    assert pypi_run.server.asked == []
    for project, name in zip(there, names, strict=True):
        assert f"lockguard: {name}/poetry.lock: merged by offline, 1 added" in said
        assert project.is_fresh
        assert {"brake", "engine"} < {*project.pins}
    assert there[0].status == ""


def test_what_a_project_requires_by_path_is_merged_with_it(
    repo: Repository, pypi_run: PypiRun
) -> None:
    library = repo.top / "library"
    library.mkdir()
    text = '[project]\nname = "library"\nversion = "1.0"\ndependencies = [{}]\n'
    more = '\n[tool.poetry.group.local.dependencies]\nlibrary = {path = "../library"}\n'
    app = Repository(repo.top, repo.top / "app", repo.index)
    (library / "pyproject.toml").write_text(text.format('"gear"'))
    app.commit(*BASE, more=more)
    repo.git("tag", "-f", "base")
    repo.on("side")
    (library / "pyproject.toml").write_text(text.format('"gear", "fan"'))
    app.commit(*BASE, more=more)
    repo.on("main")
    app.commit("brake", *BASE, more=more)
    assert "fan" not in app.pins

    said = repo.git("merge", "side")

    assert "lockguard: app/poetry.lock: merged by offline, 1 added" in said
    assert app.pins == {**MERGED, "gear": "1.0", "library": "1.0", "wing": "1.0"}
    assert 'url = "../library"' in app.text
    assert app.is_fresh
    assert pypi_run.server.asked == []


def test_a_network_that_fails_leaves_markers(
    repo: Repository, index: Index, pypi_run: PypiRun, scratch: Path
) -> None:
    at_odds(repo, index)
    pypi_run.server.fault("/", status(403))

    said = repo.git("merge", "side", code=1)

    assert "poetry.lock: not merged: no lock could be made for the merged pyproject.toml" in said
    assert "403" in said
    assert_left(repo, scratch)


@pytest.mark.slow
def test_time_that_is_over_leaves_markers(
    repo: Repository, index: Index, pypi_run: PypiRun, scratch: Path
) -> None:
    at_odds(repo, index, more="\n[tool.lockguard]\ntimeout = 2\n")
    pypi_run.server.fault("/", hang())

    said = repo.git("merge", "side", code=1)

    assert "the time limit of 2 s is over" in said
    assert_left(repo, scratch)


def older(text: str) -> str:
    """Return a lock as Poetry 1.8 would have written it."""
    text = re.sub(r"(?m)^groups = .*\n", "", text).replace("by Poetry 2", "by Poetry 1.8.2 2")
    return text.replace('lock-version = "2.1"', 'lock-version = "2.0"')


@pytest.mark.slow
def test_a_lock_of_an_older_format_is_merged_with_the_index_for_what_it_does_not_tell(
    forked: Repository, pypi_run: PypiRun
) -> None:
    lock = forked.folder / "poetry.lock"
    lock.write_text(older(forked.text))
    forked.git("commit", "-qam", "locked by an old Poetry")

    said = forked.git("merge", "side")

    assert "lockguard: poetry.lock: merged by relock" in said
    assert forked.pins == MERGED
    assert forked.is_fresh
    assert pypi_run.server.asked != []


def entries(text: str) -> list[str]:
    return text.partition("[metadata]")[0].split("[[package]]")[1:]


def oldest(text: str) -> str:
    """Return a lock as Poetry 1.1 would have written it: its files are in a table at the end."""
    rows = []
    for one in entries(older(text)):
        name = one.partition('name = "')[2].partition('"')[0]
        rows.append(f"{name} = {one.partition('files = ')[2].partition(']')[0]}]\n")
    text = re.sub(r"(?m)^files = \[[^\]]*\]\n", "", older(text))
    text = text.replace('lock-version = "2.0"', 'lock-version = "1.1"')
    return f"{text}\n[metadata.files]\n{''.join(rows)}"


@pytest.mark.parametrize(("written", "form"), [(older, "2.0"), (oldest, "1.1")])
def test_entries_that_one_side_changed_are_merged_as_they_are_in_an_older_format(
    written: Callable[[str], str],
    form: str,
    repo: Repository,
    index: Index,
    pypi_run: PypiRun,
) -> None:
    def locked(branch: str, *requirements: str, updated: str = "") -> str:
        if branch != "main":
            repo.git("checkout", "-q", "-b", branch, "main")
        repo.want(*requirements)
        repo.lock(*updated.split())
        text = written(repo.text)
        (repo.folder / "poetry.lock").write_text(text)
        repo.git("commit", "-qam", "locked by an old Poetry")
        return text

    base = locked("main", *BASE)
    index.add("wing", "1.1")
    theirs = locked("side", "engine", "wing", "tail", "fan", updated="wing")
    ours = locked("mine", "brake", *BASE)

    said = repo.git("merge", "side")

    assert "lockguard: poetry.lock: merged by offline, 1 added, 1 upgraded" in said
    assert pypi_run.server.asked == []
    assert repo.is_fresh
    merged = repo.text
    assert f'lock-version = "{form}"' in merged
    known = {entry for text in (base, ours, theirs) for entry in entries(text)}
    assert {*entries(merged)} <= known
    assert list(repo.pins) == sorted(repo.pins)
    for pin in parse(merged.encode()).pins:
        assert pin.files
        assert all(f"-{pin.version}" in file.name for file in pin.files)


def test_a_lock_of_a_newer_format_is_never_merged(forked: Repository, scratch: Path) -> None:
    lock = forked.folder / "poetry.lock"
    lock.write_text(forked.text.replace('lock-version = "2.1"', 'lock-version = "3.0"'))
    forked.git("commit", "-qam", "locked by a Poetry of the future")

    said = forked.git("merge", "side", code=1)

    assert "poetry.lock: not merged: one side's lock cannot be used: this Poetry" in said
    assert_left(forked, scratch)


def test_a_range_of_pythons_that_nobody_can_read_is_no_obstacle(forked: Repository) -> None:
    lock = forked.folder / "poetry.lock"
    lock.write_text(forked.text.replace('python-versions = ">=3.10"', 'python-versions = "old"'))
    forked.git("commit", "-qam", "locked for no Python there is")

    said = forked.git("merge", "side")

    assert "merged by offline" in said
    assert '\npython-versions = ">=3.10"\n' in lock.read_text()
    assert '"old"' not in lock.read_text()


_DEFECT = """
import sys
from poetry_lockguard import __main__
from poetry_lockguard.relock import merged_lock

def fail(*_, **__):
    raise ArithmeticError("nobody foresaw this")

merged_lock.merge_locks = fail
sys.exit(__main__.main(sys.argv[1:]))
"""


def test_an_error_that_nobody_foresaw_leaves_markers_and_the_next_step(
    forked: Repository, scratch: Path, tmp_path: Path
) -> None:
    defective = tmp_path / "defective.py"
    defective.write_text(_DEFECT)
    setting = "merge.lockguard-lock.driver"
    _, options = forked.git("config", setting).split(" merge-driver run", 1)
    program = shlex.join([sys.executable, str(defective)])
    forked.git("config", setting, f"{program} merge-driver run{options}")

    said = forked.git("merge", "side", code=1)

    assert "nobody foresaw this" in said
    assert "Traceback" not in said
    assert LEFT in said
    assert_left(forked, scratch)


@pytest.mark.slow
def test_line_endings_stay_ours(forked: Repository) -> None:
    lock = forked.folder / "poetry.lock"
    for branch in ("side", "main"):
        forked.git("checkout", "-q", branch)
        lock.write_bytes(lock.read_bytes().replace(b"\n", b"\r\n"))
        forked.git("commit", "-qam", "CRLF")

    said = forked.git("merge", "side")

    assert "merged by offline" in said
    content = lock.read_bytes()
    assert content.count(b"\r\n") == content.count(b"\n") > 0


def snapshots(repo: Repository, *, theirs: str, of: str = "") -> None:
    """Let both sides resolve a configuration anew: ours the i686 one, theirs the one named."""
    path = repo.folder / "lockguard.lock"
    made = replace(ENGINE, project=replace(ENGINE.project, content_hash=of or manifest_hash(repo)))
    path.write_bytes(writer.render(made))
    repo.save("snapshot")
    repo.git("branch", "start")
    for branch, name, version in (("side", theirs, "1.1"), ("main", "linux-i686-py311", "1.2")):
        repo.on(branch, "start")
        fresh = configuration({"matrix": resolved(version)})
        changed = replace(
            made,
            configurations={**made.configurations, name: fresh},
            packages={**made.packages, "matrix": (entry(), entry("1.1"), entry("1.2"))},
        )
        path.write_bytes(writer.render(changed))
        repo.save(branch)


def manifest_hash(repo: Repository) -> str:
    return content_hash(read(repo.folder / "pyproject.toml").data, RULES[-1])


def test_snapshots_are_merged_by_configurations(repo: Repository) -> None:
    snapshots(repo, theirs="linux-x86_64-py312")

    said = repo.git("merge", "side")

    reading = parse_snapshot((repo.folder / "lockguard.lock").read_bytes(), "lockguard.lock")
    assert "lockguard: lockguard.lock: merged\n" in said
    assert reading.seal is Seal.OK
    assert len(reading.snapshot.configurations) == 3
    assert repo.status == ""


def test_a_configuration_that_both_sides_resolved_anew_leaves_markers(repo: Repository) -> None:
    snapshots(repo, theirs="linux-i686-py311")

    said = repo.git("merge", "side", code=1)

    assert (
        "lockguard: lockguard.lock: not merged: both sides changed"
        " configurations.linux-i686-py311.packages.matrix\n" in said
    )
    assert "lockguard snapshot create" in said
    assert "<<<<<<< ours" in (repo.folder / "lockguard.lock").read_text()
    assert repo.status == "UU lockguard.lock\n"


@pytest.mark.parametrize("is_known", [True, False], ids=["manifest", "manifest in conflict"])
def test_a_snapshot_that_is_not_of_the_merged_manifest_is_merged_and_said_to_be(
    is_known: bool, repo: Repository
) -> None:
    snapshots(repo, theirs="linux-x86_64-py312", of="0" * 64)
    if not is_known:
        for branch in ("side", "main"):
            repo.git("checkout", "-q", branch)
            repo.want(branch)
            repo.save("another manifest")

    said = repo.git("merge", "side", code=0 if is_known else 1)

    assert (
        "lockguard: lockguard.lock: merged; "
        + (
            "it does not fit the merged pyproject.toml: run `lockguard snapshot create`\n"
            if is_known
            else "not compared with the merged pyproject.toml: both sides"
        )
        in said
    )
    content = (repo.folder / "lockguard.lock").read_bytes()
    assert parse_snapshot(content, "lockguard.lock").seal is Seal.OK
    assert "UU lockguard.lock" not in repo.status


def test_a_snapshot_with_a_broken_seal_is_not_merged(repo: Repository) -> None:
    snapshots(repo, theirs="linux-x86_64-py312")
    path = repo.folder / "lockguard.lock"
    path.write_text(path.read_text().replace('"version": "1.2"', '"version": "1.1"', 1))
    repo.git("commit", "-qam", "edited by hand")

    said = repo.git("merge", "side", code=1)

    assert "lockguard: lockguard.lock: not merged: the seal of lockguard.lock (ours) is" in said
    assert repo.status == "UU lockguard.lock\n"


def test_without_its_script_the_program_is_started_by_its_python(
    repo: Repository, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(repo.top))
    assert run("lockguard merge-driver install", repo.folder).code == 0
    assert " -c " in repo.git("config", "merge.lockguard-snapshot.driver")
    snapshots(repo, theirs="linux-x86_64-py312")

    assert "lockguard: lockguard.lock: merged\n" in repo.git("merge", "side")


def test_a_side_that_is_missing_is_named(run: Run, tmp_path: Path) -> None:
    result = run("lockguard merge-driver run gone ours theirs poetry.lock 7", tmp_path)

    assert result.code == 2
    assert result.err.startswith("lockguard: gone: No such file or directory")


def test_text_without_conflict_is_not_said_to_have_markers(repo: Repository, index: Index) -> None:
    index.add("wing", "1.1")
    index.remove("fan", "1.0")
    index.add("fan", "1.0", requires=["nowhere"])
    repo.on("side")
    repo.commit(*BASE, updated="wing")
    repo.on("mine")
    manifest = repo.folder / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace('"engine"', '"engine", "fan"'))
    lock = repo.folder / "poetry.lock"
    lock.write_text(repo.text.replace("# This file", "# Another word\n# This file"))
    repo.git("commit", "-qam", "a requirement that no index can serve")

    said = repo.git("merge", "side", code=1)

    assert "lockguard: poetry.lock: merged as text alone; once that is settled" in said
    assert "conflict markers" not in said
    assert "<<<<<<<" not in repo.text
