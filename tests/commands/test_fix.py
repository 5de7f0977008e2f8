"""What a user gets from ``poetry lockguard fix``, on good networks and bad."""

from __future__ import annotations

import difflib
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING

import pytest
from index import Index, cut, hang, login, status
from poetry.__version__ import __version__
from solving import as_format_2_0, poetry_project, project, stock_lock

from poetry_lockguard import toml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Pypi, PypiRun, Serve
    from index.faults import Fault

    Run = Callable[[str, Path], Result]


@pytest.fixture
def pypi_run(index: Index, pypi: Pypi, monkeypatch: pytest.MonkeyPatch) -> PypiRun:
    """Let a PyPI of two generations of packages answer this process."""
    for version in ("1.0", "1.1"):
        index.add("engine", version, requires=["gear>=1"], extras={"turbo": ["fan"]})
        index.add("gear", version)
        index.add("fan", version)
    index.add("engine", "2.0", requires=["gear>=2"])
    index.add("wing", "1.0", requires=["gear"])
    return pypi(index, here=True)


@pytest.fixture
def locked(pypi_run: PypiRun, tmp_path: Path, run: Run) -> Path:
    """Give a project with a fresh lock."""
    folder = project(tmp_path / "plane", "engine<2", "wing")
    assert run("lockguard fix", folder).code == 0
    return folder


def edit(folder: Path, old: str, new: str) -> None:
    manifest = folder / "pyproject.toml"
    text = manifest.read_text()
    assert old in text
    manifest.write_text(text.replace(old, new))


def lock(folder: Path) -> bytes:
    return (folder / "poetry.lock").read_bytes()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_missing_lock_is_made(pypi_run: PypiRun, tmp_path: Path, run: Run) -> None:
    folder = project(tmp_path / "plane", "engine<2")

    result = run("lockguard fix", folder)

    assert result.code == 0
    assert result.out == ("poetry.lock: created, 2 packages (-v lists them)\n")
    assert names(folder) == ["poetry.lock", "pyproject.toml"]
    assert run("lockguard check", folder).code == 0


def test_the_packages_of_a_first_lock_are_listed_when_asked(
    pypi_run: PypiRun, tmp_path: Path, run: Run
) -> None:
    result = run("lockguard fix -v", project(tmp_path / "plane", "engine<2"))

    assert result.out == (
        "poetry.lock: created, 2 packages\n  added        engine 1.1\n  added        gear 1.1\n"
    )


def test_a_fix_of_the_content_hash_alone_says_that_no_pin_moved(locked: Path, run: Run) -> None:
    whole = lock(locked).decode()
    (locked / "poetry.lock").write_text(re.sub('(content-hash = ")[0-9a-f]+', r"\1abc", whole))

    result = run("lockguard fix --offline", locked)

    assert result.out == "poetry.lock: updated: only the content hash; no pin moved\n"
    assert lock(locked).decode() == whole


def test_a_snapshot_that_is_behind_is_mentioned_with_what_helps(locked: Path, run: Run) -> None:
    target = "--python 3.12 --platform linux-x86_64"
    assert run(f"lockguard snapshot create {target}", locked).code == 0
    assert run("lockguard fix", locked).out == "poetry.lock: fresh, left alone\n"
    edit(locked, ', "wing"', "")
    behind = (
        "lockguard.lock: behind poetry.lock; `poetry lockguard snapshot sync` makes it follow the"
        " lock\n"
    )

    fixed = run("lockguard fix", locked)
    document = json.loads(run("lockguard fix --format json", locked).out)
    moved = run("lockguard update engine==1.0", locked)

    assert fixed.out.endswith(behind)
    assert document["snapshot_behind"] == "lockguard.lock"
    assert moved.out.endswith(behind)
    assert run("lockguard snapshot sync", locked).code == 0
    assert run("lockguard fix", locked).out == "poetry.lock: fresh, left alone\n"


def test_a_fresh_lock_is_left_alone(locked: Path, run: Run) -> None:
    os.utime(locked / "poetry.lock", (1, 1))
    before = lock(locked)

    result = run("lockguard fix", locked)

    assert (result.code, result.out, result.err) == (0, "poetry.lock: fresh, left alone\n", "")
    assert lock(locked) == before
    assert (locked / "poetry.lock").stat().st_mtime == 1


def test_a_dropped_requirement_needs_no_network(locked: Path, pypi_run: PypiRun, run: Run) -> None:
    pypi_run.server.fault("/", status(403))
    edit(locked, ', "wing"', "")

    result = run("lockguard fix --offline", locked)

    assert result.out == "poetry.lock: fixed by offline, 1 removed\n  removed      wing 1.0\n"
    assert result.err.startswith("offline: solved (")


def test_a_new_requirement_keeps_every_pin(
    locked: Path, index: Index, pypi_run: PypiRun, run: Run
) -> None:
    index.add("gear", "1.2")
    edit(locked, '"wing"', '"wing", "fan"')

    result = run("lockguard fix", locked)

    assert result.out == "poetry.lock: fixed by relock, 1 added\n  added        fan 1.1\n"
    assert "declined" not in result.err


