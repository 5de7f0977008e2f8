"""A relock keeps every pin that still fits, whatever became of the others and of the sources."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from index import status
from repositories import isolate
from solving import project

from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.relock import fixing, soundness
from poetry_lockguard.relock.context import RelockContext
from poetry_lockguard.relock.soundness import Flaw

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from conftest import Result
    from index import Index, Pypi, PypiRun, Serve

    Run = Callable[[str, Path], Result]


@pytest.fixture
def pypi_run(index: Index, pypi: Pypi) -> PypiRun:
    for name in ("engine", "wing", "tail"):
        index.add(name, "1.0")
    return pypi(index, here=True)


def pins(folder: Path) -> dict[str, str]:
    lock = parse((folder / "poetry.lock").read_bytes())
    return {pin.name: pin.version for pin in lock.pins}


def publish_newer(index: Index) -> None:
    """Let every package have a release that nobody needs."""
    for name in ("engine", "wing", "tail"):
        index.add(name, "1.1")


def without_groups(folder: Path) -> None:
    """Turn the lock into format 2.0, whose entries prove too little: every pin is asked for."""
    lock = folder / "poetry.lock"
    text = re.sub(r"^groups = .*\n", "", lock.read_text(), flags=re.MULTILINE)
    lock.write_text(text.replace('lock-version = "2.1"', 'lock-version = "2.0"'))


def edit(folder: Path, old: str, new: str) -> None:
    manifest = folder / "pyproject.toml"
    text = manifest.read_text()
    assert old in text
    manifest.write_text(text.replace(old, new))


@pytest.mark.usefixtures("pypi_run")
def test_a_pin_that_is_gone_stays_as_the_lock_has_it_and_is_named(
    index: Index, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project(tmp_path / "plane", "engine", "wing")
    assert run("lockguard fix", folder).code == 0
    without_groups(folder)
    publish_newer(index)
    index.remove("wing", "1.0")
    edit(folder, '"wing"', '"wing", "tail<1.1"')
    monkeypatch.setenv("POETRY_CACHE_DIR", str(tmp_path / "another-cache"))

    result = run("lockguard fix", folder)

    assert result.code == 0, result.err
    said = "no index has wing 1.0 any more; kept as locked"
    assert f"relock: solved ({said})" in result.err
    assert pins(folder) == {"engine": "1.0", "wing": "1.0", "tail": "1.0"}


@pytest.mark.usefixtures("pypi_run")
def test_a_pin_that_is_gone_moves_alone_where_it_fits_no_more(
    index: Index, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project(tmp_path / "plane", "engine", "wing")
    assert run("lockguard fix", folder).code == 0
    publish_newer(index)
    index.remove("wing", "1.0")
    edit(folder, '"wing"', '"wing>1"')
    monkeypatch.setenv("POETRY_CACHE_DIR", str(tmp_path / "another-cache"))

    result = run("lockguard fix", folder)

    assert result.code == 0, result.err
    assert pins(folder) == {"engine": "1.0", "wing": "1.1"}


@pytest.mark.usefixtures("pypi_run")
def test_a_pin_that_is_gone_moves_alone_if_its_entry_lacks_an_extra(
    index: Index, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add("sail", "1.0", extras={"wide": ["tail"]})
    folder = project(tmp_path / "plane", "engine", "sail")
    assert run("lockguard fix", folder).code == 0
    publish_newer(index)
    index.remove("sail", "1.0")
    index.add("sail", "1.1", extras={"wide": ["tail"]})
    edit(folder, '"sail"', '"sail[wide]"')
    monkeypatch.setenv("POETRY_CACHE_DIR", str(tmp_path / "another-cache"))

    result = run("lockguard fix", folder)

    assert result.code == 0, result.err
    assert "no index has sail 1.0 any more" in result.err
    assert pins(folder) == {"engine": "1.0", "sail": "1.1", "tail": "1.1"}


@pytest.mark.usefixtures("pypi_run")
def test_several_pins_that_are_gone_are_all_named(
    index: Index, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project(tmp_path / "plane", "engine", "wing")
    assert run("lockguard fix", folder).code == 0
    without_groups(folder)
    publish_newer(index)
    for name in ("engine", "wing"):
        index.remove(name, "1.0")
    edit(folder, '"wing"', '"wing", "tail<1.1"')
    monkeypatch.setenv("POETRY_CACHE_DIR", str(tmp_path / "another-cache"))

    result = run("lockguard fix --format json", folder)

    assert result.code == 0, result.err
    reason = json.loads(result.out)["attempts"][-1]["reason"]
    said = "no index has engine 1.0, wing 1.0 any more; kept as locked"
    assert reason == said


@pytest.mark.parametrize("wanted", ["wing", "wing[]"], ids=["any source", "one source"])
def test_a_source_that_was_renamed_keeps_its_pins(
    wanted: str, index: Index, serve: Serve, tmp_path: Path, run: Run
) -> None:
    for name in ("engine", "wing", "tail"):
        index.add(name, "1.0")
    server = serve(index)
    source = f'[[tool.poetry.source]]\nname = "old"\nurl = "{server.url}"\n'
    bound = '[tool.poetry.dependencies]\nwing = { source = "old" }\n' if "[" in wanted else ""
    folder = project(tmp_path / "plane", "engine", "wing", more=bound + source)
    assert run("lockguard fix", folder).code == 0
    publish_newer(index)
    edit(folder, '"old"', '"corp"')
    before = (folder / "poetry.lock").read_text()

    created = run("lockguard snapshot create --python 3.11 --platform linux-x86_64", folder)
    result = run("lockguard fix", folder)

    assert created.code == 0, created.err
    snapshot = json.loads((folder / "lockguard.lock").read_text())
    assert {name: held[0]["version"] for name, held in snapshot["packages"].items()} == {
        "engine": "1.0",
        "wing": "1.0",
    }
    assert result.code == 0, result.err
    after = (folder / "poetry.lock").read_text()
    expected = before.replace('reference = "old"', 'reference = "corp"')
    assert after.rpartition("content-hash")[0] == expected.rpartition("content-hash")[0]
    assert "regenerate" not in result.err


def test_a_source_that_is_declared_no_more_leaves_its_pins_versions(
    index: Index, serve: Serve, tmp_path: Path, run: Run
) -> None:
    for name in ("engine", "wing", "tail"):
        index.add(name, "1.0")
    source = '[[tool.poetry.source]]\nname = "old"\nurl = "{}"\n'
    folder = project(tmp_path / "plane", "engine", more=source.format(serve(index).url))
    assert run("lockguard fix", folder).code == 0
    publish_newer(index)
    project(folder, "engine", more=source.format(serve(index).url).replace("old", "new"))

    result = run("lockguard fix", folder)

    assert result.code == 0, result.err
    assert pins(folder) == {"engine": "1.0"}


@pytest.mark.usefixtures("pypi_run")
def test_a_relock_that_fails_without_a_reason_moves_no_pin(
    index: Index, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project(tmp_path / "plane", "engine", "wing")
    assert run("lockguard fix", folder).code == 0
    publish_newer(index)
    edit(folder, '"wing"', '"wing", "tail"')
    resolve = RelockContext.resolve

    def stumbling(workshop: RelockContext, preferences: dict[str, Any] | None = None) -> object:
        if preferences is not None and any(entry["files"] for entry in preferences["package"]):
            raise RuntimeError("Poetry stumbles over an entry")
        return resolve(workshop, preferences)

    monkeypatch.setattr(RelockContext, "resolve", stumbling)
    monkeypatch.setattr(RelockContext, "relock", stumbling)

    result = run("lockguard fix", folder)

    assert result.code == 0, result.err
    assert "relock: failed: Poetry stumbles over an entry" in result.err
    assert "regenerate: solved (the versions of 2 pins kept as far as they fit)" in result.err
    assert pins(folder) == {"engine": "1.0", "wing": "1.0", "tail": "1.1"}


@pytest.mark.usefixtures("pypi_run")
def test_regenerate_asked_for_by_name_keeps_nothing(index: Index, tmp_path: Path, run: Run) -> None:
    folder = project(tmp_path / "plane", "engine", "wing")
    assert run("lockguard fix", folder).code == 0
    publish_newer(index)
    edit(folder, '"wing"', '"wing", "tail"')

    assert run("lockguard fix --strategy regenerate", folder).code == 0

    assert set(pins(folder).values()) == {"1.1"}


def test_a_denied_release_is_not_called_gone(
    index: Index, serve: Serve, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("engine", "wing", "tail"):
        index.add(name, "1.0")
    server = serve(index)
    source = f'[[tool.poetry.source]]\nname = "corp"\nurl = "{server.url}"\n'
    folder = project(tmp_path / "plane", "engine", "wing", more=source)
    assert run("lockguard fix", folder).code == 0
    without_groups(folder)
    before = (folder / "poetry.lock").read_bytes()
    edit(folder, '"wing"', '"wing", "tail"')
    server.fault("/simple/wing/", status(403))
    monkeypatch.setenv("POETRY_CACHE_DIR", str(tmp_path / "another-cache"))

    result = run("lockguard fix", folder)

    assert result.code == 1
    assert "any more" not in result.err
    assert (folder / "poetry.lock").read_bytes() == before


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Give a git repository's address, and the commit that is at once ``main`` and ``v1``."""
    isolate(monkeypatch)
    folder = tmp_path / "tool"
    folder.mkdir()
    (folder / "tool.py").touch()
    (folder / "pyproject.toml").write_text('[project]\nname = "tool"\nversion = "0.7"\n')

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-qm", "One")
    git("tag", "v1")
    return f"git+{folder.as_uri()}", git("rev-parse", "HEAD")


