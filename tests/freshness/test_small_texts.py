"""A few hundred characters do not keep the program busy, though they would Poetry."""

from __future__ import annotations

import itertools
import json
import sys
import time
from typing import TYPE_CHECKING

import pytest
from locks import MANIFEST, lock_for, project

from poetry_lockguard.errors import LockguardError, ManifestError
from poetry_lockguard.freshness import judge as judging
from poetry_lockguard.freshness.judge import judge
from poetry_lockguard.lockfile import readable_versions
from poetry_lockguard.manifest import certain, requirements
from poetry_lockguard.manifest.document import read
from poetry_lockguard.outcomes import Status
from poetry_lockguard.snapshots.format import reader
from poetry_lockguard.time_limit import TooLongError, within

if TYPE_CHECKING:
    from pathlib import Path

OWN = '\nmarkers = "python_version < \\"3.13\\""'
PAIRS = " and ".join(f'(sys_platform == "a{i}" or os_name == "b{i}")' for i in range(20))
EXACT = " or ".join(f'sys_platform == "a{i}" and os_name == "b{i}"' for i in range(5))


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readable_versions, "_SECONDS", 0.1)
    monkeypatch.setattr(requirements, "READING", 1.0)
    for function in (readable_versions.marker_flaw, readable_versions.is_marker):
        function.cache_clear()


@pytest.mark.parametrize("marker", [PAIRS, EXACT], ids=["pairs", "branches"])
def test_a_marker_that_poetry_cannot_simplify_breaks_the_lock(tmp_path: Path, marker: str) -> None:
    lock = lock_for(MANIFEST)
    assert OWN in lock
    project(tmp_path, MANIFEST, lock.replace(OWN, f"\nmarkers = {json.dumps(marker)}"))

    verdict = judge(read(tmp_path / "pyproject.toml"))

    assert verdict.status is Status.BROKEN
    assert "is too complex: Poetry would need very long to read it" in verdict.problems[0].message


def test_a_requirement_that_poetry_cannot_simplify_is_the_manifests_fault(tmp_path: Path) -> None:
    manifest = MANIFEST.replace("dependencies = [", f"dependencies = ['idna ; {PAIRS}', ")
    assert PAIRS in manifest
    project(tmp_path, manifest, lock_for(manifest))

    with pytest.raises(ManifestError, match=r"very long to read its requirements.* fewer"):
        judge(read(tmp_path / "pyproject.toml"), deep=True)


def test_a_lock_that_takes_too_long_is_not_called_fresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(*_: object) -> None:
        for number in itertools.count():
            str(number)

    monkeypatch.setattr("poetry_lockguard.freshness.deep.inspection.deepen", endless)
    monkeypatch.setattr(judging, "_SECONDS", 0.05)
    project(tmp_path, MANIFEST, lock_for(MANIFEST))

    verdict = judge(read(tmp_path / "pyproject.toml"), deep=True)

    assert verdict.status is Status.BROKEN
    assert "not-evaluated" in {problem.code for problem in verdict.problems}
    assert verdict.problems[-1].message.startswith("poetry.lock: not evaluated: ")


def spin() -> None:
    """Use a second of the processor."""
    end = time.process_time() + 1
    while time.process_time() < end:
        pass


class Slow:
    """Takes a second to go."""

    def __del__(self) -> None:
        spin()


def go_slowly() -> None:
    """Let a slow one go, and take longer still."""
    Slow()
    spin()


def test_an_alarm_in_a_finalizer_rings_again_and_is_not_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "unraisablehook", sys.__unraisablehook__)

    with pytest.raises(TooLongError), within(0.1):
        go_slowly()

    assert not capsys.readouterr().err
    assert sys.unraisablehook is sys.__unraisablehook__


def test_what_else_a_finalizer_raises_is_still_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def __del__(self) -> None:
            raise ValueError("no alarm")

    monkeypatch.setattr(sys, "unraisablehook", sys.__unraisablehook__)

    with within(10):
        Broken()

    assert "ValueError: no alarm" in capsys.readouterr().err


def test_markers_of_real_locks_are_simple() -> None:
    machines = " or ".join(f'platform_machine == "{name}"' for name in ("x86_64", "AMD64", "arm64"))

    assert certain.is_marker(f'python_version < "3.14" and ({machines})')
    assert certain.is_marker(" or ".join(f'extra == "e{number}"' for number in range(20)))
    assert not certain.is_marker(EXACT)


@pytest.mark.parametrize(
    "text",
    ["1, " * 60 + "!", "1" * 5000, ".".join("1" * 5000), "1 || " * 200 + "!"],
    ids=["clauses", "digits", "numbers", "alternatives"],
)
def test_a_long_constraint_is_refused_at_once(text: str) -> None:
    begin = time.process_time()

    assert certain.constraint().fullmatch(text) is None
    assert certain.version().fullmatch(text) is None
    assert time.process_time() - begin < 0.1


def test_a_version_of_too_many_digits_is_none() -> None:
    assert not readable_versions.is_version("1" * 5000)


def test_a_limit_inside_another_one_leaves_it_in_force() -> None:
    def work() -> None:
        with within(0.05):
            with within(10):
                pass
            for number in itertools.count():
                str(number)

    with pytest.raises(TooLongError):
        work()


def test_a_limit_that_was_not_reached_is_forgotten() -> None:
    with within(0.05):
        pass
    end = time.process_time() + 0.1
    while time.process_time() < end:
        pass


def test_a_snapshot_with_many_keys_is_refused_at_once() -> None:
    keys = "".join(f'"key{number}": 1, ' for number in range(20_000))
    begin = time.process_time()

    with pytest.raises(LockguardError, match=r"20\d\d\d mistakes"):
        reader.parse(f'{{{keys}"key7": 2}}'.encode(), "lockguard.lock")

    assert time.process_time() - begin < 2