def test_what_did_not_apply_is_listed_when_asked(locked: Path, run: Run) -> None:
    edit(locked, '"wing"', '"wing", "fan"')

    result = run("lockguard fix -v", locked)

    assert "offline: declined: fan: not in the lock (" in result.err


DRIFT = "poetry.lock: stale\n  wing: locked at 1.0, but nothing declared needs it any more\n"


def test_what_drifted_is_told_before_anything_is_tried(locked: Path, run: Run) -> None:
    edit(locked, ', "wing"', "")

    result = run("lockguard fix -v", locked)

    assert result.code == 0
    assert result.err.startswith(DRIFT)
    assert "offline: solved (" in result.err.removeprefix(DRIFT)


def test_what_drifted_is_told_once_whether_or_not_it_was_told_before(
    locked: Path, run: Run
) -> None:
    edit(locked, '"wing"', '"wing", "gear<1"')

    results = [run(f"lockguard fix {option}", locked) for option in ("", "-v")]

    assert [result.err.count("poetry.lock: stale\n") for result in results] == [1, 1]


CHANGES = {"drop": (', "wing"', ""), "add": ('"wing"', '"wing", "fan"')}


@pytest.mark.parametrize(("old", "new"), CHANGES.values(), ids=CHANGES)
def test_the_lock_is_the_one_stock_poetry_writes(
    old: str, new: str, locked: Path, pypi_run: PypiRun, run: Run
) -> None:
    edit(locked, old, new)

    run("lockguard fix", locked)

    assert lock(locked).decode() == stock_lock(locked, pypi_run.environ)


def test_dry_run_leaves_everything(locked: Path, run: Run) -> None:
    edit(locked, ', "wing"', "")
    before, listed = lock(locked), names(locked)

    result = run("lockguard fix --dry-run", locked)

    assert result.out.startswith("poetry.lock: would be fixed by offline, 1 removed\n")
    assert (lock(locked), names(locked)) == (before, listed)


def test_json_is_one_document(locked: Path, run: Run) -> None:
    edit(locked, ', "wing"', "")

    result = run("lockguard fix --format json", locked)

    document = json.loads(result.out)
    assert document["attempts"][0].pop("seconds") >= 0
    assert [problem["code"] for problem in document.pop("problems")] == ["requirement-removed"]
    assert document == {
        "lockguard": 1,
        "command": "fix",
        "status": "fixed",
        "path": ".",
        "strategy": "offline",
        "attempts": [{"strategy": "offline", "outcome": "solved", "reason": None}],
        "changes": [{"package": "wing", "kind": "removed", "from": "1.0", "to": None}],
    }


def test_a_version_no_index_has_ends_it_with_the_newest_there_is(locked: Path, run: Run) -> None:
    edit(locked, '"wing"', '"wing", "gear<1"')
    before = lock(locked)

    result = run("lockguard fix", locked)

    assert (result.code, result.out) == (1, "poetry.lock: could not be fixed\n")
    assert result.err.endswith(
        "Resolving dependencies...\n"
        "poetry.lock: stale\n"
        "  gear: declared (<1), locked at 1.1, which does not fit\n"
        "gear (<1) is in no index; the newest there is 1.1. With -v Poetry explains it in full.\n"
        "Change the requirements in pyproject.toml and run this again.\n"
        "poetry.lock is untouched.\n"
    ), result.err
    assert lock(locked) == before


def test_a_package_that_no_index_has_is_called_by_its_name(locked: Path, run: Run) -> None:
    edit(locked, '"wing"', '"wing", "Gaer>=1"')

    result = run("lockguard fix", locked)

    assert result.err.lower().count("gaer") == 2  # once as new, once as unknown
    assert result.err.endswith(
        "No index has a package called Gaer. With -v Poetry explains it in full.\n"
        "Correct the name in pyproject.toml, or add the source that has it, and run this again.\n"
        "poetry.lock is untouched.\n"
    ), result.err


def test_a_name_misspelled_in_the_manifest_is_found_in_the_lock(locked: Path, run: Run) -> None:
    edit(locked, '"wing"', '"wingg"')

    result = run("lockguard fix", locked)

    assert result.err.endswith(
        "No index has a package called wingg. With -v Poetry explains it in full.\n"
        "Correct the name in pyproject.toml to wing, if that is meant,"
        " or add the source that has it, and run this again.\n"
        "poetry.lock is untouched.\n"
    ), result.err


def test_what_an_explicit_source_s_package_needs_is_to_be_bound_to_it(
    locked: Path, serve: Serve, run: Run
) -> None:
    own = Index()
    own.add("corp-app", "1.0", requires=["corp-base>=1"])
    own.add("corp-base", "1.0")
    manifest = locked / "pyproject.toml"
    edit(locked, '"wing"', '"wing", "corp-app>=1"')
    manifest.write_text(
        f"{manifest.read_text()}\n[tool.poetry.dependencies]\ncorp-app = {{source = 'corp'}}\n"
        f"[[tool.poetry.source]]\nname = 'corp'\nurl = '{serve(own).url}'\npriority = 'explicit'\n"
    )

    result = run("lockguard fix", locked)

    assert result.err.endswith(
        "No index has a package called corp-base, which corp-app needs."
        " With -v Poetry explains it in full.\n"
        "Bind corp-base to the source corp in pyproject.toml, as corp-app is, and run this again.\n"
        "poetry.lock is untouched.\n"
    ), result.err