NAMES = {
    "branch to commit": ("@main", "@COMMIT"),
    "tag to commit": ("@v1", "@COMMIT"),
    "branch to tag": ("@main", "@v1"),
    "none to branch": ("", "@main"),
}


@pytest.mark.usefixtures("pypi_run")
@pytest.mark.parametrize(("before", "after"), NAMES.values(), ids=NAMES)
def test_two_names_of_one_commit_are_one_commit(  # noqa: PLR0913, PLR0917 - fixtures
    before: str, after: str, tool: tuple[str, str], index: Index, tmp_path: Path, run: Run
) -> None:
    address, commit = tool
    folder = project(tmp_path / "plane", "engine", f"tool @ {address}{before}")
    assert run("lockguard fix", folder).code == 0
    publish_newer(index)
    edit(folder, f'{address}{before}"', f'{address}{after.replace("COMMIT", commit)}"')

    result = run("lockguard fix", folder)

    assert result.code == 0, result.err
    assert result.out.startswith(("poetry.lock: fixed", "poetry.lock: updated"))
    assert "regenerate" not in result.err
    assert pins(folder) == {"engine": "1.0", "tool": "0.7"}
    checked = run("lockguard check --deep", folder)
    first, *warnings = checked.out.splitlines()
    assert (checked.code, first) == (0, "poetry.lock: fresh")
    assert all(line.startswith("  absolute-path (warning): tool: ") for line in warnings)
    target = "--python 3.11 --platform linux-x86_64"
    assert run(f"lockguard snapshot create {target}", folder).code == 0
    verified = run("lockguard snapshot verify", folder)
    assert verified.code == 0, verified.out + verified.err


