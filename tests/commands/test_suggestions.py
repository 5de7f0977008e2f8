"""Whoever mistypes one of Poetry's commands is shown Poetry's commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cleo._utils import find_similar_names

from poetry_lockguard.plugin import COMMANDS, Name, load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result

OURS = [Name(f"lockguard {name}") for name in COMMANDS]


@pytest.mark.parametrize("typed", ["x", "ex", "add2", "lo", "k", "a", "up", "instal"])
def test_our_commands_are_not_suggested_to_who_meant_another(typed: str) -> None:
    assert find_similar_names(typed, [*OURS]) == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("lockguard chek", "check"), ("fix", "fix"), ("guard", "install"), ("lockgu", "fix")],
)
def test_our_commands_are_suggested_to_who_meant_them(typed: str, meant: str) -> None:
    assert f"lockguard {meant}" in find_similar_names(typed, [*OURS])


def test_a_loaded_command_has_the_name_that_was_registered() -> None:
    assert [load(name).name for name in COMMANDS] == OURS


@pytest.mark.parametrize("typed", ["x", "loc", "lok", "instal"])
def test_poetry_suggests_its_own(
    typed: str, tmp_path: Path, run: Callable[[str, Path], Result]
) -> None:
    (tmp_path / "pyproject.toml").touch()

    result = run(typed, tmp_path)

    assert result.code == 1
    assert "lockguard" not in result.err