def test_a_missing_build_requirement_is_not_looked_for_in_the_manifest(
    locked: Path, run: Run
) -> None:
    lib = locked / "lib"
    lib.mkdir()
    (lib / "setup.py").write_text("")
    (lib / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["no-such-backend"]\nbuild-backend = "no_such"\n'
    )
    edit(locked, '"wing"', f'"wing", "lib @ {lib.as_uri()}"')

    result = run("lockguard fix", locked)

    assert "no-such-backend, which is needed to build a dependency" in result.err, result.err
    assert "Correct [build-system] of that dependency, or add the source" in result.err


def test_advice_of_poetrys_is_plain_text_and_given_once(
    locked: Path, index: Index, run: Run
) -> None:
    for version in ("3.0", "3.1", "3.2"):
        index.add("fan", version, python=">=3.12")
    edit(locked, '"wing"', '"wing", "fan>=3"')

    result = run("lockguard fix --format json", locked)

    reason = json.loads(result.out)["attempts"][-1]["reason"]
    assert reason.count("fan requires Python >=3.12") == 1
    assert reason.count("For fan, a possible solution would be to set the `python` property") == 1
    assert not re.search(r"<(?:fg=|/)", reason + result.err)


FAULTS: dict[str, tuple[Fault, str]] = {
    "refused": (status(403), "answered 403 Forbidden"),
    "login page": (login(), "answered with a web page (a login?)"),
    "server error": (status(503), "answered 503 Service Unavailable"),
    "cut short": (cut(), ""),
}


@pytest.mark.parametrize(("fault", "cause"), FAULTS.values(), ids=FAULTS)
def test_a_failing_network_moves_no_pin(
    fault: Fault, cause: str, locked: Path, pypi_run: PypiRun, run: Run
) -> None:
    pypi_run.server.fault("/", fault)
    edit(locked, '"wing"', '"wing", "fan"')
    before = lock(locked)

    result = run("lockguard fix --retries 0 --timeout 4 -v", locked)

    assert result.code == 1
    assert cause in result.err, result.err
    assert "regenerate: declined: the network has just failed" in result.err
    assert result.err.endswith(
        "Next: check the network, or name an index that can be reached with --mirror URL,"
        " then run `poetry lockguard fix` again\n"
        "poetry.lock is untouched.\n"
    )
    assert lock(locked) == before
    assert names(locked) == ["poetry.lock", "pyproject.toml"]


def test_a_network_that_hangs_ends_with_the_time(locked: Path, pypi_run: PypiRun, run: Run) -> None:
    pypi_run.server.fault("/", hang(30))
    edit(locked, '"wing"', '"wing", "fan"')
    before = lock(locked)

    result = run("lockguard fix --retries 0 --timeout 1 -v", locked)

    assert result.code == 1
    assert "relock: failed: the time limit of 1 s is over (" in result.err
    assert "regenerate: declined: the time limit has run out (" in result.err
    assert result.err.endswith(
        "Next: check the network, or give it more time with --timeout,"
        " then run `poetry lockguard fix` again\n"
        "poetry.lock is untouched.\n"
    )
    assert lock(locked) == before


def test_an_index_that_poetry_itself_asks_in_vain_is_a_network_that_failed(
    locked: Path, run: Run
) -> None:
    edit(locked, '"wing"', '"wing", "sail @ git+http://127.0.0.1:9/sail.git"')

    result = run("lockguard fix -v", locked)

    assert result.code == 1
    assert re.search(r"^relock: failed: .*127\.0\.0\.1", result.err, re.MULTILINE)
    assert "regenerate: declined: the network has just failed (" in result.err


@pytest.mark.parametrize("is_there", [True, False], ids=["an empty folder", "nothing"])
def test_a_path_that_leads_nowhere_ends_it_at_once(is_there: bool, locked: Path, run: Run) -> None:
    if is_there:
        (locked / "sail").mkdir()
    edit(locked, '"wing"', f'"wing", "sail @ {(locked / "sail").as_uri()}"')
    before = lock(locked)

    result = run("lockguard fix", locked)

    assert result.code == 1
    assert "salvage" not in result.err
    assert "regenerate" not in result.err
    assert result.err.endswith(
        f"Next: put sail at {locked / 'sail'}, or drop the requirement,"
        " then run `poetry lockguard fix` again\n"
        "poetry.lock is untouched.\n"
    )
    assert lock(locked) == before


def test_a_lock_that_poetry_stumbles_over_is_told_of_in_a_sentence(locked: Path, run: Run) -> None:
    text = lock(locked).decode()
    (locked / "poetry.lock").write_text(text.replace('gear = ">=1"', "gear = {path = 3}"))
    edit(locked, ', "wing"', "")

    result = run("lockguard fix --strategy relock", locked)

    assert result.code == 1
    assert "relock: failed: Poetry could not work with the lock: TypeError: " in result.err


