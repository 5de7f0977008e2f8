"""Parts of a snapshot, made by many and merged, are byte for byte what one machine makes."""

from __future__ import annotations

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT
from engine import chosen, content
from minors import python_of, version_of
from solving import lock as make_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]

WIDE = """
[tool.lockguard.matrix]
python = ["3.11", "3.12"]
platform = ["linux-x86_64", "linux-i686", "windows-x86_64"]
"""
LOUD = """
[project.optional-dependencies]
loud = ["tomlike"]

[tool.lockguard.matrix]
python = ["3.12"]
platform = ["macos-arm64", "musllinux-x86_64"]
extras = [[], ["loud"]]
"""
LEGACY = """
[tool.lockguard.configurations.legacy]
python = "3.10.4"
platform = "manylinux_2_17_i686"
"""
EPOCH = "1767225600"


@pytest.fixture
def engine(index: Index, pypi: Pypi, story: Callable[[str], Path]) -> Path:
    """The tutorial's project, without any configuration declared yet."""
    index.add("matrix", "1.0", requires=["tomlike ; python_version < '3.12'"])
    index.add("sound32", "1.0")
    index.add("tomlike", "0.9")
    pypi(index, here=True, json=False)
    return story("engine")


def declare(folder: Path, text: str) -> None:
    manifest = folder / "pyproject.toml"
    manifest.write_text(manifest.read_text() + text)


def done(run: Run, command: str, folder: Path) -> Result:
    result = run(f"lockguard {command}", folder)
    assert result.code == 0, (command, result)
    return result


def names(run: Run, folder: Path) -> list[str]:
    rows = json.loads(done(run, "matrix --format github", folder).out)["include"]
    return [row["config"] for row in rows]


def sharded(run: Run, folder: Path, *options: str) -> list[str]:
    """Make every part, as a machine for each would, and give the files' names."""
    shards = []
    for name in names(run, folder):
        done(
            run, f"snapshot create --config {name} --output {name}.lock {' '.join(options)}", folder
        )
        shards.append(f"{name}.lock")
    return shards


def merged(run: Run, folder: Path, shards: Iterable[str], name: str = "merged.lock") -> bytes:
    done(run, f"snapshot merge --output {name} {' '.join(shards)}", folder)
    return (folder / name).read_bytes()


def alone(run: Run, folder: Path, *options: str) -> bytes:
    """Make the whole on one machine."""
    done(run, f"snapshot create {' '.join(options)}", folder)
    return (folder / "lockguard.lock").read_bytes()


@pytest.mark.contract
@pytest.mark.parametrize("shape", [WIDE, LOUD, LEGACY], ids=["wide", "extras", "single"])
def test_shards_merge_to_what_one_machine_makes(
    run: Run, engine: Path, shape: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(engine, shape)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)

    shards = sharded(run, engine)

    forward = merged(run, engine, shards)
    backward = merged(run, engine, shards[::-1], "backward.lock")
    assert forward == backward == alone(run, engine)
    assert content(engine)["generated"] == "2026-01-01T00:00:00+00:00"


def test_a_project_that_declares_nothing_is_one_shard(
    run: Run, engine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)

    (shard,) = sharded(run, engine)

    assert merged(run, engine, [shard]) == alone(run, engine)


def test_shards_prefer_the_pins_of_poetrys_lock(
    run: Run, engine: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    (engine / "poetry.lock").write_text(make_lock(engine)[0])
    index.add("matrix", "1.1")
    declare(engine, WIDE)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)

    made = merged(run, engine, sharded(run, engine))

    assert made == alone(run, engine)
    assert {versions["matrix"] for versions in chosen(engine).values()} == {"1.0"}


def test_shards_of_a_snapshot_that_needs_no_change_merge_to_its_bytes(
    run: Run, engine: Path, index: Index
) -> None:
    declare(engine, WIDE)
    done(run, "snapshot create", engine)
    done(run, "snapshot add sound32==1.0", engine)
    index.add("matrix", "1.1")
    before = (engine / "lockguard.lock").read_bytes()

    shards = sharded(run, engine)
    result = done(run, f"snapshot merge {' '.join(shards)}", engine)

    assert result.out == "lockguard.lock: unchanged\n"
    assert (engine / "lockguard.lock").read_bytes() == before


@pytest.mark.parametrize("clean", ["", "--clean"], ids=["all pins", "clean"])
def test_shards_of_a_snapshot_that_moves_on_merge_to_what_one_machine_makes(
    run: Run, engine: Path, index: Index, clean: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(engine, WIDE)
    done(run, "snapshot create", engine)
    index.add("matrix", "1.5")
    index.add("sound32", "1.1")
    done(run, "snapshot add sound32==1.1", engine)
    manifest = engine / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace("matrix (>=1.0", "matrix (>=1.1") + LEGACY)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "2000000000")

    made = merged(run, engine, sharded(run, engine, clean))

    assert made == alone(run, engine, clean)
    assert {versions["matrix"] for versions in chosen(engine).values()} == {"1.5"}


def test_a_shard_keeps_files_and_records_that_the_snapshot_holds(
    run: Run, engine: Path, index: Index
) -> None:
    declare(engine, LEGACY)
    whole = json.loads(alone(run, engine))
    index.projects["matrix"].pop()  # the sdist is gone, as when a mirror is cut down

    (shard,) = sharded(run, engine)

    assert content(engine, shard)["packages"] == whole["packages"]


