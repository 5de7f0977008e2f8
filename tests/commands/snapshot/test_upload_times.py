"""A snapshot keeps what the index says of files, and is the same where an index says nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from engine import chosen, content, lock

from poetry_lockguard.toml import loads

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi, Serve

    Run = Callable[[str, Path], Result]

OLD = "2026-01-01T00:00:00.250000Z"
SECOND = "2025-03-01T12:00:00Z"
YESTERDAY = (datetime.now(tz=timezone.utc) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
MATRIX = """
[tool.lockguard.matrix]
python = ["3.11", "3.12"]
platform = ["linux-x86_64", "windows-x86_64"]
"""
AGE = '\n[tool.lockguard.policy]\nmin-age = "7 days"\n'
HTML: dict[str, Any] = {"json": False}
CREATES = (
    "snapshot create",
    "snapshot create --fresh",
    "snapshot upgrade",
    "snapshot update matrix==1.0",
    "snapshot add matrix==1.0",
    "snapshot sync",
)


@pytest.fixture
def packages(index: Index) -> Index:
    index.add("matrix", "1.0", requires=["tomlike ; python_version < '3.12'"], uploaded=OLD)
    index.add("tomlike", "0.9", uploaded=SECOND, sdist=False)
    return index


@pytest.fixture
def see(
    pypi: Pypi, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., None]:
    """Let this process see an index as PyPI, with empty caches."""

    def show(index: Index, **face: Any) -> None:
        pypi(index, here=True, **face)
        monkeypatch.setenv("POETRY_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))

    return show


@pytest.fixture
def folder(packages: Index, story: Callable[[str], Path]) -> Path:
    packages.add("sound32", "1.0", uploaded=OLD)
    made = story("engine")
    manifest = made / "pyproject.toml"
    manifest.write_text(manifest.read_text() + MATRIX)
    return made


def done(run: Run, command: str, folder: Path) -> Result:
    result = run(f"lockguard {command}", folder)
    assert result.code == 0, (command, result)
    return result


def told(folder: Path, name: str = "lockguard.lock") -> dict[str, dict[str, Any]]:
    """Return what the snapshot says of the files, by name of the package."""
    return {
        package: {key: pin[key] for key in ("bytes", "upload_times") if key in pin}
        for package, (pin,) in content(folder, name)["packages"].items()
    }


def expected(index: Index, times: dict[str, str]) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "bytes": {one.filename: len(one.content) for one in index.projects[name]},
            "upload_times": {one.filename: time for one in index.projects[name]},
        }
        for name, time in times.items()
    }


@pytest.mark.contract
def test_a_snapshot_keeps_the_size_and_the_upload_time_of_every_file(
    folder: Path, packages: Index, see: Callable[..., None], run: Run
) -> None:
    see(packages)

    done(run, "snapshot create", folder)

    assert told(folder) == expected(packages, {"matrix": OLD, "tomlike": SECOND})


@pytest.mark.contract
def test_so_does_one_of_an_index_that_the_manifest_names(
    folder: Path, packages: Index, serve: Serve, run: Run
) -> None:
    server = serve(packages, json=True)
    manifest = folder / "pyproject.toml"
    source = f'\n[[tool.poetry.source]]\nname = "own"\nurl = "{server.url}"\n'
    manifest.write_text(manifest.read_text() + source)

    done(run, "snapshot create", folder)

    assert told(folder) == expected(packages, {"matrix": OLD, "tomlike": SECOND})


def test_an_index_without_times_gives_a_snapshot_without_them(
    folder: Path, packages: Index, see: Callable[..., None], run: Run
) -> None:
    see(packages, **HTML)

    done(run, "snapshot create", folder)

    assert told(folder) == {"matrix": {}, "tomlike": {}}


def test_an_index_that_gives_them_later_completes_the_snapshot(
    folder: Path, packages: Index, see: Callable[..., None], run: Run
) -> None:
    see(packages, **HTML)
    done(run, "snapshot create", folder)
    before = (chosen(folder), content(folder)["packages"]["matrix"][0]["files"])
    see(packages)

    result = done(run, "snapshot create", folder)

    assert told(folder) == expected(packages, {"matrix": OLD, "tomlike": SECOND})
    assert (chosen(folder), content(folder)["packages"]["matrix"][0]["files"]) == before
    assert "sizes and upload times of 3 files added" in result.out


@pytest.mark.parametrize("command", CREATES)
@pytest.mark.parametrize("other", ["none", "others"])
def test_an_index_that_says_nothing_or_something_else_changes_no_byte(  # noqa: PLR0913, PLR0917
    command: str,
    other: str,
    folder: Path,
    packages: Index,
    see: Callable[..., None],
    run: Run,
) -> None:
    see(packages)
    done(run, "fix", folder)
    done(run, "snapshot create", folder)
    before = lock(folder)
    for name, artifacts in packages.projects.items():
        packages.projects[name] = [replace(one, uploaded=YESTERDAY) for one in artifacts]
    see(packages, **(HTML if other == "none" else {}))

    done(run, command, folder)

    assert lock(folder) == before


def test_parts_from_two_kinds_of_indexes_are_merged_in_any_order(
    folder: Path, packages: Index, see: Callable[..., None], run: Run
) -> None:
    first, second = ("linux-x86_64-py311", "windows-x86_64-py311")
    see(packages)
    done(run, f"snapshot create --config {first} --output a.lock", folder)
    see(packages, **HTML)
    done(run, f"snapshot create --config {second} --output b.lock", folder)

    done(run, "snapshot merge a.lock b.lock --output ab.lock", folder)
    done(run, "snapshot merge b.lock a.lock --output ba.lock", folder)

    assert told(folder, "b.lock") == {"matrix": {}, "tomlike": {}}
    assert told(folder, "ab.lock") == expected(packages, {"matrix": OLD, "tomlike": SECOND})
    assert (folder / "ab.lock").read_bytes() == (folder / "ba.lock").read_bytes()


def test_neither_verify_nor_diff_compares_them(
    folder: Path, packages: Index, see: Callable[..., None], run: Run
) -> None:
    see(packages)
    done(run, "snapshot create", folder)
    (folder / "old.lock").write_bytes(lock(folder))
    (folder / "lockguard.lock").unlink()
    see(packages, **HTML)
    done(run, "snapshot create", folder)

    compared = run("lockguard snapshot diff old.lock lockguard.lock --exit-code", folder)

    assert compared.code == 0, compared
    done(run, "snapshot verify", folder)


@pytest.mark.parametrize(
    ("uploaded", "code", "words"),
    [
        (OLD, 0, ""),
        (YESTERDAY, 1, "matrix: 1.0 was uploaded on"),
        (None, 0, "warning: lockguard.lock does not say when matrix, tomlike"),
    ],
    ids=["old", "young", "unknown"],
)
def test_the_policy_judges_the_ages_in_a_snapshot_without_network(  # noqa: PLR0913, PLR0917
    uploaded: str | None,
    code: int,
    words: str,
    index: Index,
    folder: Path,
    see: Callable[..., None],
    refused: str,
    monkeypatch: pytest.MonkeyPatch,
    run: Run,
) -> None:
    for name, artifacts in index.projects.items():
        index.projects[name] = [replace(one, uploaded=uploaded) for one in artifacts]
    see(index)
    done(run, "fix", folder)
    done(run, "snapshot create", folder)
    manifest = folder / "pyproject.toml"
    manifest.write_text(manifest.read_text() + AGE)
    monkeypatch.setenv("HTTPS_PROXY", refused)

    verified = run("lockguard snapshot verify", folder)
    deep = run("lockguard check --deep", folder)

    assert verified.code == deep.code == code, (verified, deep)
    assert words in verified.out
    assert words.removeprefix("warning: ") in deep.out
    assert ("too-young" in verified.out) == bool(words)


def test_what_is_too_young_is_neither_exported_nor_installed(
    index: Index, folder: Path, see: Callable[..., None], run: Run
) -> None:
    for name, artifacts in index.projects.items():
        index.projects[name] = [replace(one, uploaded=YESTERDAY) for one in artifacts]
    see(index)
    done(run, "snapshot create", folder)
    manifest = folder / "pyproject.toml"
    manifest.write_text(manifest.read_text() + AGE)

    for command in (
        "snapshot export --config linux-x86_64-py311",
        "bundle --config linux-x86_64-py311 --output bundle",
        "install --snapshot --config linux-x86_64-py311",
    ):
        result = run(f"lockguard {command}", folder)

        assert result.code == 1, (command, result)
        assert "less than 7 days ago" in result.err + result.out, (command, result)


def test_an_unknown_age_can_be_an_error(
    folder: Path, packages: Index, see: Callable[..., None], run: Run
) -> None:
    see(packages, **HTML)
    done(run, "snapshot create", folder)
    manifest = folder / "pyproject.toml"
    manifest.write_text(f'{manifest.read_text()}{AGE}min-age-unknown = "error"\n')

    result = run("lockguard snapshot verify --format json", folder)

    (problem,) = [one for one in json.loads(result.out)["problems"] if one["code"] == "too-young"]
    assert (result.code, problem["severity"]) == (1, "error")
    assert problem["message"].endswith(
        "could not be checked; `poetry lockguard snapshot create` records it if the index says so"
    )


@pytest.mark.contract
@pytest.mark.parametrize("face", [{}, HTML], ids=["the same index", "one that says nothing"])
def test_a_pylock_of_a_snapshot_has_sizes_and_upload_times(
    face: dict[str, Any], folder: Path, packages: Index, see: Callable[..., None], run: Run
) -> None:
    see(packages)
    done(run, "snapshot create", folder)
    see(packages, **face)

    done(run, "snapshot export --all --output pylock.toml", folder)

    found = files_of(folder / "pylock.toml")
    assert found == {
        one.filename: (len(one.content), datetime.fromisoformat(time.replace("Z", "+00:00")))
        for name, time in (("matrix", OLD), ("tomlike", SECOND))
        for one in packages.projects[name]
    }


def files_of(path: Path) -> dict[str, tuple[Any, Any]]:
    listed = loads(path.read_text("utf-8"))["packages"]
    every = (file for one in listed for file in (*one["wheels"], *filter(None, [one.get("sdist")])))
    return {file["name"]: (file.get("size"), file.get("upload-time")) for file in every}


@pytest.mark.contract
def test_so_has_a_pylock_of_a_lock_and_it_stays_in_step(
    folder: Path, packages: Index, see: Callable[..., None], run: Run
) -> None:
    see(packages)
    manifest = folder / "pyproject.toml"
    exports = """
[tool.lockguard.exports]
"pylock.toml" = { format = "pylock" }
"one.toml" = { format = "pylock", config = "linux-x86_64-py311" }
"""
    manifest.write_text(manifest.read_text() + exports)

    done(run, "fix", folder)

    for name in ("pylock.toml", "one.toml"):
        found = files_of(folder / name)
        assert {time for _, time in found.values()} == {
            datetime.fromisoformat(time.replace("Z", "+00:00")) for time in (OLD, SECOND)
        }
        assert all(size > 0 for size, _ in found.values())
    done(run, "check", folder)


def test_files_of_another_hash_inherit_nothing(
    folder: Path, packages: Index, see: Callable[..., None], run: Run
) -> None:
    see(packages)
    done(run, "snapshot create", folder)
    (wheel,) = content(folder)["packages"]["tomlike"][0]["files"]
    packages.remove("tomlike")
    packages.add("tomlike", "0.9", uploaded=OLD, sdist=False, summary="other bytes")
    see(packages)
    done(run, "snapshot update tomlike==0.9", folder)

    assert told(folder)["tomlike"]["upload_times"] == {wheel: OLD}