def test_what_failed_is_listed_without_the_rungs_that_did_not_apply(
    locked: Path, pypi_run: PypiRun, run: Run
) -> None:
    pypi_run.server.fault("/", status(403))
    edit(locked, '"wing"', '"wing", "fan"')

    result = run("lockguard fix --retries 0", locked)

    assert "relock: failed: " in result.err
    assert "declined" not in result.err


def test_offline_lists_no_rung_that_needs_the_network(locked: Path, run: Run) -> None:
    edit(locked, '"wing"', '"wing", "fan"')

    result = run("lockguard fix --offline", locked)

    assert result.code == 1
    assert re.findall(r"^(\w+): declined: (.*) \(", result.err, re.MULTILINE) == [
        ("offline", "fan: not in the lock")
    ]


def test_offline_says_what_it_would_need(locked: Path, run: Run) -> None:
    edit(locked, '"wing"', '"wing", "fan"')

    result = run("lockguard fix --offline -v", locked)

    assert result.code == 1
    assert "relock: declined: it needs the network, and --offline forbids it (" in result.err
    assert result.err.endswith(
        "Next: run `poetry lockguard fix` again with network access, without --offline\n"
        "poetry.lock is untouched.\n"
    )


@pytest.mark.parametrize("diff3", [False, True], ids=["merge", "diff3"])
def test_a_merge_conflict_keeps_the_pins_of_both_sides(
    diff3: bool, locked: Path, index: Index, run: Run
) -> None:
    text = lock(locked).decode()
    index.add("engine", "1.2", requires=["gear>=1"])
    base = "||||||| base\n" if diff3 else ""
    head, metadata = text.split("[metadata]\n")
    theirs = metadata.replace('content-hash = "', 'content-hash = "0')
    conflict = f"<<<<<<< HEAD\n{metadata}{base}=======\n{theirs}>>>>>>> theirs\n"
    (locked / "poetry.lock").write_text(f"{head}[metadata]\n{conflict}")

    result = run("lockguard fix", locked)

    assert result.code == 0
    assert "salvage: solved (3 pins salvaged from both sides of the merge conflict)" in result.err
    assert lock(locked).decode() == text


def test_a_truncated_lock_keeps_what_can_be_read(locked: Path, index: Index, run: Run) -> None:
    whole = lock(locked)
    index.add("engine", "1.2", requires=["gear>=1"])
    index.add("gear", "1.2")
    (locked / "poetry.lock").write_bytes(whole[: whole.index(b"[metadata]") - 20])

    result = run("lockguard fix", locked)

    assert "salvage: solved (3 pins salvaged from its readable parts)" in result.err
    assert lock(locked) == whole


def test_the_lost_pins_of_a_truncated_lock_come_from_git(
    locked: Path, index: Index, run: Run
) -> None:
    whole = lock(locked)
    commit(locked)
    for name in ("engine", "gear", "wing"):
        index.add(name, "1.9")
    (locked / "poetry.lock").write_bytes(whole[: whole.index(b'name = "gear"')])

    result = run("lockguard fix", locked)

    readable = "salvage: solved (1 pin salvaged from its readable parts, 2 from the lock at HEAD)"
    assert readable in result.err
    assert lock(locked) == whole


def test_an_empty_lock_is_made_anew(locked: Path, run: Run) -> None:
    whole = lock(locked)
    (locked / "poetry.lock").write_bytes(b"")

    result = run("lockguard fix -v", locked)

    assert "salvage: declined: no pin could be read, neither here nor in git (" in result.err
    assert result.out.startswith("poetry.lock: fixed by regenerate, ")
    assert lock(locked) == whole


def test_a_lock_of_a_newer_format_is_never_overwritten(locked: Path, run: Run) -> None:
    newer = lock(locked).replace(b'lock-version = "2.1"', b'lock-version = "9.0"')
    (locked / "poetry.lock").write_bytes(newer)

    result = run("lockguard fix --strategy regenerate", locked)

    assert result.code == 2
    assert result.err.startswith("lockguard: poetry.lock: this Poetry does not read format 9.0")
    assert lock(locked) == newer


def test_no_temporary_folder_is_needed_that_a_kill_could_leave(
    locked: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(locked / "absent"))
    edit(locked, ', "wing"', "")

    result = run("lockguard fix", locked)

    assert result.out.startswith("poetry.lock: fixed by offline, 1 removed\n")


def test_crlf_stays(locked: Path, run: Run) -> None:
    edit(locked, ', "wing"', "")
    (locked / "poetry.lock").write_bytes(lock(locked).replace(b"\n", b"\r\n"))

    run("lockguard fix", locked)

    assert lock(locked).count(b"\n") == lock(locked).count(b"\r\n") > 10


def test_a_package_missing_from_a_fresh_lock_comes_back(locked: Path, run: Run) -> None:
    whole = lock(locked).decode()
    start, end = (
        whole.index('[[package]]\nname = "gear"'),
        whole.index('[[package]]\nname = "wing"'),
    )
    (locked / "poetry.lock").write_text(whole[:start] + whole[end:])

    result = run("lockguard fix", locked)

    assert result.code == 0
    assert lock(locked).decode() == whole


