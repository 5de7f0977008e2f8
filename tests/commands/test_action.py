"""The composite action: its scripts run as they stand, on fresh, stale and hostile projects."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from conftest import FIXTURES, ROOT
from pipelines.documents import complaints, parsed
from pipelines.steps import Machine, composite, read_values
from readme import page
from solving import lock, project

if TYPE_CHECKING:
    from pathlib import Path

    from index import Index, Pypi

ACTION = ROOT / "action.yml"


class Acted:
    """What one use of the action gave."""

    def __init__(self, machine: Machine, inputs: dict[str, str], goes_to: str) -> None:
        outputs = machine.home / "outputs"
        outer: dict[str, Any] = {
            "github": {"base_ref": goes_to},
            "runner": {"temp": str(machine.temp)},
        }
        self.code = composite(ACTION, inputs, machine, outer, outputs)
        self.step = machine.log[-1].code
        self.outputs = read_values(outputs.read_text())
        self.said = machine.said
        self.summary = machine.summary.read_text()


def act(machine: Machine, *, goes_to: str = "", **inputs: str) -> Acted:
    """Use the action; a pull request goes to a branch."""
    return Acted(machine, {name.replace("_", "-"): one for name, one in inputs.items()}, goes_to)


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com")
    return subprocess.check_output(["git", *who, *arguments], cwd=folder, text=True, timeout=60)


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "story")


@pytest.fixture
def machine(tmp_path: Path, index: Index, pypi: Pypi) -> Machine:
    """A machine with an empty repository checked out."""
    index.add("one", "1.0", requires=["two"])
    index.add("two", "1.0")
    pypi(index, here=True, json=False)
    made = Machine(
        home=tmp_path / "machine",
        origin=tmp_path,
        branch="main",
        artifacts=tmp_path,
        python=tmp_path,
    )
    git(made.workspace, "init", "--quiet", "--initial-branch", "main")
    return made


def locked(folder: Path, *requirements: str) -> Path:
    project(folder, *requirements)
    (folder / "poetry.lock").write_text(lock(folder)[0])
    return folder


def drifted(folder: Path) -> Path:
    """Lock two requirements, and declare one of them no more."""
    locked(folder, "one", "two")
    commit(folder)
    return project(folder, "two")


def test_the_action_is_valid_by_the_published_schema() -> None:
    assert complaints("vendor.github-actions", ACTION) == ""


def test_the_readme_explains_every_input_and_output() -> None:
    action = parsed(ACTION.read_text(encoding="utf-8"))
    chapter = page("places/github")

    rows = re.findall(r"^``([a-z-]+)``(?: {2,}| ``)", chapter, re.MULTILINE)
    assert rows == [*action["inputs"]]
    assert all(f"``{name}``" in chapter for name in action["outputs"])


def test_inputs_reach_scripts_through_the_environment_alone() -> None:
    steps = parsed(ACTION.read_text(encoding="utf-8"))["runs"]["steps"]

    assert not [step["name"] for step in steps if "${{" in step["run"]]


def test_a_fresh_lock_is_said_to_be_fresh(machine: Machine) -> None:
    locked(machine.workspace, "one")
    commit(machine.workspace)

    acted = act(machine)

    assert (acted.code, acted.outputs) == (0, {"status": "fresh", "changed": "false"})
    assert acted.summary == "## lockguard check: fresh\n\n"
    assert "::" not in acted.said


def test_a_stale_lock_is_annotated_where_github_looks_for_it(machine: Machine) -> None:
    drifted(machine.workspace / "services" / "a b")

    acted = act(machine, working_directory="services", paths="a b\n")

    assert (acted.step, acted.outputs) == (1, {"status": "stale", "changed": "false"})
    assert "::error file=services/a b/poetry.lock,line=" in acted.said
    assert acted.summary.startswith("## lockguard check: stale\n\n| | file | problem | |\n")
    assert "| error | services/a b/poetry.lock:" in acted.summary
    assert "| requirement-removed | one: locked at 1.0" in acted.summary


@pytest.mark.parametrize(
    "inputs", [{"goes_to": "main"}, {"base": "HEAD~1"}], ids=["a pull request", "asked for"]
)
def test_the_summary_shows_what_moved_since_the_base(
    machine: Machine, index: Index, inputs: dict[str, str]
) -> None:
    locked(machine.workspace, "one")
    commit(machine.workspace)
    git(machine.workspace, "update-ref", "refs/remotes/origin/main", "HEAD")
    index.add("two", "1.1")
    locked(machine.workspace, "one")
    commit(machine.workspace)

    acted = act(machine, **inputs)

    assert acted.outputs["status"] == "fresh"
    assert "### poetry.lock\n" in acted.summary
    assert "| `two` | upgraded | `1.0` | `1.1` |" in acted.summary


def test_a_fix_tells_of_what_it_put_right(machine: Machine) -> None:
    drifted(machine.workspace)

    acted = act(machine, command="fix", arguments="--offline\n")

    assert (acted.code, acted.outputs) == (0, {"status": "fixed", "changed": "true"})
    assert "::notice file=poetry.lock,line=" in acted.said
    assert "::error" not in acted.said
    assert "poetry.lock: fixed by offline, 1 removed" in acted.said
    assert acted.summary.startswith("## lockguard fix: fixed\n\n| | file | problem | |\n")
    assert "| notice | poetry.lock:" in acted.summary
    assert "### poetry.lock\n" in acted.summary
    assert "| `one` | removed | `1.0` |" in acted.summary


@pytest.mark.parametrize("inputs", [{"working_directory": "link"}, {"paths": "link"}], ids=" ".join)
def test_a_fix_behind_a_link_is_a_fix(machine: Machine, inputs: dict[str, str]) -> None:
    drifted(machine.workspace / "apps" / "shop")
    (machine.workspace / "link").symlink_to("apps/shop")

    acted = act(machine, command="fix", arguments="--offline", **inputs)

    assert (acted.code, acted.outputs) == (0, {"status": "fixed", "changed": "true"})
    assert "::error" not in acted.said


def test_a_fix_that_fails_annotates_errors_and_changes_nothing(machine: Machine) -> None:
    drifted(machine.workspace)
    before = (project(machine.workspace, "absent") / "poetry.lock").read_bytes()

    acted = act(machine, command="fix", arguments="--offline")

    assert (acted.step, acted.outputs) == (1, {"status": "failed", "changed": "false"})
    assert "::error file=pyproject.toml,line=" in acted.said
    assert (machine.workspace / "poetry.lock").read_bytes() == before


def test_a_dry_run_of_a_fix_puts_nothing_right(machine: Machine) -> None:
    drifted(machine.workspace)

    acted = act(machine, command="fix", arguments="--offline\n--dry-run\n")

    assert (acted.code, acted.outputs) == (0, {"status": "stale", "changed": "false"})
    assert "::error file=poetry.lock,line=" in acted.said


def test_an_install_is_an_install(machine: Machine) -> None:
    locked(machine.workspace / "app", "one")

    acted = act(machine, command="install", working_directory="app", arguments="--dry-run")

    assert (acted.code, acted.outputs) == (0, {"status": "installed", "changed": "false"})
    assert "Installing two (1.0)" in acted.said


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ({"command": "chekc"}, "the input command is none of check, fix, install"),
        ({"command": "install", "paths": "app"}, "install takes no paths"),
        ({"working_directory": "nowhere"}, "the input working-directory is no folder"),
    ],
    ids=["unknown command", "paths for install", "no folder"],
)
def test_wrong_inputs_are_refused(machine: Machine, inputs: dict[str, str], told: str) -> None:
    acted = act(machine, **inputs)

    assert (acted.step, acted.outputs) == (2, {"status": "error", "changed": "false"})
    assert acted.said == f"::error title=poetry-lockguard::{told}\n"


def test_the_summary_of_a_look_that_failed_leads_to_the_log(machine: Machine) -> None:
    locked(machine.workspace, "one")

    acted = act(machine, arguments="--deeep")

    assert (acted.step, acted.outputs) == (2, {"status": "error", "changed": "false"})
    assert acted.summary.startswith(
        "## lockguard check: error\n\nThe log of this step says why.\n\n"
    )


@pytest.mark.parametrize(
    "names",
    [["command"], ["working-directory"], ["paths", "arguments", "base"], ["goes_to"]],
    ids=" ".join,
)
@pytest.mark.parametrize(
    "value",
    ["$(touch evil)`touch evil`", "x\"; touch evil; '; touch evil #\n::error::y\n"],
    ids=["substitutions", "quotes and a command of the runner"],
)
def test_hostile_inputs_are_never_run(machine: Machine, names: list[str], value: str) -> None:
    project(machine.workspace, "one")

    acted = act(machine, **dict.fromkeys(names, value))

    assert acted.step != 0  # if only for the lock that is missing
    assert not [*machine.home.rglob("evil")]
    assert "\n::error::y" not in f"\n{acted.said}"


def test_hostile_names_stay_text_in_the_summary(machine: Machine) -> None:
    drifted(machine.workspace / "<b>|`a`[x](y),5%:z")
    git(machine.workspace, "rm", "--quiet", "--cached", "-r", ".")
    git(machine.workspace, "commit", "--quiet", "-m", "nothing")

    acted = act(machine, arguments="-r")

    assert acted.outputs["status"] == "stale"
    assert "::error file=<b>|`a`[x](y)%2C5%25%3Az/poetry.lock,line=" in acted.said
    assert r"| error | &lt;b>\|\`a\`\[x\](y),5%:z/poetry.lock:" in acted.summary
    assert "\n### " + r"&lt;b>\|\`a\`\[x\](y),5%:z/poetry.lock" in acted.summary


def test_a_summary_beyond_what_github_shows_is_cut_and_says_so(machine: Machine) -> None:
    locked(machine.workspace, "one")
    commit(machine.workspace)
    file = machine.workspace / "poetry.lock"
    packages = "".join(
        f'[[package]]\nname = "{letter * 90_000}"\nversion = "1"\noptional = false\n'
        'python-versions = "*"\ngroups = ["main"]\nfiles = []\n\n'
        for letter in "abcdefghijklmno"
    )
    file.write_text(packages + file.read_text())

    acted = act(machine)

    assert acted.code == 0
    assert len(acted.summary) < 1 << 20
    assert acted.summary.count("a" * 90_000) == 1
    assert acted.summary.endswith("\nThe rest is left out: GitHub shows no summary beyond 1 MiB.\n")


@pytest.mark.parametrize(
    ("programs", "told"),
    [
        ({}, "there is no Python on the PATH; use actions/setup-python first"),
        (
            {"python3": "exit 0", "poetry": "exit 3"},
            "the poetry on the PATH does not tell its version; set the input poetry",
        ),
        (
            {"python3": "exit 1"},
            "the Python to install with makes no virtual environment; it says why above",
        ),
        (
            {"python3": 'mkdir -p "$3/bin" && ln -s "$0" "$3/bin/python"\n[ "$2" != pip ]'},
            "the plugin and its Poetry could not be installed; pip says why above",
        ),
    ],
    ids=["no Python", "broken Poetry", "no venv", "pip fails"],
)
def test_what_cannot_be_installed_is_said(
    machine: Machine, tmp_path: Path, programs: dict[str, str], told: str
) -> None:
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in ("bash", "sh", "sed", "mkdir", "ln"):
        (folder / name).symlink_to(shutil.which(name) or "")
    for name, script in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    machine.environ["PATH"] = str(folder)

    acted = act(machine)

    assert acted.step == 2
    assert acted.said.endswith(f"::error title=poetry-lockguard::{told}\n")


def test_a_folder_without_git_has_a_summary_without_differences(machine: Machine) -> None:
    drifted(machine.workspace)
    shutil.rmtree(machine.workspace / ".git")

    acted = act(machine)

    assert acted.outputs == {"status": "stale", "changed": "false"}
    assert "| requirement-removed |" in acted.summary
    assert "###" not in acted.summary


@pytest.mark.live
@pytest.mark.slow
def test_what_is_missing_is_installed_beside_the_poetry_that_is_there(tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("bash", "python3", "poetry", "git", "sed", "find", "sort", "cksum", "dirname"):
        (programs / name).symlink_to(shutil.which(name) or "")
    for name in ("mkdir", "cp", "tail", "env", "uname", "tr", "grep", "awk"):
        (programs / name).symlink_to(shutil.which(name) or "")
    made = Machine(
        home=tmp_path / "machine",
        origin=tmp_path,
        branch="main",
        artifacts=tmp_path,
        python=tmp_path,
        environ={"PATH": str(programs)},
    )
    shutil.copytree(FIXTURES / "quickstart", made.workspace, dirs_exist_ok=True)

    acted = act(made)

    assert (acted.step, acted.outputs["status"]) == (1, "stale")
    assert (made.temp / "lockguard" / "path" / "lockguard").exists()
    assert not (made.temp / "lockguard" / "path" / "poetry").exists()
    installed = subprocess.check_output(
        [made.temp / "lockguard" / "bin" / "poetry", "--version"], text=True
    )
    assert installed == subprocess.check_output(["poetry", "--version"], text=True, env=os.environ)