def test_a_shard_refuses_a_file_that_changed_since_it_was_pinned(
    run: Run, engine: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(engine, LEGACY)
    done(run, "snapshot create", engine)
    index.remove("matrix")
    index.add("matrix", "1.0", requires=["tomlike ; python_version < '3.12'"], code="evil = 1")
    monkeypatch.setenv("POETRY_CACHE_DIR", str(engine.with_name("another machine")))

    result = run("lockguard snapshot create --config legacy --output legacy.lock", engine)

    assert result.code == 1
    assert "files have other hashes than when they were pinned" in result.err
    assert not (engine / "legacy.lock").exists()


def test_a_shard_that_was_changed_on_its_way_is_not_merged(run: Run, engine: Path) -> None:
    declare(engine, WIDE)
    shards = sharded(run, engine)
    shard = engine / shards[0]
    shard.write_text(shard.read_text().replace('"version": "1.0"', '"version": "1.1"'))

    result = run(f"lockguard snapshot merge {' '.join(shards)}", engine)

    assert result.code == 1
    assert f"{shards[0]}: not merged: its seal is wrong" in result.err
    assert not (engine / "lockguard.lock").exists()


def test_a_part_for_another_folder_is_made_anew(run: Run, engine: Path) -> None:
    declare(engine, LEGACY)
    done(run, "snapshot create", engine)
    done(run, "snapshot add sound32==1.0", engine)
    (engine / "elsewhere").mkdir()

    done(run, "snapshot create --config legacy --output elsewhere/legacy.lock", engine)

    assert [*content(engine, "elsewhere/legacy.lock")["configurations"]] == ["legacy"]


def test_without_a_common_time_only_the_time_differs(
    run: Run, engine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(engine, WIDE)
    shards = []
    for number, name in enumerate(names(run, engine)):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(1_800_000_000 + number))
        done(run, f"snapshot create --config {name} --output {name}.lock", engine)
        shards.append(f"{name}.lock")
    monkeypatch.delenv("SOURCE_DATE_EPOCH")

    made = json.loads(merged(run, engine, shards))

    whole = json.loads(alone(run, engine))
    assert made.pop("generated") == "2027-01-15T08:00:05+00:00"
    assert {**made, "generated": whole["generated"]} == whole
    assert made["sha256"] == whole["sha256"]


@pytest.fixture(scope="session")
def oldest() -> Path:
    """The Python of the oldest Poetry, made before a test's index stands in for the real one."""
    return python_of("2.0")


def test_shards_of_two_poetrys_merge_and_the_newest_names_the_generator(
    run: Run, oldest: Path, engine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(engine, WIDE.replace(', "3.12"', "").replace(', "windows-x86_64"', ""))
    old, new = names(run, engine)
    program = [str(oldest), "-m", "poetry_lockguard", "snapshot", "create"]
    subprocess.run(
        [*program, "--config", old, "--output", f"{old}.lock"],
        cwd=engine,
        env={**os.environ, "PYTHONPATH": str(ROOT), "SOURCE_DATE_EPOCH": EPOCH},
        check=True,
        capture_output=True,
        timeout=120,
    )
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225601")
    done(run, f"snapshot create --config {new} --output {new}.lock", engine)

    made = merged(run, engine, [f"{old}.lock", f"{new}.lock"])

    assert content(engine, f"{old}.lock")["generator"]["poetry"] == version_of("2.0")
    assert made == merged(run, engine, [f"{new}.lock", f"{old}.lock"], "other.lock")
    assert made == alone(run, engine)


@pytest.mark.parametrize("epoch", ["yesterday", "1.5", "99999999999999999999"])
def test_a_time_that_is_none_is_refused(
    run: Run, engine: Path, epoch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(engine, LEGACY)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)

    result = run("lockguard snapshot create", engine)

    assert result.code == 2
    assert f"SOURCE_DATE_EPOCH: '{epoch}' is not a number of seconds since 1970" in result.err
    assert not (engine / "lockguard.lock").exists()


@pytest.mark.parametrize(
    ("form", "count"), [("github", 256), ("gitlab", 200), ("json", None)], ids=str
)
def test_more_jobs_than_a_matrix_may_have_are_warned_of(
    run: Run, engine: Path, form: str, count: int | None
) -> None:
    pythons = ", ".join(f'"3.11.{patch}"' for patch in range(257))
    declare(engine, f'[tool.lockguard.matrix]\npython = [{pythons}]\nplatform = ["linux-x86_64"]\n')

    result = run(f"lockguard matrix --format {form}", engine)

    assert result.code == 0
    told = f"declares 257 configurations, but a matrix may have only {count} jobs there"
    assert (told in result.err) == (count is not None)
    assert json.loads(result.out)


@pytest.mark.slow
@pytest.mark.parametrize("shape", [WIDE, LOUD], ids=["wide", "extras"])
def test_many_programs_at_once_make_what_one_makes(
    run: Run, engine: Path, shape: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(engine, shape + LEGACY)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    wanted = names(run, engine)

    def make(name: str) -> int:
        program = ["lockguard", "snapshot", "create", "--config", name]
        return subprocess.run(
            [*program, "--output", f"{name}.lock"], cwd=engine, check=False, timeout=300
        ).returncode

    with ThreadPoolExecutor(max_workers=len(wanted)) as threads:
        codes = [*threads.map(make, wanted)]

    assert codes == [0] * len(wanted)
    assert merged(run, engine, [f"{name}.lock" for name in wanted]) == alone(run, engine)
    left = {path.name for path in engine.iterdir()} - {f"{name}.lock" for name in wanted}
    assert left == {"lockguard.lock", "merged.lock", "pyproject.toml"}