def test_only_the_named_strategies_are_tried(locked: Path, run: Run) -> None:
    edit(locked, '"wing"', '"wing", "fan"')

    result = run("lockguard fix --strategy offline", locked)

    assert result.code == 1
    assert result.err.count("declined") == 1


def test_an_unknown_strategy_is_a_usage_error(locked: Path, run: Run) -> None:
    result = run("lockguard fix --strategy magic", locked)

    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "lockguard: --strategy: expected one of offline, relock, salvage, regenerate, not 'magic'\n"
    )


def test_all_projects_below_are_fixed_and_the_worst_is_the_exit_code(
    locked: Path, run: Run
) -> None:
    project(locked / "sub", "engine<2")
    project(locked / "bad", "engine<1")

    result = run("lockguard fix -r . --format json", locked)

    document = json.loads(result.out)
    found = {one["path"]: one["status"] for one in document["projects"]}
    assert found == {".": "fresh", "bad": "failed", "sub": "fixed"}
    assert (result.code, document["status"]) == (1, "mixed")


def test_the_manifest_is_never_written(locked: Path, run: Run) -> None:
    edit(locked, ', "wing"', "")
    os.utime(locked / "pyproject.toml", (1, 1))

    run("lockguard fix", locked)

    assert (locked / "pyproject.toml").stat().st_mtime == 1


def commit(folder: Path) -> None:
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "lock"],
    ):
        subprocess.run(["git", *command], cwd=folder, check=True)


def conflict(text: str) -> str:
    """Return the lock with gear 1.0 on our side of a merge conflict, and with 1.1 on theirs."""
    start, end = text.index('[[package]]\nname = "gear"'), text.index('[[package]]\nname = "wing"')
    gear = text[start:end]
    sides = f"<<<<<<< HEAD\n{gear.replace('1.1', '1.0')}=======\n{gear}>>>>>>> theirs\n"
    return text[:start] + sides + text[end:]


def test_an_empty_lock_takes_its_pins_from_git(locked: Path, index: Index, run: Run) -> None:
    whole = lock(locked)
    commit(locked)
    index.add("engine", "1.2", requires=["gear>=1"])
    (locked / "poetry.lock").write_bytes(b"")

    result = run("lockguard fix", locked)

    assert "salvage: solved (3 pins salvaged from the lock at HEAD)" in result.err
    assert lock(locked) == whole


def test_a_package_pinned_differently_by_two_branches_keeps_the_newer_pin(
    locked: Path, run: Run
) -> None:
    text = lock(locked).decode()
    (locked / "poetry.lock").write_text(conflict(text))

    result = run("lockguard fix", locked)

    assert "salvage: solved (4 pins salvaged from both sides of the merge conflict)" in result.err
    assert result.out == (
        "poetry.lock: fixed by salvage, 1 upgraded\n  upgraded     gear 1.0 -> 1.1\n"
    )
    assert lock(locked).decode() == text


def test_a_salvaged_lock_is_also_compared_with_head(locked: Path, run: Run) -> None:
    commit(locked)
    (locked / "poetry.lock").write_text(conflict(lock(locked).decode()))

    result = run("lockguard fix", locked)

    assert result.out == (
        "poetry.lock: fixed by salvage; compared with its readable parts: 1 upgraded\n"
        "  upgraded     gear 1.0 -> 1.1\n"
        "  compared with HEAD: no changes\n"
    )


def test_what_a_merge_brought_is_named_though_no_pin_of_the_damaged_lock_moved(
    locked: Path, run: Run
) -> None:
    commit(locked)
    text = lock(locked).decode()
    edit(locked, '"wing"', '"wing", "fan"')
    assert run("lockguard fix", locked).code == 0
    theirs = lock(locked).decode()
    hashes = [line for side in (text, theirs) for line in side.splitlines() if "content-" in line]
    marked = f"<<<<<<< HEAD\n{hashes[0]}\n=======\n{hashes[1]}\n>>>>>>> theirs"
    (locked / "poetry.lock").write_text(theirs.replace(hashes[1], marked))

    result = run("lockguard fix", locked)

    first, *rest = result.out.splitlines()
    assert first == "poetry.lock: fixed by salvage; compared with its readable parts: no changes"
    assert [line for line in rest if "fan" in line] == ["  added        fan 1.1"]
    (locked / "poetry.lock").write_text(theirs.replace(hashes[1], marked))
    document = json.loads(run("lockguard fix --dry-run --format json", locked).out)
    rows = [*document["changes"], *document["since_head"]]
    assert [row["package"] for row in rows if row["kind"] == "added"] == ["fan"]


def test_a_lock_of_which_nothing_can_be_read_is_compared_with_head(locked: Path, run: Run) -> None:
    commit(locked)
    (locked / "poetry.lock").write_bytes(b"")

    result = run("lockguard fix", locked)

    assert result.out == "poetry.lock: fixed by salvage; compared with HEAD: no changes\n"


