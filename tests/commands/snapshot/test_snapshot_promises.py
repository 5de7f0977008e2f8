"""What other lock files get wrong and a snapshot must not, said as users would see it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from engine import chosen, content, engine, lock, pinned

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index

    Run = Callable[[str, Path], Result]

__all__ = ["engine"]  # a fixture: the tutorial's project with six configurations

OTHER = "linux-x86_64-py312"


def test_a_merge_moves_no_configuration_to_anothers_newer_version(
    run: Run, engine: Path, index: Index
) -> None:
    run("lockguard snapshot create --config linux-i686-py311 --output old.lock", engine)
    index.add("matrix", "1.1")
    run(f"lockguard snapshot create --config {OTHER} --output new.lock", engine)

    for names in ("old.lock new.lock", "new.lock old.lock"):
        assert run(f"lockguard snapshot merge {names}", engine).code == 0

        assert {name: one["matrix"] for name, one in chosen(engine).items()} == {
            "linux-i686-py311": "1.0",
            OTHER: "1.1",
        }
        parts = content(engine, "old.lock"), content(engine, "new.lock")
        whole = content(engine)["configurations"]
        assert whole == {**parts[0]["configurations"], **parts[1]["configurations"]}


@pytest.mark.parametrize("then", ["", "clean"], ids=["upgrade", "upgrade and clean"])
def test_an_upgrade_of_one_configuration_keeps_the_pins_that_others_need(
    then: str, run: Run, engine: Path, index: Index
) -> None:
    run("lockguard snapshot create", engine)
    before = content(engine)["configurations"]
    index.add("matrix", "1.1")

    assert run(f"lockguard snapshot upgrade matrix --config {OTHER}", engine).code == 0
    if then:
        assert run(f"lockguard snapshot {then}", engine).code == 0

    after = content(engine)["configurations"]
    assert after.pop(OTHER)["packages"]["matrix"]["version"] == "1.1"
    before.pop(OTHER)
    assert after == before
    assert pinned(engine)["matrix"] == ["1.1", "1.0"]
    assert run("lockguard snapshot verify", engine).code == 0


def test_missing_unused_and_stale_pins_are_all_reported_at_once(
    run: Run, engine: Path, index: Index
) -> None:
    index.add("matrix", "3.0")
    run("lockguard snapshot create", engine)
    run("lockguard snapshot add matrix==3.0", engine)
    run("lockguard snapshot remove sound32 tomlike", engine)
    manifest = engine / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace("matrix (>=1.0", "matrix (>=0.9"))

    result = run("lockguard snapshot verify --format json", engine)

    problems = json.loads(result.out)["problems"]
    missing = {
        (one["message"].split(":")[0], one["package"])
        for one in problems
        if one["code"] == "missing-pin"
    }
    assert result.code == 1
    assert missing == {
        *((f"{platform}-py311", "tomlike") for platform in ("linux-x86_64", "windows-x86_64")),
        ("linux-i686-py311", "tomlike"),
        ("linux-i686-py311", "sound32"),
        ("linux-i686-py312", "sound32"),
    }
    assert {one["code"] for one in problems} >= {"missing-pin", "unused-pin", "requirement-changed"}


@pytest.mark.parametrize(
    "command",
    [
        "create",
        "sync",
        "clean",
        "upgrade",
        "add matrix==1.0",
        "update matrix==1.0",
        "merge lockguard.lock lockguard.lock",
        "export --all --output pylock.toml",
    ],
)
def test_no_change_is_no_byte_and_no_write(command: str, run: Run, engine: Path) -> None:
    assert run("lockguard fix", engine).code == 0
    assert run("lockguard snapshot create", engine).code == 0
    assert run("lockguard snapshot export --all --output pylock.toml", engine).code == 0
    files = [engine / name for name in ("lockguard.lock", "pylock.toml")]
    before = [(file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_ino) for file in files]

    result = run(f"lockguard snapshot {command}", engine)

    assert result.code == 0, result.err
    now = [(file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_ino) for file in files]
    assert now == before


SEALS = {"wrong": lambda seal: seal[::-1], "missing": lambda _: None}
USES = (
    "lockguard snapshot verify",
    "lockguard snapshot merge lockguard.lock --output other.lock",
    "lockguard snapshot export --all",
    "lockguard install --snapshot",
)
CHANGES = (
    "add tomlike==1.0",
    "remove matrix",
    "update tomlike==1.0",
    "upgrade tomlike",
    f"record --config {OTHER}",
)


@pytest.mark.parametrize("damage", SEALS.values(), ids=SEALS)
def test_a_seal_that_is_wrong_or_missing_is_an_error_that_nothing_heals(
    damage: Callable[[str], str | None], run: Run, engine: Path, index: Index
) -> None:
    run("lockguard fix", engine)
    run("lockguard snapshot create", engine)
    document = content(engine)
    document["sha256"] = damage(document["sha256"])
    if document["sha256"] is None:
        del document["sha256"]
    (engine / "lockguard.lock").write_text(json.dumps(document, indent=2) + "\n")
    broken = lock(engine)
    index.add("tomlike", "1.0")

    shown = run("lockguard snapshot show", engine)
    assert (shown.code, "its seal is" in shown.err) == (0, True)
    for command in (*USES, *(f"lockguard snapshot {change}" for change in CHANGES)):
        result = run(command, engine)

        assert result.code == 1, (command, result)
        assert "seal is" in result.out + result.err, command
        assert lock(engine) == broken, command
    assert not (engine / "other.lock").exists()


def test_drift_stays_reported_until_every_configuration_is_resolved_anew(
    run: Run, engine: Path, index: Index
) -> None:
    run("lockguard snapshot create", engine)
    index.add("matrix", "2.5")
    manifest = engine / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace("matrix (>=1.0,<2.0)", "matrix (>=2.0,<3.0)"))

    first, second = (run("lockguard snapshot verify", engine) for _ in range(2))
    assert run(f"lockguard snapshot create --config {OTHER}", engine).code == 0
    partly = run("lockguard snapshot verify", engine)
    assert run("lockguard snapshot create", engine).code == 0
    fixed = run("lockguard snapshot verify", engine)

    assert (first.code, first.out) == (second.code, second.out) == (1, first.out)
    assert partly.code == 1
    for name in {*chosen(engine)} - {OTHER}:
        assert f"{name}: matrix 1.0 is recorded, but its pins give 2.5" in partly.out
    assert fixed.code == 0


@pytest.mark.parametrize(
    "command",
    [
        "create",
        "sync",
        "show",
        "verify",
        "clean",
        "merge a.lock",
        "add sound32==1.0",
        "remove matrix",
        "update matrix==1.0",
        "upgrade",
        "record",
        "export --all",
    ],
)
def test_a_format_of_the_future_is_never_overwritten(command: str, run: Run, engine: Path) -> None:
    run(f"lockguard snapshot create --config {OTHER}", engine)
    newer = lock(engine).replace(b'"lockguard_version": 1', b'"lockguard_version": 2')
    (engine / "a.lock").write_bytes(lock(engine))
    (engine / "lockguard.lock").write_bytes(newer)

    result = run(f"lockguard snapshot {command}", engine)

    assert result.code == 2
    assert "lockguard.lock" in result.err
    assert lock(engine) == newer
