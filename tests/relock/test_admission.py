"""A fix brings in nothing that the policy forbids, and keeps what the lock already has."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from solving import project

from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.policy.admission import Admission, moment, refusals
from poetry_lockguard.policy.terms import policy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi, Serve

    Run = Callable[[str, Path], Result]

NOW = datetime.now(tz=timezone.utc)
YESTERDAY = (NOW - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S.000000Z")


def written(folder: Path, policy: str, *requirements: str, mirror: str = "") -> Path:
    more = f'\n[tool.lockguard]\nmirrors = ["{mirror}"]\n' if mirror else ""
    return project(folder, *requirements, more=f"{more}\n[tool.lockguard.policy]\n{policy}\n")


def pins(folder: Path) -> dict[str, str]:
    lock = parse((folder / "poetry.lock").read_bytes())
    return {pin.name: pin.version for pin in lock.pins}


@pytest.fixture
def young(index: Index) -> Index:
    index.add("engine", "1.0", requires=["wing"])
    index.add("engine", "1.1", uploaded=YESTERDAY)
    index.add("wing", "1.0")
    index.add("wing", "2.0", uploaded=YESTERDAY)
    return index


def test_nothing_too_young_is_brought_in(
    young: Index, pypi: Pypi, tmp_path: Path, run: Run
) -> None:
    pypi(young, here=True)
    folder = written(tmp_path / "plane", 'min-age = "7 days"', "engine")

    result = run("lockguard fix", folder)

    assert (result.code, pins(folder)) == (0, {"engine": "1.0", "wing": "1.0"})
    assert "not allowed by the policy: engine 1.1 (too young)" in result.err
    assert "wing 2.0 (too young)" in result.err


def test_a_mirror_is_held_to_it_as_well(
    young: Index, serve: Serve, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    mirror = serve(young, json=True).url
    folder = written(tmp_path / "plane", 'min-age = "7 days"', "engine", mirror=mirror)

    assert run("lockguard fix", folder).code == 0
    assert pins(folder) == {"engine": "1.0", "wing": "1.0"}


@pytest.mark.parametrize("unknown", ["warning", "error"])
def test_an_unknown_age_matters_as_the_policy_says(
    unknown: str, index: Index, pypi: Pypi, tmp_path: Path, run: Run
) -> None:
    index.add("engine", "1.0", uploaded=None)
    pypi(index, here=True)
    policy = f'min-age = "7 days"\nmin-age-unknown = "{unknown}"'
    folder = written(tmp_path / "plane", policy, "engine")

    result = run("lockguard fix", folder)

    assert result.code == (0 if unknown == "warning" else 1)
    assert ("engine 1.0 (of unknown age)" in result.err) == (unknown == "error")


def test_a_young_pin_of_the_old_lock_stays(
    young: Index, pypi: Pypi, tmp_path: Path, run: Run
) -> None:
    pypi(young, here=True)
    folder = written(tmp_path / "plane", "", "engine")
    assert run("lockguard fix", folder).code == 0
    assert pins(folder) == {"engine": "1.1"}
    manifest = folder / "pyproject.toml"
    text = manifest.read_text().replace('"engine"', '"engine", "wing"')
    manifest.write_text(text + 'min-age = "7 days"\n')

    assert run("lockguard fix", folder).code == 0
    assert pins(folder) == {"engine": "1.1", "wing": "1.0"}


def test_a_denied_release_is_not_chosen(young: Index, pypi: Pypi, tmp_path: Path, run: Run) -> None:
    pypi(young, here=True)
    folder = written(tmp_path / "plane", 'deny = ["engine>1.0", "wing==2.*"]', "engine")

    assert run("lockguard fix", folder).code == 0
    assert pins(folder) == {"engine": "1.0", "wing": "1.0"}


def test_a_denied_pin_of_a_stale_lock_moves_nothing_else(
    index: Index, pypi: Pypi, tmp_path: Path, run: Run
) -> None:
    for name in ("engine", "wing", "tail"):
        index.add(name, "1.0")
    pypi(index, here=True)
    folder = written(tmp_path / "plane", "", "engine", "wing")
    assert run("lockguard fix", folder).code == 0
    before = (folder / "poetry.lock").read_bytes()
    for name in ("engine", "wing"):
        index.add(name, "2.0")
    manifest = folder / "pyproject.toml"
    text = manifest.read_text().replace('"wing"', '"wing", "tail"')
    manifest.write_text(text + 'deny = ["wing<2"]\n')

    result = run("lockguard fix", folder)

    assert result.code == 1
    assert "the policy forbids the lock it made: wing: locked at 1.0" in result.err
    assert "run `lockguard update wing`" in result.err
    assert (folder / "poetry.lock").read_bytes() == before


def test_only_the_newest_refusal_that_matters_is_said() -> None:
    admission = Admission(policy=policy({"deny": ["a<2", "b"]}), now=NOW)
    for name, version in (("a", "1.9"), ("a", "1.10"), ("a", "2.0"), ("b", "1.0"), ("b", "0.9")):
        admission.admits(name, version, list)

    assert refusals(admission, [("a", "2.0")]) == "not allowed by the policy: b 1.0 (denied)"
    assert refusals(admission) == ("not allowed by the policy: a 1.10 (denied), b 1.0 (denied)")


def test_the_newest_file_decides() -> None:
    admission = Admission(policy=policy({"min-age": "7 days"}), now=NOW)
    old = "2020-01-01T00:00:00Z"

    assert admission.admits("a", "1.0", lambda: [old, None])
    assert not admission.admits("a", "1.1", lambda: [old, YESTERDAY])


@pytest.mark.parametrize(
    ("text", "is_time"),
    [
        ("2026-01-01T00:00:00.123456Z", True),
        ("2026-01-01T00:00:00Z", True),
        ("2026-01-01T00:00:00+00:00", True),
        ("2026-13-01T00:00:00Z", False),
        ("yesterday", False),
        (5, False),
        (None, False),
        ("2026-01-01T00:00:00." + "0" * 99_999, False),
    ],
    ids=lambda value: str(value)[:30],
)
def test_an_upload_time_is_read_or_unknown(text: object, is_time: bool) -> None:
    assert (moment(text) is not None) == is_time


def advisory(folder: Path, name: str, *versions: str) -> None:
    """Write an advisory for these versions; its policy is ``ADVISED``."""
    record = {
        "id": f"PYSEC-2026-{len(versions)}",
        "affected": [{"package": {"ecosystem": "PyPI", "name": name}, "versions": [*versions]}],
    }
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(record))


ADVISED = 'advisories = "../db"'


def test_a_release_with_an_advisory_is_not_chosen(
    young: Index, pypi: Pypi, tmp_path: Path, run: Run
) -> None:
    pypi(young, here=True)
    advisory(tmp_path / "db", "wing", "2.0", "3.0")
    folder = written(tmp_path / "plane", ADVISED, "engine==1.0")

    result = run("lockguard fix", folder)

    assert (result.code, pins(folder)) == (0, {"engine": "1.0", "wing": "1.0"})
    assert "not allowed by the policy: wing 2.0 (PYSEC-2026-2)" in result.err


def test_an_advisory_that_is_ignored_does_not_count(
    young: Index, pypi: Pypi, tmp_path: Path, run: Run
) -> None:
    pypi(young, here=True)
    advisory(tmp_path / "db", "wing", "2.0")
    policy = f'{ADVISED}\nignore = [{{ id = "PYSEC-2026-1" }}]'
    folder = written(tmp_path / "plane", policy, "wing")

    assert run("lockguard fix", folder).code == 0
    assert pins(folder) == {"wing": "2.0"}


@pytest.mark.parametrize("by", ["advisory", "ban"])
def test_if_no_other_release_fits_it_is_named(
    by: str, young: Index, pypi: Pypi, tmp_path: Path, run: Run
) -> None:
    pypi(young, here=True)
    advisory(tmp_path / "db", "wing", "2.0")
    policy = ADVISED if by == "advisory" else 'deny = ["wing>1"]'
    folder = written(tmp_path / "plane", policy, "wing>=2")

    result = run("lockguard fix", folder)

    reason = "PYSEC-2026-1" if by == "advisory" else "denied"
    assert result.code == 1
    assert f"not allowed by the policy: wing 2.0 ({reason})" in result.err
    assert not (folder / "poetry.lock").exists()


@pytest.mark.parametrize("by", ["advisory", "ban"])
def test_an_update_chooses_the_newest_that_the_policy_admits(
    by: str, index: Index, pypi: Pypi, tmp_path: Path, run: Run
) -> None:
    index.add("wing", "1.0")
    pypi(index, here=True)
    advisory(tmp_path / "db", "wing", "1.3")
    policy = ADVISED if by == "advisory" else 'deny = ["wing==1.3"]'
    folder = written(tmp_path / "plane", policy, "wing")
    assert run("lockguard fix", folder).code == 0
    for version in ("1.1", "1.2", "1.3"):
        index.add("wing", version)

    refused = run("lockguard update wing==1.3", folder)
    assert (refused.code, pins(folder)) == (1, {"wing": "1.0"})
    assert "1.3" in refused.out + refused.err

    assert run("lockguard update wing", folder).code == 0
    assert pins(folder) == {"wing": "1.2"}