BACKEND = """
import os, warnings
warnings.warn("a banner of many lines")
print("a banner on stdout")

def get_requires_for_build_wheel(config_settings=None):
    return []

def prepare_metadata_for_build_wheel(folder, config_settings=None):
    os.mkdir(os.path.join(folder, "sail-1.0.dist-info"))
    with open(os.path.join(folder, "sail-1.0.dist-info", "METADATA"), "w") as file:
        file.write("Metadata-Version: 2.1\\nName: sail\\nVersion: 1.0\\n")
    return "sail-1.0.dist-info"
"""


def test_what_a_build_backend_prints_is_shown_only_if_the_build_fails(
    tmp_path_factory: pytest.TempPathFactory, start: Run
) -> None:
    tmp_path = tmp_path_factory.mktemp("b")  # a report cuts long messages, which name the folder
    folder = poetry_project(tmp_path / "plane", 'sail = {path = "../sail"}')
    (tmp_path / "sail").mkdir()
    (tmp_path / "sail" / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    )
    backend = tmp_path / "sail" / "backend.py"
    backend.write_text(BACKEND)

    good = start("lockguard fix", folder)
    (folder / "poetry.lock").unlink()
    backend.write_text(BACKEND + "raise RuntimeError('no compiler')\n")
    bad = start("lockguard fix", folder)

    assert (good.code, "banner" in good.out + good.err) == (0, False), good.err
    assert (bad.code, "a banner on stdout" in bad.err) == (1, True), bad.err


def test_a_write_that_fails_says_so_and_leaves_the_old_lock(locked: Path, run: Run) -> None:
    edit(locked, ', "wing"', "")
    before = lock(locked)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, hard))
    try:
        result = run("lockguard fix", locked)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert (result.code, lock(locked), names(locked)) == (
        1,
        before,
        ["poetry.lock", "pyproject.toml"],
    )
    assert result.err.count("File too large") == 1


def test_an_interrupt_leaves_the_old_lock_and_no_traceback(locked: Path, pypi_run: PypiRun) -> None:
    edit(locked, '"wing"', '"wing", "fan"')
    before = lock(locked)
    pypi_run.server.fault("/", hang(60))
    pypi_run.server.asked.clear()
    command = [sys.executable, "-m", "poetry_lockguard", "fix", "--strategy", "relock"]
    program = subprocess.Popen(
        command, cwd=locked, env=pypi_run.environ, stderr=subprocess.PIPE, text=True
    )
    with program:
        late = time.monotonic() + 60
        while not pypi_run.server.asked and time.monotonic() < late:
            time.sleep(0.05)
        program.send_signal(signal.SIGINT)
        _, said = program.communicate(timeout=60)

    assert program.returncode not in {0, None}
    assert "Traceback" not in said
    assert lock(locked) == before


@pytest.mark.parametrize(
    ("cached", "said"),
    [(True, "offline: solved ("), (False, "offline: solved (")],
    ids=["with Poetry's cache", "without"],
)
def test_a_pin_that_is_needed_in_several_ways_is_kept(  # noqa: PLR0913, PLR0917 - fixtures
    cached: bool, said: str, locked: Path, index: Index, run: Run, poetry_home: Path
) -> None:
    index.add("mast", "1.0", requires=["rotor; sys_platform == 'win32'"])
    index.add("tail", "1.0", requires=["rotor"])
    index.add("rotor", "1.0", requires=["gear; sys_platform != 'win32'", "fan"])
    edit(locked, '"wing"', '"wing", "mast", "tail"')
    assert run("lockguard fix", locked).code == 0
    edit(locked, '"wing", ', "")
    if not cached:
        shutil.rmtree(poetry_home / "cache")

    result = run("lockguard fix --offline", locked)

    assert result.err.startswith(said)


def test_what_a_pin_does_not_tell_is_taken_from_a_stand_ins_cache_too(
    index: Index, pypi: Pypi, tmp_path: Path, run: Run
) -> None:
    pypi(index, here=True, json=False)
    for name in ("wing", "gear", "fan"):
        index.add(name, "1.0")
    index.add("mast", "1.0", requires=["rotor; sys_platform == 'win32'"])
    index.add("tail", "1.0", requires=["rotor"])
    index.add("rotor", "1.0", requires=["gear; sys_platform != 'win32'", "fan"])
    folder = project(tmp_path / "plane", "wing", "mast", "tail")
    assert run("lockguard fix", folder).code == 0
    edit(folder, '"wing", ', "")

    result = run("lockguard fix --offline", folder)

    assert result.err.startswith("offline: solved (")


@pytest.mark.parametrize("cached", [True, False], ids=["with Poetry's cache", "without"])
def test_what_an_entry_leaves_out_of_an_extra_is_looked_up_in_the_caches(
    cached: bool, locked: Path, run: Run, poetry_home: Path
) -> None:
    edit(locked, '"wing"', '"wing", "fan"')
    assert run("lockguard fix", locked).code == 0
    edit(locked, '"engine<2"', '"engine[turbo]<2"')
    if not cached:
        shutil.rmtree(poetry_home / "cache")

    result = run("lockguard fix --offline", locked)

    assert result.err.startswith(
        "offline: solved ("
        if cached
        else "offline: declined: engine: the lock lacks a dependency of its extra turbo (fan)"
    )
    assert run("lockguard check --deep", locked).code == (0 if cached else 1)