@pytest.mark.usefixtures("pypi_run")
@pytest.mark.parametrize(
    ("running", "remedy"), [("2.4.1", "use Poetry 2.5 or newer"), ("2.5.0", "use a newer Poetry")]
)
def test_what_poetry_cannot_lock_soundly_is_not_tried_again(
    running: str, remedy: str, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project(tmp_path / "plane", "engine")
    assert run("lockguard fix", folder).code == 0
    before = (folder / "poetry.lock").read_bytes()
    edit(folder, '"engine"', '"engine", "wing"')
    narrowed = "wing: needed by engine, but locked for other environments only"
    flaw = Flaw(narrowed, is_lasting=True)
    monkeypatch.setattr(fixing, "flaws", lambda *_: flaw)
    monkeypatch.setattr(soundness, "running_poetry", lambda: running)

    result = run("lockguard fix", folder)

    assert result.code == 1
    assert f"relock: failed: the lock it made is not sound: {narrowed}" in result.err
    assert "regenerate" not in result.err
    assert "cannot lock this project soundly" in result.err
    assert remedy in result.err
    assert "poetry lock -vv" not in result.err
    assert (folder / "poetry.lock").read_bytes() == before


@pytest.mark.usefixtures("pypi_run")
def test_what_poetry_cannot_lock_soundly_from_nothing_has_the_same_remedy(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project(tmp_path / "plane", "engine")
    monkeypatch.setattr(fixing, "flaws", lambda *_: Flaw("narrowed", is_lasting=True))

    result = run("lockguard fix", folder)

    assert result.code == 1
    assert "cannot lock this project soundly" in result.err
    assert "poetry lock -vv" not in result.err
    assert not (folder / "poetry.lock").exists()
