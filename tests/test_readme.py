"""README and documentation keep their word; and nothing names a registry's host."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from conftest import FIXTURES, ROOT
from readme import MANUAL, README, page

from poetry_lockguard.freshness.judge import judge
from poetry_lockguard.manifest.document import read
from poetry_lockguard.outcomes import Status
from poetry_lockguard.plugin import COMMANDS, load
from poetry_lockguard.settings import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result

SHARED = {"snapshot": "commands/snapshot", "merge-driver": "places/git"}  # of commands of two words
TABLES = {"matrix", "configurations", "policy", "exports"}  # shown as tables, not as rows
FOREIGN = {  # options of Poetry, pip, uv, pip-audit, git and Docker
    "upgrade-package",
    "check",
    "locked",
    "build-constraint",
    "build-constraints",
    "directory",
    "project",
    "no-interaction",
    "no-ansi",
    "include-apps",
    "latest",
    "no-deps",
    "no-plugins",
    "lock",
    "regenerate",
    "no-cache-dir",
    "no-index",
    "find-links",
    "dest",
    "message",
    "build-arg",
    "mount",
    "secret",
    "schemafile",
    "extra-index-url",
    "index-strategy",
}
REGISTRIES = ("pypi" + r"\.org", "python" + r"hosted\.org", "npmjs" + r"\.", "debian" + r"\.org")


def described(title: str) -> set[str]:
    """Return the options that a page explains, each at the start of a line.

    The commands for snapshots, and those for git, have a paragraph each, on one page.
    """
    shared = SHARED.get(title.partition(" ")[0])
    if shared is not None and " " in title:
        paragraph = re.search(rf"^``{title}\b.*\n((?:    .*\n)+)", page(shared), re.MULTILINE)
        assert paragraph, f"{shared} says nothing of {title}"
        return set(re.findall(r"--([a-z][\w-]*)", paragraph[1]))
    terms = re.findall(r"^``-.*$", page(shared or f"commands/{title}"), re.MULTILINE)
    return {name for term in terms for name in re.findall(r"--([\w-]+)", term)}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_manual_explains_every_option_and_no_other(command: str) -> None:
    accepted = {option.name for option in load(command).definition.options}

    assert described(command) == accepted


def test_the_manual_mentions_no_option_that_does_not_exist() -> None:
    known = {option.name for command in COMMANDS for option in load(command).definition.options}

    mentioned = set(re.findall(r"(?<![\w-])--([a-z][\w-]*)", MANUAL))

    assert mentioned <= known | FOREIGN


def test_the_manual_lists_every_setting() -> None:
    rows = re.findall(r"^``([\w-]+)``", page("settings"), re.MULTILINE)

    assert {*rows} == {*SETTINGS} - TABLES


def test_the_quickstart_is_stale_as_the_manual_shows(
    run: Callable[[str, Path], Result], story: Callable[[str], Path]
) -> None:
    result = run("lockguard check", story("quickstart"))

    shown = page("commands/check").split("$ lockguard check\n")[1].split("\n\n")[0]
    assert result.code == 1
    assert result.out.splitlines() == [line.removeprefix("    ") for line in shown.splitlines()]


def test_the_readme_is_read_in_a_minute() -> None:
    assert len(README.splitlines()) <= 200


def test_the_readme_links_to_what_is_there() -> None:
    linked = re.findall(r"<(docs/[\w./-]+)>`_", README)

    assert linked
    assert [path for path in linked if not (ROOT / path).is_file()] == []


@pytest.mark.live
def test_the_quickstart_is_fixed_and_installed_through_this_machines_index(
    run: Callable[[str, Path], Result], story: Callable[[str], Path]
) -> None:
    folder = story("quickstart")

    result = run("lockguard install", folder)

    assert result.code == 0, result.err
    assert judge(read(folder / "pyproject.toml")).status is Status.FRESH
    assert list(folder.glob(".venv/lib*/python*/*/platformdirs-*.dist-info"))


def test_the_quickstart_stays_stale() -> None:
    assert judge(read(FIXTURES / "quickstart" / "pyproject.toml")).status is Status.STALE


def test_this_projects_own_lock_is_fresh_and_sound() -> None:
    verdict = judge(read(ROOT / "pyproject.toml"), deep=True)

    assert (verdict.status, verdict.problems) == (Status.FRESH, ())


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git clone of the project")
def test_no_committed_file_names_a_registrys_host() -> None:
    pattern = "|".join(REGISTRIES)

    found = subprocess.run(
        ["git", "grep", "--extended-regexp", "--ignore-case", "-n", "-e", pattern],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (found.returncode, found.stdout) == (1, "")
