"""The three hash rules, and the Poetry that is running."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest
from poetry.packages.locker import Locker

from poetry_lockguard.manifest.content_hash import (
    RULES,
    accepting,
    content_hash,
    is_fresh,
    rule_for,
)
from poetry_lockguard.running import running_poetry

OLD, PROJECT, GROUPS = RULES
MIXED = {
    "project": {"name": "x", "requires-python": ">=3.10"},
    "dependency-groups": {"dev": ["a"]},
    "tool": {"poetry": {"dependencies": {"python": "^3.10"}}},
}


@pytest.mark.parametrize(
    ("poetry", "rule"),
    [
        ("1.2.0", OLD),
        ("1.8.5", OLD),
        ("2.0.0", PROJECT),
        ("2.2.1", PROJECT),
        ("2.3.0", GROUPS),
        ("2.10.1", GROUPS),
        ("3.0.0.dev0", GROUPS),
    ],
)
def test_each_poetry_has_its_rule(poetry: str, rule: object) -> None:
    assert rule_for(poetry) is rule


def test_the_rules_differ_where_a_manifest_has_everything() -> None:
    assert len({content_hash(MIXED, rule) for rule in RULES}) == 3


def test_the_running_poetrys_rule_gives_its_hash(tmp_path_factory: pytest.TempPathFactory) -> None:
    locker = Locker(tmp_path_factory.getbasetemp() / "poetry.lock", dict(MIXED))

    assert content_hash(MIXED, rule_for(running_poetry())) == locker._get_content_hash()


@pytest.mark.parametrize(
    ("generator", "fresh"),
    [("2.2.1", True), ("2.3.0rc1", True), ("2.3.0", False), ("2.3", False), (None, False)],
)
def test_the_newest_rule_forgives_locks_of_older_poetry(
    generator: str | None, *, fresh: bool
) -> None:
    assert is_fresh(MIXED, content_hash(MIXED, PROJECT), generator, GROUPS) is fresh


def test_all_rules_that_accept_a_lock_are_told() -> None:
    assert accepting(MIXED, content_hash(MIXED, PROJECT), "2.1.0") == (PROJECT, GROUPS)


def test_the_running_poetry_is_known_with_and_without_loading_it() -> None:
    program = "from poetry_lockguard.running import running_poetry; print(running_poetry())"

    told = subprocess.check_output([sys.executable, "-c", program], text=True).strip()

    assert told == running_poetry() == version("poetry")
