"""The snapshot commands: what each does to the file, what it says, and how it exits."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from engine import MATRIX, PC, chosen, content, engine, lock, pinned
from solving import lock as make_lock

from poetry_lockguard.plugin import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]

__all__ = ["engine"]  # a fixture: the tutorial's project with six configurations


def test_snapshot_alone_lists_its_commands(run: Run, engine: Path) -> None:
    result = run("lockguard snapshot", engine)

    assert result.code == 0
    below = [name.removeprefix("snapshot ") for name in COMMANDS if name.startswith("snapshot ")]
    assert [line.split()[0] for line in result.out.splitlines()[4:]] == below


def test_a_word_that_is_no_snapshot_command_is_told_the_nearest(run: Run, engine: Path) -> None:
    result = run("lockguard snapshot crate", engine)

    assert result.code == 2
    assert "did you mean snapshot create?" in result.err


def test_all_declared_configurations_are_created(run: Run, engine: Path) -> None:
    result = run("lockguard snapshot create", engine)

    assert result.code == 0, result.err
    both = {"matrix": "1.0", "tomlike": "0.9"}
    assert chosen(engine) == {
        "linux-i686-py311": {**both, "sound32": "1.0"},
        "linux-i686-py312": {"matrix": "1.0", "sound32": "1.0"},
        "linux-x86_64-py311": both,
        "linux-x86_64-py312": {"matrix": "1.0"},
        "windows-x86_64-py311": both,
        "windows-x86_64-py312": {"matrix": "1.0"},
    }
    packages = content(engine)["configurations"]["linux-i686-py311"]["packages"]
    assert packages["tomlike"]["resolved_by"] == "matrix"


def test_without_anything_declared_the_projects_interpreter_is_resolved(
    run: Run, engine: Path
) -> None:
    manifest = engine / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace(MATRIX, ""))

    assert run("lockguard snapshot create", engine).code == 0

    (one,) = content(engine)["configurations"].values()
    python = subprocess.run(
        ["python", "-c", "import platform; print(platform.python_version())"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert one["target"]["python"] == python.stdout.strip()


def test_the_order_of_creation_does_not_matter(run: Run, engine: Path, index: Index) -> None:
    names = [
        f"{platform}-py{python}"
        for platform in ("linux-x86_64", "linux-i686", "windows-x86_64")
        for python in (311, 312)
    ]
    made = []
    for order in (names, names[::-1]):
        options = " ".join(f"--config {name}" for name in order)
        assert run(f"lockguard snapshot create {options} --output new.lock", engine).code == 0
        document = content(engine, "new.lock")
        made.append({key: document[key] for key in ("configurations", "packages", "sha256")})
        (engine / "new.lock").unlink()
    assert made[0] == made[1]


def test_every_unsolvable_configuration_is_reported_and_nothing_written(
    run: Run, engine: Path
) -> None:
    manifest = engine / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace('"sound32 (>=1.0', '"sound32 (>=1.5'))

    result = run("lockguard snapshot create --format json", engine)

    assert result.code == 1
    report = json.loads(result.out)
    failed = [one["configuration"] for one in report["unsolvable"]]
    assert failed == ["linux-i686-py311", "linux-i686-py312"]
    assert all("sound32" in one["reason"] for one in report["unsolvable"])
    assert not (engine / "lockguard.lock").exists()


def test_the_resolvers_explanation_comes_without_marks_for_a_console(
    run: Run, engine: Path, index: Index
) -> None:
    index.add("matrix", "1.1", python=">=3.13")
    manifest = engine / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace('"matrix (>=1.0', '"matrix (>=1.1'))

    told = run("lockguard snapshot create --config linux-x86_64-py311", engine)
    document = run("lockguard snapshot create --config linux-x86_64-py311 --format json", engine)

    assert told.code == document.code == 1
    (reason,) = [one["reason"] for one in json.loads(document.out)["unsolvable"]]
    assert "* Check your dependencies Python requirement:" in reason
    for text in (told.err, reason):
        assert "</>" not in text
        assert "<fg=" not in text


def test_verify_lists_pins_that_none_of_support_a_python(
    run: Run, engine: Path, index: Index
) -> None:
    index.add("sound32", "1.1", python=">=3.12")
    run("lockguard snapshot create", engine)
    assert pinned(engine)["sound32"] == ["1.1", "1.0"]
    run("lockguard snapshot remove sound32==1.0 tomlike", engine)

    result = run("lockguard snapshot verify", engine)

    assert result.code == 1
    sound, tomlike, *_ = result.out.splitlines()
    assert sound.endswith("sound32 (>=1.0,<2.0) on Python 3.11.0 (needed by pyproject.toml)")
    assert "linux-i686-py311, linux-x86_64-py311, windows" in tomlike
    assert tomlike.endswith("-py311: no pin fits tomlike (needed by matrix)")
    assert "unsolvable" not in result.out


def test_fresh_takes_the_newest_and_clean_drops_the_old(
    run: Run, engine: Path, index: Index
) -> None:
    run("lockguard snapshot create", engine)
    index.add("matrix", "1.1")

    assert run("lockguard snapshot create --fresh", engine).code == 0

    assert pinned(engine)["matrix"] == ["1.1", "1.0"]
    assert run("lockguard snapshot clean", engine).code == 0
    assert pinned(engine) == {"matrix": ["1.1"], "sound32": ["1.0"]}


def test_pins_of_poetry_lock_are_preferred(run: Run, engine: Path, index: Index) -> None:
    make_lock(engine)
    index.add("matrix", "1.1")

    assert run("lockguard snapshot create", engine).code == 0

    assert {versions["matrix"] for versions in chosen(engine).values()} == {"1.0"}


def test_sync_follows_poetry_lock_without_network(
    run: Run, engine: Path, index: Index, pypi: Pypi
) -> None:
    run("lockguard snapshot create", engine)
    index.add("matrix", "1.1", requires=["tomlike ; python_version < '3.12'"])
    make_lock(engine)
    server = pypi(index, here=True, json=False).server

    result = run("lockguard snapshot sync", engine)

    assert result.code == 0, result.err
    assert server.asked == []
    assert {versions["matrix"] for versions in chosen(engine).values()} == {"1.1"}
    assert pinned(engine)["matrix"] == ["1.1"]
    assert run("lockguard snapshot verify", engine).code == 0


def test_sync_lists_all_that_the_lock_cannot_give(run: Run, engine: Path) -> None:
    make_lock(engine)
    text = (engine / "poetry.lock").read_text()
    packages, metadata = text.split("[metadata]")
    kept = [one for one in packages.split("[[package]]") if 'name = "tomlike"' not in one]
    (engine / "poetry.lock").write_text("[[package]]".join(kept) + "[metadata]" + metadata)

    result = run("lockguard snapshot sync", engine)

    assert result.code == 1
    names, said, *_ = result.err.splitlines()
    assert names == (
        "linux-x86_64-py311, linux-i686-py311, windows-x86_64-py311: cannot be resolved:"
    )
    assert said == "  poetry.lock contains no pin for tomlike (needed by matrix)"
    assert not (engine / "lockguard.lock").exists()
    assert run("lockguard snapshot sync --partial", engine).code == 0
    assert {name.rpartition("-")[2] for name in chosen(engine)} == {"py312"}


def test_verify_tells_drift_by_requirement_and_writes_nothing(run: Run, engine: Path) -> None:
    run("lockguard snapshot create", engine)
    before = lock(engine)
    manifest = engine / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace("matrix (>=1.0,<2.0)", "matrix (>=1.5,<3.0)"))

    result = run("lockguard snapshot verify", engine)

    assert result.code == 1
    assert "matrix (>=1.0,<2.0) -> matrix (>=1.5,<3.0)" in result.out
    (told,) = re.findall(r"^missing-pin +(.*): no pin fits matrix ", result.out, re.MULTILINE)
    assert sorted(told.split(", ")) == sorted(chosen(engine))
    assert lock(engine) == before


def test_create_of_everything_mends_a_broken_seal(run: Run, engine: Path) -> None:
    run("lockguard snapshot create", engine)
    whole = content(engine)
    (engine / "lockguard.lock").write_bytes(lock(engine).replace(b"0.9", b"0.8"))

    result = run("lockguard snapshot create", engine)

    assert result.code == 0, result.err
    assert "its seal is wrong" in result.err
    assert content(engine)["packages"] == whole["packages"]
    assert run("lockguard snapshot verify", engine).code == 0


def test_add_refuses_what_does_not_exist_all_or_nothing(run: Run, engine: Path) -> None:
    run(f"lockguard snapshot create {PC}", engine)
    before = lock(engine)

    result = run("lockguard snapshot add sound32==1.0 matrix==9.9", engine)

    assert result.code == 1
    assert "matrix==9.9: no index has it" in result.err
    assert lock(engine) == before


def test_remove_takes_globs_and_says_who_lost_what(run: Run, engine: Path) -> None:
    run("lockguard snapshot create", engine)

    result = run("lockguard snapshot remove 'tom*'", engine)

    assert result.code == 0
    assert "no longer complete: linux-i686-py311" in result.out
    assert "tomlike" not in pinned(engine)
    assert run("lockguard snapshot verify", engine).code == 1
    assert run("lockguard snapshot remove 'nothing*'", engine).code == 1


def test_update_keeps_a_configuration_where_the_new_pin_does_not_fit(
    run: Run, engine: Path, index: Index
) -> None:
    index.add("matrix", "1.1", python=">=3.12")
    run("lockguard snapshot create --python 3.11 --platform linux-x86_64", engine)
    run("lockguard snapshot add matrix==1.0", engine)
    run("lockguard snapshot create --python 3.12 --platform linux-x86_64", engine)

    result = run("lockguard snapshot update matrix==1.1", engine)

    assert result.code == 0, result.err
    assert "matrix stays as it is in linux-x86_64-py311: " in result.out
    assert {name: one["matrix"] for name, one in chosen(engine).items()} == {
        "linux-x86_64-py311": "1.0",
        "linux-x86_64-py312": "1.1",
    }
    assert pinned(engine)["matrix"] == ["1.1", "1.0"]


def test_upgrade_moves_only_what_was_named(run: Run, engine: Path, index: Index) -> None:
    run("lockguard snapshot create", engine)
    index.add("matrix", "1.1", requires=["tomlike ; python_version < '3.12'"])
    index.add("tomlike", "1.0")

    assert run("lockguard snapshot upgrade matrix", engine).code == 0

    assert pinned(engine) == {"matrix": ["1.1"], "sound32": ["1.0"], "tomlike": ["0.9"]}
    assert run("lockguard snapshot upgrade", engine).code == 0
    assert pinned(engine)["tomlike"] == ["1.0"]


def test_verify_of_pins_that_nothing_needs(run: Run, engine: Path, index: Index) -> None:
    index.add("matrix", "3.0")
    run("lockguard snapshot create", engine)
    run("lockguard snapshot add matrix==3.0", engine)

    result = run("lockguard snapshot verify", engine)

    assert result.code == 0
    assert "matrix 3.0 fits no requirement" in result.out


def test_verify_of_wheels_that_do_not_fit_the_target(run: Run, engine: Path, index: Index) -> None:
    index.remove("tomlike")
    index.add("tomlike", "0.9", tags=["cp311-cp311-win_amd64"])
    index.remove("sound32")
    index.add("sound32", "1.0", tags=["cp311-cp311-win_amd64"], sdist=False)
    run("lockguard snapshot create", engine)

    result = run("lockguard snapshot verify", engine)

    assert result.code == 1
    i686, x86_64 = "linux-i686-py311", "linux-x86_64-py311"
    assert f"{i686}, linux-i686-py312: sound32 1.0 has nothing that installs there" in result.out
    assert f" {i686}, {x86_64}: tomlike 0.9 has no wheel there" in result.out


def test_merge_lists_contradictions_and_takes_a_preference(
    run: Run, engine: Path, index: Index
) -> None:
    run(f"lockguard snapshot create {PC} --output a.lock", engine)
    index.add("matrix", "1.1")
    run(f"lockguard snapshot create {PC} --output b.lock --fresh", engine)

    refused = run("lockguard snapshot merge a.lock b.lock", engine)
    assert refused.code == 1
    assert "  1.0 by root for main (in a.lock)\n  1.1 by root for main (in b.lock)" in refused.err
    assert not (engine / "lockguard.lock").exists()
    assert run("lockguard snapshot merge a.lock b.lock --prefer theirs", engine).code == 0
    assert chosen(engine)["linux-x86_64-py311"]["matrix"] == "1.1"


def test_merge_names_what_is_declared_and_in_no_part(run: Run, engine: Path) -> None:
    run("lockguard snapshot create --config linux-i686-py311 --output a.lock", engine)
    run("lockguard snapshot create --config linux-i686-py312 --output b.lock", engine)

    result = run("lockguard snapshot merge a.lock b.lock", engine)

    assert result.code == 0
    (note,) = [line for line in result.out.splitlines() if "in none of" in line]
    named = note.removeprefix("declared, but in none of these snapshots: ").split(", ")
    assert len(named) == 4
    assert not {*named} & {*chosen(engine)}
    run("lockguard snapshot create --output all.lock", engine)
    assert "in none of" not in run("lockguard snapshot merge all.lock", engine).out


def test_sync_without_a_lock_names_the_command_that_makes_one(run: Run, engine: Path) -> None:
    result = run("lockguard snapshot sync", engine)

    assert result.code == 2
    assert result.err.endswith("poetry.lock: no such file; make it with `poetry lockguard fix`\n")


def test_a_requirement_of_an_extra_is_there_only_with_the_extra(run: Run, engine: Path) -> None:
    manifest = engine / "pyproject.toml"
    manifest.write_text(
        manifest.read_text().replace(
            "[tool.poetry]", '[project.optional-dependencies]\nloud = ["tomlike"]\n\n[tool.poetry]'
        )
    )
    where = "--python 3.12 --platform linux-x86_64"

    assert run(f"lockguard snapshot create {where}", engine).code == 0
    assert run(f"lockguard snapshot create {where} --extras loud", engine).code == 0

    assert chosen(engine) == {
        "linux-x86_64-py312": {"matrix": "1.0"},
        "linux-x86_64-py312-loud": {"matrix": "1.0", "tomlike": "0.9"},
    }


def test_matrix_is_a_ci_matrix(run: Run, engine: Path) -> None:
    result = run("lockguard matrix --format github", engine)

    assert len(json.loads(result.out)["include"]) == 6


def test_export_for_all_and_for_one(run: Run, engine: Path) -> None:
    run("lockguard snapshot create", engine)

    assert run("lockguard snapshot export --all --output pylock.toml", engine).code == 0
    result = run(
        "lockguard snapshot export --config linux-i686-py311 --format requirements", engine
    )

    assert "matrix-1.0-py3-none-any.whl" in (engine / "pylock.toml").read_text()
    assert "sound32==1.0" in result.out
    assert "--hash=sha256:" in result.out


@pytest.mark.parametrize("form", ["pylock", "requirements", "constraints"])
def test_what_lacks_pins_is_not_exported(form: str, run: Run, engine: Path) -> None:
    run("lockguard snapshot create", engine)
    run("lockguard snapshot remove sound32 tomlike", engine)

    result = run(
        f"lockguard snapshot export --config linux-i686-py311 --format {form} --output out.toml",
        engine,
    )

    assert result.code == 1
    assert result.err.splitlines() == [
        "lockguard: linux-i686-py311: none of its pins satisfies tomlike (needed by matrix)",
        (
            "lockguard: linux-i686-py311: none of its pins satisfies"
            " sound32 (>=1.0,<2.0) ; platform_machine == 'i686' (needed by the project)"
        ),
        "lockguard: nothing was written; `poetry lockguard snapshot create` completes it",
    ]
    assert not (engine / "out.toml").exists()


def test_an_export_without_network_says_why(run: Run, engine: Path) -> None:
    run("lockguard snapshot create", engine)

    result = run("lockguard snapshot export --all --offline --output out.toml", engine)

    assert result.code == 1
    *reasons, last = result.err.splitlines()
    assert reasons
    assert all(reason.endswith("was not asked: --offline") for reason in reasons)
    assert last == "lockguard: lockguard.lock: not exported"
    assert not (engine / "out.toml").exists()


def test_diff_takes_snapshots_too(run: Run, engine: Path, index: Index) -> None:
    run(f"lockguard snapshot create {PC} --output old.lock", engine)
    index.add("matrix", "1.1")
    run(f"lockguard snapshot create {PC} --output new.lock --fresh", engine)

    own = run("lockguard snapshot diff old.lock new.lock --exit-code", engine)
    plain = run("lockguard diff old.lock new.lock --exit-code", engine)

    assert (own.code, own.out) == (plain.code, plain.out)
    assert own.code == 1
    assert "upgraded     matrix 1.0 -> 1.1" in own.out


def test_diff_between_two_configurations(run: Run, engine: Path) -> None:
    run("lockguard snapshot create", engine)

    result = run("lockguard snapshot diff --between linux-i686-py311 linux-i686-py312", engine)

    head, row, *_ = result.out.splitlines()
    assert head == "linux-i686-py311 -> linux-i686-py312: 1 removed"
    assert row == "removed      tomlike 0.9"


def test_a_deep_check_includes_the_snapshot(run: Run, engine: Path) -> None:
    make_lock(engine)
    run("lockguard snapshot create", engine)
    good = run("lockguard check --deep", engine)
    (engine / "lockguard.lock").write_bytes(lock(engine).replace(b'"0.9"', b'"0.8"'))

    bad = run("lockguard check --deep --format json", engine)

    assert (good.code, bad.code) == (0, 1)
    codes = {problem["code"] for problem in json.loads(bad.out)["projects"][0]["problems"]}
    assert {"seal", "lock-differs"} <= codes
    assert run("lockguard check", engine).code == 0


def test_verify_tells_of_declared_configurations_that_are_not_there(run: Run, engine: Path) -> None:
    run("lockguard snapshot create --config linux-i686-py311", engine)

    result = run("lockguard snapshot verify", engine)

    assert result.code == 0
    assert result.out.count("is declared, but not in the snapshot") == 5
