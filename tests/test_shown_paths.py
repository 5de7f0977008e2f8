"""Advice names the project where a command in the working folder would be about another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.shown_paths import in_folder

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_each_command_about_a_project_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    message = "run `lockguard update x==1`, `poetry update x` or `poetry lockguard snapshot sync`"

    assert in_folder(message, tmp_path) == message
    assert in_folder(message, tmp_path / "a b") == (
        "run `lockguard -C 'a b' update x==1`, `poetry -C 'a b' update x` or"
        " `poetry -C 'a b' lockguard snapshot sync`"
    )
