"""Forty poisoned locks are stopped by every command, and no real lock is without cause."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from conftest import CORPUS
from poisoned import POISONED, written

from poetry_lockguard.errors import LockguardError
from poetry_lockguard.freshness.judge import judge
from poetry_lockguard.manifest.document import read
from poetry_lockguard.outcomes import Severity, Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result

    Run = Callable[[str, Path], Result]

COMMANDS = {
    "check": "lockguard check --deep",
    "review": "lockguard check --against HEAD --deep --format github",
    "guard": "install --dry-run",
    "fix": "lockguard fix --offline",
    "install": "lockguard install --offline --dry-run",
}
CODES = {"source-undeclared", "unneeded-pin", "content-replaced", "entry-altered"}
#: in the corpus: fresh, and yet a pin from a repository that the manifest does not ask for
WITH_CAUSE = {"prowler-cloud__prowler@89fe8fa8"}
EPISODES = CORPUS.parent / "episodes"
REAL = sorted(
    [*CORPUS.glob("*/poetry.lock"), *EPISODES.glob("*/*.lock")] if CORPUS.is_dir() else []
)
_SAMPLE = 12  # every so many of the real locks are judged in the short form


def test_there_are_forty() -> None:
    assert len(POISONED) >= 40


def test_the_sound_lock_is_fresh(tmp_path: Path) -> None:
    verdict = judge(read(written(tmp_path) / "pyproject.toml"), deep=True)

    assert (verdict.status, verdict.problems) == (Status.FRESH, ())


@pytest.mark.parametrize("change", POISONED.values(), ids=POISONED)
def test_a_poisoned_lock_is_untrusted(change: dict[str, str], tmp_path: Path) -> None:
    manifest = read(written(tmp_path, change) / "pyproject.toml")

    for verdict in (judge(manifest, deep=True), judge(manifest, walk=True)):
        found = {one.package for one in verdict.problems if one.code in CODES}
        assert verdict.status is Status.UNTRUSTED
        assert found & change.keys()


@pytest.mark.grid
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize("change", POISONED.values(), ids=POISONED)
def test_a_poisoned_lock_is_stopped(
    change: dict[str, str],
    command: str,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LOCKGUARD_GUARD", "fix" if command == COMMANDS["guard"] else "check")
    folder = written(tmp_path / "plane", change)
    before = (folder / "poetry.lock").read_bytes()

    result = run(command, folder)

    assert result.code == 1
    assert any(name in result.out + result.err for name in change)
    assert "Installing" not in result.out + result.err
    assert (folder / "poetry.lock").read_bytes() == before


@pytest.mark.parametrize(
    "lock", REAL[::_SAMPLE] or [None], ids=lambda lock: lock and lock.parent.name
)
def test_a_real_lock_is_not_stopped_without_cause(lock: Path | None, tmp_path: Path) -> None:
    if lock is None:
        pytest.skip("the corpus of real locks is not here")

    assert not stopped(lock, tmp_path)


@pytest.mark.slow
def test_no_real_lock_is_stopped_without_cause(tmp_path: Path) -> None:
    if not REAL:
        pytest.skip("the corpus of real locks is not here")
    found = {lock.parent.name for n, lock in enumerate(REAL) if stopped(lock, tmp_path / str(n))}

    assert found <= WITH_CAUSE


def stopped(lock: Path, to: Path) -> bool:
    """Whether a real lock, with the manifest beside it, is said to be untrusted."""
    folder = to / "project"
    shutil.copytree(lock.parent, folder)
    (folder / "poetry.lock").write_bytes(lock.read_bytes())
    try:
        verdict = judge(read(folder / "pyproject.toml"), walk=True)
    except LockguardError:
        return False  # what is no project any more is refused as such
    wrong = {one.code for one in verdict.problems if one.severity is Severity.ERROR}
    return bool(wrong & CODES)
