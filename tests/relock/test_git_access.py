"""A repository that cannot be read is told as that, and no mirror is offered in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solving import project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]


def test_ssh_without_a_key_is_told_with_what_helps(start: Run, tmp_path: Path) -> None:
    folder = project(tmp_path / "plane", "tool @ git+ssh://git@127.0.0.1:1/x/tool.git")

    result = start("lockguard fix", folder)

    assert result.code == 1
    assert "ssh://git@127.0.0.1:1/x/tool.git cannot be read over SSH: no key" in result.err
    assert "Next: give this machine an SSH key that may read the repository" in result.err
    assert [path.name for path in folder.iterdir()] == ["pyproject.toml"]


def test_an_address_without_a_repository_gets_no_mirror(
    run: Run, index: Index, pypi: Pypi, tmp_path: Path
) -> None:
    server = pypi(index, here=True).server.base
    folder = project(tmp_path / "plane", f"tool @ git+{server}/x/tool.git")

    result = run("lockguard fix", folder)

    assert result.code == 1
    assert "is not a git repository" in result.err
    assert "Next: check the repository's address" in result.err
    assert "--mirror" not in result.err