@pytest.mark.parametrize("cached", [True, False], ids=["with Poetry's cache", "without"])
def test_a_lock_of_poetry_1_8_keeps_its_format(
    cached: bool, locked: Path, pypi_run: PypiRun, run: Run, poetry_home: Path
) -> None:
    (locked / "poetry.lock").write_text(as_format_2_0(lock(locked).decode(), "1.8.4"))
    edit(locked, ', "wing"', "")
    if not cached:
        shutil.rmtree(poetry_home / "cache")

    result = run("lockguard fix", locked)

    assert result.out.startswith("poetry.lock: fixed by offline, 1 removed")
    assert run("lockguard check --deep", locked).code == 0
    made = lock(locked).decode()
    stock = stock_lock(locked, pypi_run.environ)
    assert made == as_format_2_0(stock, __version__), "1.8 knows no [project]"


def test_a_lock_of_poetry_1_8_stays_one_where_1_8_can_read_the_manifest(
    pypi_run: PypiRun, tmp_path: Path, run: Run
) -> None:
    folder = poetry_project(tmp_path / "plane", 'engine = "<2"')
    assert run("lockguard fix", folder).code == 0
    before = as_format_2_0(lock(folder).decode(), "1.8.4")
    (folder / "poetry.lock").write_text(before)
    edit(folder, 'engine = "<2"', 'engine = "<2"\nwing = "*"')

    result = run("lockguard fix", folder)

    assert result.out.startswith("poetry.lock: fixed by relock, 1 added\n")
    added, removed = changed(before, lock(folder).decode())
    assert removed == [line for line in before.splitlines() if line.startswith("content-hash")]
    assert added[:3] == ["", "[[package]]", 'name = "wing"'] or added[0] == "[[package]]"
    assert len(added) < 20
    assert not [line for line in added if line.startswith(("groups", "markers", "lock-version"))]
    assert lock(folder).startswith(b"# This file is automatically @generated by Poetry 1.8.4 ")


def test_newest_is_as_poetry_itself_writes_it(locked: Path, pypi_run: PypiRun, run: Run) -> None:
    older = as_format_2_0(lock(locked).decode(), "1.8.4")
    (locked / "poetry.lock").write_text(older)
    edit(locked, ', "wing"', "")

    result = run("lockguard fix --lock-format newest", locked)

    assert result.code == 0
    assert lock(locked).decode() == stock_lock(locked, pypi_run.environ)


def test_the_settings_can_ask_for_the_newest(locked: Path, pypi_run: PypiRun, run: Run) -> None:
    older = as_format_2_0(lock(locked).decode(), "1.8.4")
    (locked / "poetry.lock").write_text(older)
    edit(locked, ', "wing"', "")
    with (locked / "pyproject.toml").open("a") as manifest:
        manifest.write('\n[tool.lockguard]\nlock-format = "newest"\n')

    kept = run("lockguard fix --dry-run --lock-format keep --format json", locked)
    result = run("lockguard fix", locked)

    assert (kept.code, result.code) == (0, 0)
    assert lock(locked).decode() == stock_lock(locked, pypi_run.environ)


def test_an_unknown_lock_format_is_refused(locked: Path, run: Run) -> None:
    result = run("lockguard fix --lock-format oldest", locked)

    assert result.code == 2
    assert "--lock-format: expected one of keep, newest, not 'oldest'" in result.err


def test_a_lock_of_format_1_1_moves_up_by_a_relock(
    locked: Path, pypi_run: PypiRun, run: Run, poetry_home: Path
) -> None:
    (locked / "poetry.lock").write_text(as_format_1_1(lock(locked).decode()))
    edit(locked, '"wing"', '"wing", "fan"')

    result = run("lockguard fix", locked)

    assert result.code == 0
    assert lock(locked).decode() == stock_lock(locked, pypi_run.environ)


def as_format_1_1(text: str) -> str:
    """Write the files below [metadata], as Poetry 1.1 did, and no header."""
    data = toml.loads(text)
    text = as_format_2_0(text, "1.1").partition("\n\n")[2]
    text = re.sub(r"^files = \[\n(?:    .*\n)*\]\n", "", text, flags=re.MULTILINE)
    text = text.replace("optional = false", 'category = "main"\noptional = false')
    rows = [
        f"{entry['name']} = ["
        + ", ".join(f'{{file = "{f["file"]}", hash = "{f["hash"]}"}}' for f in entry["files"])
        + "]\n"
        for entry in data["package"]
    ]
    return text.replace('"2.0"', '"1.1"') + "\n[metadata.files]\n" + "".join(rows)


