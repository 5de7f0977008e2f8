"""What Poetry logs about a manifest is not what a user asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result

    Start = Callable[[str, Path], Result]

DEPRECATED = 'The "poetry.dev-dependencies" section is deprecated'
ABSENT = "for gone does not exist"


@pytest.fixture
def old(tmp_path: Path, start: Start) -> Path:
    """Give a stale lock, a deprecated section, and an optional folder that is not there."""
    folder, gone = tmp_path / "old", tmp_path / "gone"
    for path in (folder, gone):
        path.mkdir()
    (gone / "pyproject.toml").write_text(
        '[project]\nname = "gone"\nversion = "1"\nrequires-python = ">=3.10"\n'
    )
    manifest = folder / "pyproject.toml"
    manifest.write_text(
        '[tool.poetry]\nname = "old"\nversion = "1"\ndescription = ""\nauthors = []\n'
        "package-mode = false\n\n[tool.poetry.dependencies]\n"
        'python = ">=3.10"\ngone = {path = "../gone", optional = true}\n\n'
        '[tool.poetry.extras]\ng = ["gone"]\n\n[tool.poetry.dev-dependencies]\n'
    )
    assert start("lock", folder).code == 0
    (gone / "pyproject.toml").unlink()
    gone.rmdir()
    manifest.write_text(manifest.read_text().replace(">=3.10", ">=3.10,<4"))
    return folder


@pytest.mark.parametrize(
    "command",
    [
        "check",
        "check --deep",
        "fix --dry-run",
        "fix --dry-run --strategy relock",
        "install --no-root",
        "diff",
        "snapshot create --python 3.12 --platform linux-x86_64",
        "matrix",
    ],
)
def test_a_warning_about_the_manifest_is_shown_once_and_only_if_verbose(
    start: Start, old: Path, command: str
) -> None:
    stale = (old / "poetry.lock").read_bytes()
    plain = start(f"lockguard {command}", old)
    (old / "poetry.lock").write_bytes(stale)
    (old / "lockguard.lock").unlink(missing_ok=True)
    verbose = start(f"lockguard {command} -v", old)

    assert DEPRECATED not in plain.err
    assert f"Path {old.parent / 'gone'} {ABSENT}\n" not in plain.err.splitlines(keepends=True)
    for warning in (f"Poetry warns: {DEPRECATED}", f"Poetry warns: Path {old.parent / 'gone'}"):
        assert verbose.err.count(warning) <= 1
    assert verbose.code == plain.code


def test_a_verbose_fix_shows_what_poetry_warns_about(start: Start, old: Path) -> None:
    result = start("lockguard fix --dry-run --strategy relock -v", old)

    assert f"Poetry warns: {DEPRECATED}" in result.err
    assert f"Poetry warns: Path {old.parent / 'gone'} {ABSENT}" in result.err


def test_the_guards_fix_adds_nothing_to_what_poetry_itself_warns_about(
    start: Start, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = start("install --no-root", old).err.count(DEPRECATED)
    monkeypatch.setenv("LOCKGUARD_GUARD", "fix")

    assert start("install --no-root", old).err.count(DEPRECATED) == alone