def test_a_lock_of_poetry_1_1_stays_one_where_its_pins_serve_more_pythons(
    pypi_run: PypiRun, tmp_path: Path, run: Run
) -> None:
    folder = poetry_project(tmp_path / "plane", 'engine = "<2"', python="~3.10")
    assert run("lockguard fix", folder).code == 0
    before = as_format_1_1(lock(folder).decode())
    (folder / "poetry.lock").write_text(before)
    edit(folder, "~3.10", ">=3.10")

    result = run("lockguard fix --no-cache --strategy relock", folder)

    assert result.out == (
        "poetry.lock: updated: only the Python range and the content hash; no pin moved\n"
        "  lock         python-versions ~3.10 -> >=3.10\n"
    ), result.err
    added, removed = changed(before, lock(folder).decode())
    assert [line.partition(" ")[0] for line in added] == ["python-versions", "content-hash"]
    assert len(removed) == len(added)


def test_one_requirement_more_is_one_package_more(
    locked: Path, pypi_run: PypiRun, run: Run
) -> None:
    foreign = re.sub(r"by Poetry [^ ]+ ", "by Poetry 2.0.1 ", lock(locked).decode(), count=1)
    before = foreign.replace('gear = ">=1"', "gear = '>=1.0'  # by hand").replace("\n", "\r\n")
    (locked / "poetry.lock").write_bytes(before.encode())
    edit(locked, '"wing"', '"wing", "fan"')

    result = run("lockguard fix", locked)

    assert result.out.startswith("poetry.lock: fixed by relock, 1 added\n")
    after = lock(locked).decode()
    fan = after[after.index('[[package]]\r\nname = "fan"') :].partition(
        '[[package]]\r\nname = "gear'
    )[0]
    digest = re.compile(r'(?<=content-hash = ")[0-9a-f]+')
    assert digest.sub("", after.replace(fan, "")) == digest.sub("", before)
    assert after.count("\n") == after.count("\r\n")


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    """Return the lines that were added and removed."""
    diff = [*difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")][2:]
    return (
        [line[1:] for line in diff if line.startswith("+")],
        [line[1:] for line in diff if line.startswith("-")],
    )


def test_no_cache_is_poetrys_own_option(locked: Path, run: Run) -> None:
    edit(locked, '"wing"', '"wing", "fan"')

    result = run("lockguard fix --no-cache", locked)

    assert result.out.startswith("poetry.lock: fixed by relock, 1 added\n")


REFUSED = {
    "dependencies that are no list": (
        'dependencies = ["engine<2", "wing"]',
        'dependencies = "engine"',
        "project.dependencies must be array",
    ),
    "a source without address": (
        "[project]",
        '[[tool.poetry.source]]\nname = "spare"\n\n[project]',
        "spare",
    ),
    "a requirement with a slip": (
        "[project]",
        '[tool.poetry.dependencies]\nfan = {versoin = "2"}\n\n[project]',
        "tool.poetry.dependencies.fan must be valid exactly by one definition",
    ),
    "a Poetry yet to come": (
        ', "wing"]\n\n[tool.poetry]',
        ']\n\n[tool.poetry]\nrequires-poetry = ">=99"',
        "This project requires Poetry >=99",
    ),
}


@pytest.mark.parametrize(("old", "new", "said"), REFUSED.values(), ids=REFUSED)
def test_a_manifest_that_poetry_refuses_is_one_line(
    old: str, new: str, said: str, locked: Path, run: Run
) -> None:
    edit(locked, old, new)
    before = lock(locked)

    result = run("lockguard fix", locked)

    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert result.err.startswith("lockguard: pyproject.toml: Poetry refuses it: ")
    assert said in result.err
    assert lock(locked) == before


@pytest.mark.parametrize(
    ("locked", "said"),
    [
        ('fast = ["gear"]', "extra fast: declared with fan, gear, locked with gear"),
        ('fast = ["fan", "gear"]\nmore = ["fan"]', "extra more: not declared, locked with fan"),
        ('quick = ["fan", "gear"]', "extra quick: called fast now, with fan, gear"),
        ("", "extra fast: declared with fan, gear, not locked"),
    ],
    ids=["narrower", "wider", "renamed", "none"],
)
def test_extras_that_are_wrong_behind_the_right_hash_are_found_and_fixed(
    pypi_run: PypiRun, tmp_path: Path, run: Run, locked: str, said: str
) -> None:
    folder = project(tmp_path / "plane", "engine<2")
    with (folder / "pyproject.toml").open("a") as manifest:
        manifest.write('[project.optional-dependencies]\nfast = ["gear<2", "fan"]\n')
    assert run("lockguard fix", folder).code == 0
    sound = (folder / "poetry.lock").read_text()
    assert 'fast = ["fan", "gear"]' in sound
    table = f"[extras]\n{locked}\n\n" if locked else ""
    wrong = sound.replace('[extras]\nfast = ["fan", "gear"]\n\n', table)
    (folder / "poetry.lock").write_text(wrong)

    plain = run("lockguard check", folder)
    deep = run("lockguard check --deep", folder)
    fixed = run("lockguard fix --offline", folder)

    assert (plain.code, deep.code) == (0, 1)
    assert f"extras-changed: {said}; run `poetry lockguard fix`" in deep.out
    assert fixed.code == 0, fixed.err
    assert (folder / "poetry.lock").read_text() == sound
