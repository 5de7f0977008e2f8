"""What a user gets from ``poetry lockguard update``: the named pins move, and no other."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from repositories import isolate
from solving import project

from poetry_lockguard.lockfile.parse import parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi, PypiRun, Serve

    Run = Callable[[str, Path], Result]


@pytest.fixture
def pypi_run(index: Index, pypi: Pypi) -> PypiRun:
    """Let a PyPI with a first generation of packages answer this process."""
    index.add("engine", "1.0", requires=["gear>=1"], extras={"turbo": ["fan"]})
    for name in ("gear", "fan", "tail"):
        index.add(name, "1.0")
    index.add("wing", "1.0", requires=["gear<2"])
    return pypi(index, here=True)


def publish(index: Index) -> None:
    """Publish a second generation: newer gears fit no old wing, and the newest engine needs one."""
    index.add("engine", "1.1", requires=["gear>=1"], extras={"turbo": ["fan"]})
    index.add("engine", "2.0", requires=["gear>=2"], extras={"turbo": ["fan>=2"]})
    for version in ("1.1", "2.0"):
        index.add("gear", version)
        index.add("fan", version)
        index.add("tail", version)
    index.add("wing", "1.1", requires=["gear<2"])
    index.add("wing", "2.0", requires=["gear"])


def locked(folder: Path, index: Index, run: Run, *wanted: str, more: str = "") -> Path:
    """Give a project that was locked before the second generation came out."""
    made = project(folder, *wanted, more=more)
    result = run("lockguard fix", made)
    assert result.code == 0, result.err
    publish(index)
    return made


def pins(folder: Path) -> dict[str, str]:
    lock = parse((folder / "poetry.lock").read_bytes())
    return {pin.name: pin.version for pin in lock.pins}


@pytest.mark.contract
@pytest.mark.usefixtures("pypi_run")
def test_a_named_version_moves_alone(index: Index, tmp_path: Path, run: Run) -> None:
    folder = locked(tmp_path / "plane", index, run, "engine", "wing", "tail")
    before = (folder / "poetry.lock").read_text()

    result = run("lockguard update engine==1.1", folder)

    assert result.code == 0, result.err
    assert result.out.splitlines() == [
        "poetry.lock: updated, 1 upgraded",
        "  upgraded     engine 1.0 -> 1.1",
    ]
    assert pins(folder) == {"engine": "1.1", "gear": "1.0", "tail": "1.0", "wing": "1.0"}
    changed = {*(folder / "poetry.lock").read_text().splitlines()} - {*before.splitlines()}
    assert len(changed) == 3  # the version, and the hashes of two files
    assert sorted(path.name for path in folder.iterdir()) == ["poetry.lock", "pyproject.toml"]


@pytest.mark.usefixtures("pypi_run")
def test_the_format_moves_up_where_that_is_asked_for(
    index: Index, tmp_path: Path, run: Run
) -> None:
    folder = locked(tmp_path / "plane", index, run, "engine", "wing", "tail")
    lock = folder / "poetry.lock"
    text = lock.read_text().replace('lock-version = "2.1"', 'lock-version = "2.0"')
    text = re.sub(
        r"by Poetry \S+", "by Poetry 1.8.5", re.sub(r"^groups = .*\n", "", text, flags=re.MULTILINE)
    )
    lock.write_text(text)

    kept = run("lockguard update engine==1.1", folder)
    lock_version = parse(lock.read_bytes()).lock_version
    newest = run("lockguard update tail==1.1 --lock-format newest", folder)

    assert (kept.code, newest.code) == (0, 0), kept.err + newest.err
    assert lock_version == "2.0"
    assert parse(lock.read_bytes()).lock_version == "2.1"
    assert pins(folder) == {"engine": "1.1", "gear": "1.0", "tail": "1.1", "wing": "1.0"}


@pytest.mark.contract
@pytest.mark.usefixtures("pypi_run")
def test_without_a_version_the_newest_in_range_is_taken(
    index: Index, tmp_path: Path, run: Run
) -> None:
    folder = locked(tmp_path / "plane", index, run, "engine<2", "wing", "tail")

    result = run("lockguard update engine tail", folder)

    assert result.code == 0, result.err
    assert pins(folder) == {"engine": "1.1", "gear": "1.0", "tail": "2.0", "wing": "1.0"}
    assert "engine 2.0 is out of range: pyproject.toml requires engine (<2)" in result.err


@pytest.mark.contract
@pytest.mark.usefixtures("pypi_run")
def test_what_is_forced_to_move_is_told_with_the_requirement(
    index: Index, tmp_path: Path, run: Run
) -> None:
    folder = locked(tmp_path / "plane", index, run, "engine", "wing", "tail")

    result = run("lockguard update engine==2.0", folder)

    assert result.code == 0, result.err
    assert result.out.splitlines() == [
        "poetry.lock: updated, 3 upgraded",
        "  upgraded     engine 1.0 -> 2.0",
        "  upgraded     gear 1.0 -> 2.0",
        "  upgraded     wing 1.0 -> 2.0",
        "  forced       gear: engine 2.0 needs gear (>=2)",
        "  forced       wing: wing 1.0 needs gear (<2)",
    ]
    assert pins(folder) == {"engine": "2.0", "gear": "2.0", "tail": "1.0", "wing": "2.0"}


@pytest.mark.usefixtures("pypi_run")
def test_the_document_is_that_of_fix_with_what_was_forced(
    index: Index, tmp_path: Path, run: Run
) -> None:
    folder = locked(tmp_path / "plane", index, run, "engine", "tail")

    result = run("lockguard update engine==2.0 --format json", folder)

    document = json.loads(result.out)
    assert (document["command"], document["status"]) == ("update", "fixed")
    assert document["changes"] == [
        {"package": "engine", "kind": "upgraded", "from": "1.0", "to": "2.0"},
        {"package": "gear", "kind": "upgraded", "from": "1.0", "to": "2.0"},
    ]
    assert document["forced"] == [{"package": "gear", "requirement": "engine 2.0 needs gear (>=2)"}]


@pytest.mark.usefixtures("pypi_run")
def test_a_pin_can_go_back(index: Index, tmp_path: Path, run: Run) -> None:
    folder = locked(tmp_path / "plane", index, run, "engine", "wing")
    before = (folder / "poetry.lock").read_text()
    assert run("lockguard update engine==1.1", folder).code == 0

    result = run("lockguard update engine==1.0", folder)

    assert result.code == 0, result.err
    assert "downgraded   engine 1.1 -> 1.0" in result.out
    assert (folder / "poetry.lock").read_text() == before


@pytest.mark.usefixtures("pypi_run")
def test_a_version_that_the_manifest_excludes_is_refused(
    index: Index, tmp_path: Path, run: Run
) -> None:
    more = '[tool.poetry.group.dev.dependencies]\ntail = "<2"\n'
    folder = locked(tmp_path / "plane", index, run, "engine", "tail", more=more)
    before = (folder / "poetry.lock").read_bytes()

    result = run("lockguard update tail==2.0", folder)

    assert result.code == 1
    assert "pyproject.toml requires tail (<2) (group dev), which excludes 2.0" in result.err
    assert "poetry.lock is untouched." in result.err
    assert (folder / "poetry.lock").read_bytes() == before


def test_extras_are_told_to_belong_to_the_manifest(tmp_path: Path, run: Run) -> None:
    result = run("lockguard update engine[fast]==1.1", project(tmp_path / "plane", "engine"))

    assert result.code == 2
    assert "extras belong to pyproject.toml; name the package: engine" in result.err


@pytest.mark.usefixtures("pypi_run")
def test_an_unknown_name_is_a_usage_error_with_the_nearest(
    index: Index, tmp_path: Path, run: Run
) -> None:
    folder = locked(tmp_path / "plane", index, run, "engine", "wing")

    result = run("lockguard update engin==1.1", folder)

    assert result.code == 2
    assert "no package 'engin' is locked; the nearest is engine" in result.err


@pytest.mark.usefixtures("pypi_run")
def test_a_version_that_the_index_does_not_have_is_refused_with_the_nearest(
    index: Index, tmp_path: Path, run: Run
) -> None:
    folder = locked(tmp_path / "plane", index, run, "engine", "wing")

    result = run("lockguard update engine==1.5", folder)

    assert result.code == 1
    assert "no index has engine 1.5; the nearest are 1.0, 1.1, 2.0" in result.err


@pytest.mark.usefixtures("pypi_run")
def test_a_version_that_fits_nothing_is_a_conflict_in_one_sentence(
    index: Index, tmp_path: Path, run: Run
) -> None:
    folder = locked(tmp_path / "plane", index, run, "engine", "wing<2")
    before = (folder / "poetry.lock").read_bytes()

    result = run("lockguard update gear==2.0", folder)

    assert result.code == 1
    assert "gear 2.0 is not possible: wing" in result.err
    assert (folder / "poetry.lock").read_bytes() == before


@pytest.mark.usefixtures("pypi_run")
def test_a_pin_that_is_there_already_leaves_the_file_alone(
    index: Index, tmp_path: Path, run: Run
) -> None:
    folder = locked(tmp_path / "plane", index, run, "engine", "wing")
    before = (folder / "poetry.lock").stat().st_mtime_ns

    result = run("lockguard update engine==1.0 --format json", folder)

    assert (result.code, json.loads(result.out)["status"]) == (0, "fresh")
    assert (folder / "poetry.lock").stat().st_mtime_ns == before


def test_a_pin_that_is_there_already_needs_no_index(
    pypi_run: PypiRun, index: Index, tmp_path: Path, run: Run
) -> None:
    folder = locked(tmp_path / "plane", index, run, "engine", "wing")
    pypi_run.server.asked.clear()

    result = run("lockguard update engine==1.0 wing==1.0", folder)

    assert (result.code, result.out) == (0, "poetry.lock: nothing to move\n")
    assert pypi_run.server.asked == []


@pytest.mark.usefixtures("pypi_run")
def test_a_lock_without_groups_stays_so_beside_packages_at_several_versions(
    index: Index, tmp_path: Path, run: Run
) -> None:
    for version, needs in (("1.0", "gear<1.1"), ("2.0", "gear>=1.1")):
        index.add("sail", version, requires=[needs])
    index.add("gear", "1.1", python=">=3.12")
    wanted = ("gear<1.1 ; python_version < '3.12'", "gear>=1.1 ; python_version >= '3.12'")
    folder = project(tmp_path / "plane", "sail", "tail", *wanted)
    assert run("lockguard fix", folder).code == 0
    lock = folder / "poetry.lock"
    text = re.sub(r"^(groups|markers) = .*\n", "", lock.read_text(), flags=re.MULTILINE)
    lock.write_text(text.replace('lock-version = "2.1"', 'lock-version = "2.0"'))
    index.add("tail", "1.1")

    result = run("lockguard update tail==1.1", folder)

    assert result.out == "poetry.lock: updated, 1 upgraded\n  upgraded     tail 1.0 -> 1.1\n"
    assert lock.read_text().count("[[package]]") == 5
    assert len({*lock.read_text().splitlines()} - {*text.splitlines()}) == 3


@pytest.mark.usefixtures("pypi_run")
def test_a_dry_run_writes_nothing(index: Index, tmp_path: Path, run: Run) -> None:
    folder = locked(tmp_path / "plane", index, run, "engine", "wing")
    before = (folder / "poetry.lock").read_bytes()

    result = run("lockguard update engine==1.1 --dry-run", folder)

    assert result.code == 0
    assert "poetry.lock: would be updated, 1 upgraded" in result.out
    assert (folder / "poetry.lock").read_bytes() == before


@pytest.mark.usefixtures("pypi_run")
def test_a_stale_lock_is_fixed_first(index: Index, tmp_path: Path, run: Run) -> None:
    folder = locked(tmp_path / "plane", index, run, "engine", "wing")
    project(folder, "engine", "wing", "tail")
    before = (folder / "poetry.lock").read_bytes()

    result = run("lockguard update engine==1.1", folder)

    assert result.code == 1
    assert "tail: declared (*), not in the lock" in result.err
    assert "poetry.lock is stale: run `poetry lockguard fix` first, then the update." in result.err
    assert (folder / "poetry.lock").read_bytes() == before


@pytest.mark.contract
@pytest.mark.usefixtures("pypi_run")
def test_the_extras_of_a_moved_package_move_as_it_needs(
    index: Index, tmp_path: Path, run: Run
) -> None:
    folder = locked(tmp_path / "plane", index, run, "engine[turbo]", "tail")

    result = run("lockguard update engine==2.0", folder)

    assert result.code == 0, result.err
    assert pins(folder) == {"engine": "2.0", "fan": "2.0", "gear": "2.0", "tail": "1.0"}
    assert "forced       fan: engine 2.0 needs fan (>=2)" in result.out


@pytest.mark.contract
@pytest.mark.usefixtures("pypi_run")
def test_a_package_at_several_versions_moves_where_the_new_one_fits(
    index: Index, tmp_path: Path, run: Run
) -> None:
    for version in ("1.0", "3.0"):
        index.add("sail", version)
    wanted = ("sail<2 ; python_version < '3.12'", "sail>=3 ; python_version >= '3.12'")
    folder = locked(tmp_path / "plane", index, run, "tail", *wanted)
    index.add("sail", "1.1")
    index.add("sail", "3.1")

    result = run("lockguard update sail==3.1", folder)

    assert result.code == 0, result.err
    lock = parse((folder / "poetry.lock").read_bytes())
    assert [pin.version for pin in lock.pins if pin.name == "sail"] == ["1.0", "3.1"]


@pytest.mark.contract
@pytest.mark.usefixtures("pypi_run")
@pytest.mark.parametrize("lock_format", ["2.0", "2.1"])
def test_a_release_for_newer_pythons_is_taken_there_and_the_old_one_elsewhere(
    index: Index, tmp_path: Path, run: Run, lock_format: str
) -> None:
    folder = locked(tmp_path / "plane", index, run, "wing", "tail")
    path = folder / "poetry.lock"
    if lock_format == "2.0":
        text = path.read_text().replace('lock-version = "2.1"', 'lock-version = "2.0"')
        path.write_text(text.replace('groups = ["main"]\n', ""))
    index.add("gear", "1.9", python=">=3.12")

    result = run("lockguard update gear==1.9", folder)

    assert result.code == 0, result.err
    lock = parse(path.read_bytes())
    assert lock.lock_version == lock_format
    assert {(pin.name, pin.version, str(pin.markers or "")) for pin in lock.pins} == {
        ("gear", "1.0", 'python_version < "3.12"' if lock_format == "2.1" else ""),
        ("gear", "1.9", 'python_version >= "3.12"' if lock_format == "2.1" else ""),
        ("tail", "1.0", ""),
        ("wing", "1.0", ""),
    }


@pytest.mark.usefixtures("pypi_run")
def test_a_package_at_several_versions_moves_everywhere_without_a_version(
    index: Index, tmp_path: Path, run: Run
) -> None:
    for version in ("1.0", "3.0"):
        index.add("sail", version)
    wanted = ("sail<2 ; python_version < '3.12'", "sail>=3 ; python_version >= '3.12'")
    folder = locked(tmp_path / "plane", index, run, "tail", *wanted)
    index.add("sail", "1.1")
    index.add("sail", "3.1")

    result = run("lockguard update sail", folder)

    assert result.code == 0, result.err
    lock = parse((folder / "poetry.lock").read_bytes())
    assert [pin.version for pin in lock.pins if pin.name == "sail"] == ["1.1", "3.1"]


def test_a_package_bound_to_a_source_is_looked_up_there(
    index: Index, serve: Serve, tmp_path: Path, run: Run
) -> None:
    for version in ("1.0", "1.1"):
        index.add("engine", version)
    server = serve(index)
    more = (
        f'[tool.poetry.dependencies]\nengine = {{ source = "corp" }}\n'
        f'[[tool.poetry.source]]\nname = "corp"\nurl = "{server.url}"\npriority = "explicit"\n'
    )
    folder = project(tmp_path / "plane", "engine", more=more)
    assert run("lockguard fix", folder).code == 0
    assert pins(folder) == {"engine": "1.1"}

    result = run("lockguard update engine==1.0", folder)

    assert result.code == 0, result.err
    assert pins(folder) == {"engine": "1.0"}
    assert server.url in (folder / "poetry.lock").read_text()


@pytest.mark.usefixtures("pypi_run")
def test_the_newest_release_for_the_projects_pythons_is_taken(
    index: Index, tmp_path: Path, run: Run
) -> None:
    folder = locked(tmp_path / "plane", index, run, "tail")
    index.add("tail", "3.0", python=">=3.13")

    result = run("lockguard update tail", folder)

    assert result.code == 0, result.err
    assert pins(folder) == {"tail": "2.0"}
    needs = "tail 3.0 needs Python >=3.13, and the project supports >=3.10"
    assert f"{needs}; `poetry lockguard update tail==3.0` uses it there alone" in result.err


@pytest.mark.usefixtures("pypi_run")
def test_a_pre_release_and_a_yanked_one_are_taken_only_by_name(
    index: Index, tmp_path: Path, run: Run
) -> None:
    folder = locked(tmp_path / "plane", index, run, "tail")
    index.add("tail", "2.1", yanked="broken")
    index.add("tail", "3.0rc1")

    newest = run("lockguard update tail", folder)
    assert (newest.code, pins(folder)) == (0, {"tail": "2.0"}), newest.err
    named = run("lockguard update tail==3.0rc1", folder)

    assert named.code == 0, named.err
    assert pins(folder) == {"tail": "3.0rc1"}


@pytest.mark.usefixtures("pypi_run")
def test_a_lock_of_an_older_format_keeps_it(index: Index, tmp_path: Path, run: Run) -> None:
    folder = locked(tmp_path / "plane", index, run, "engine", "wing")
    lock = folder / "poetry.lock"
    text = "\n".join(line for line in lock.read_text().split("\n") if not line.startswith("groups"))
    lock.write_text(text.replace('lock-version = "2.1"', 'lock-version = "2.0"'))

    result = run("lockguard update engine==1.1", folder)

    assert result.code == 0, result.err
    assert 'lock-version = "2.0"' in lock.read_text()
    assert pins(folder) == {"engine": "1.1", "gear": "1.0", "wing": "1.0"}


@pytest.mark.parametrize(
    ("gone", "said"),
    [("wing", ""), ("gear", "no index has gear 1.0 any more; kept as locked")],
    ids=["beside what moves", "below what moves"],
)
@pytest.mark.usefixtures("pypi_run")
def test_a_pin_that_the_index_has_no_more_keeps_no_other_from_moving(  # noqa: PLR0913, PLR0917 - fixtures
    gone: str, said: str, index: Index, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = locked(tmp_path / "plane", index, run, "engine", "wing")
    lock = folder / "poetry.lock"
    text = "\n".join(line for line in lock.read_text().split("\n") if not line.startswith("groups"))
    lock.write_text(text.replace('lock-version = "2.1"', 'lock-version = "2.0"'))
    index.remove(gone, "1.0")
    monkeypatch.setenv("POETRY_CACHE_DIR", str(tmp_path / "another-cache"))

    result = run("lockguard update engine==1.1", folder)

    assert result.code == 0, result.err
    assert said in result.err
    assert pins(folder) == {"engine": "1.1", "gear": "1.0", "wing": "1.0"}


def test_offline_what_is_cached_is_used(
    pypi_run: PypiRun, index: Index, tmp_path: Path, run: Run
) -> None:
    folder = locked(tmp_path / "plane", index, run, "engine", "wing")
    assert run("lockguard update engine==1.1 --dry-run", folder).code == 0
    pypi_run.server.asked.clear()

    there = run("lockguard update engine==1.1 --offline", folder)
    elsewhere = run("lockguard update wing==1.1 --offline", folder)

    assert there.code == 0, there.err
    assert pins(folder)["engine"] == "1.1"
    assert elsewhere.code == 1
    assert "--offline" in elsewhere.err
    assert pypi_run.server.asked == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("engine==1.1 engine==2.0", "engine is named twice"),
        ("engine==one", "'one' is not a version"),
        ("engine>=1", "expected NAME, NAME==VERSION"),
        ("engine==@v1", "does not come from git"),
    ],
)
@pytest.mark.usefixtures("pypi_run")
def test_what_cannot_be_meant_is_a_usage_error(
    arguments: str, message: str, index: Index, tmp_path: Path, run: Run
) -> None:
    folder = locked(tmp_path / "plane", index, run, "engine")

    result = run(f"lockguard update '{arguments}'".replace(" engine==2", "' 'engine==2"), folder)

    assert result.code == 2
    assert message in result.err


class Tool:
    """A repository with a package, and its commits."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=self.folder, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, version: str) -> str:
        (self.folder / "pyproject.toml").write_text(
            f'[project]\nname = "tool"\nversion = "{version}"\n'
            '[build-system]\nrequires = ["poetry-core"]\n'
            'build-backend = "poetry.core.masonry.api"\n'
        )
        (self.folder / "tool.py").touch()
        self.git("add", "-A")
        self.git("commit", "-q", "-m", version)
        return self.git("rev-parse", "HEAD")

    def wanted(self, more: str = ', branch = "main"') -> str:
        address = self.folder.as_uri()
        return f'[tool.poetry.dependencies]\ntool = {{ git = "{address}"{more} }}\n'


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tool:
    """Give a repository whose branch has one commit."""
    isolate(monkeypatch)
    made = Tool(tmp_path / "tool")
    made.commit("1.0")
    return made


def commit_of(folder: Path) -> str | None:
    lock = parse((folder / "poetry.lock").read_bytes())
    (source,) = [pin.source for pin in lock.pins if pin.name == "tool"]
    assert source is not None
    assert source.reference == "main"
    return source.resolved_reference


@pytest.mark.usefixtures("pypi_run")
def test_a_git_dependency_moves_to_the_newest_commit_of_its_branch(
    index: Index, tool: Tool, tmp_path: Path, run: Run
) -> None:
    folder = locked(tmp_path / "plane", index, run, "tail", "tool", more=tool.wanted())
    newest = tool.commit("2.0")

    result = run("lockguard update tool", folder)

    assert result.code == 0, result.err
    assert commit_of(folder) == newest
    assert pins(folder) == {"tail": "1.0", "tool": "2.0"}


@pytest.mark.usefixtures("pypi_run")
def test_a_git_dependency_moves_to_a_tag_or_a_commit_of_its_branch(
    index: Index, tool: Tool, tmp_path: Path, run: Run
) -> None:
    folder = locked(tmp_path / "plane", index, run, "tail", "tool", more=tool.wanted())
    tagged = tool.commit("1.2")
    tool.git("tag", "-a", "v1.2", "-m", "v1.2")
    between = tool.commit("1.3")
    tool.commit("2.0")

    by_tag = run("lockguard update tool==@v1.2", folder)
    assert (by_tag.code, commit_of(folder)) == (0, tagged), by_tag.err
    by_commit = run(f"lockguard update tool==@{between}", folder)

    assert (by_commit.code, commit_of(folder)) == (0, between), by_commit.err
    assert pins(folder) == {"tail": "1.0", "tool": "1.3"}
    assert run("lockguard check --deep", folder).code == 0
    assert run("lock", folder).code == 0
    assert commit_of(folder) == between


@pytest.mark.usefixtures("pypi_run")
def test_a_commit_that_is_not_on_the_branch_is_refused(
    index: Index, tool: Tool, tmp_path: Path, run: Run
) -> None:
    folder = locked(tmp_path / "plane", index, run, "tail", "tool", more=tool.wanted())
    tool.git("switch", "-q", "-c", "elsewhere")
    aside = tool.commit("9.0")
    tool.git("switch", "-q", "main")
    before = (folder / "poetry.lock").read_bytes()

    result = run(f"lockguard update tool==@{aside}", folder)

    assert result.code == 1
    assert re.search(r"asks for the branch main, and \w+ of \S+ is not on it", result.err)
    assert (folder / "poetry.lock").read_bytes() == before


@pytest.mark.usefixtures("pypi_run")
def test_a_reference_is_refused_where_the_manifest_names_another(
    index: Index, tool: Tool, tmp_path: Path, run: Run
) -> None:
    tool.git("tag", "v1.0")
    wanted = tool.wanted(', tag = "v1.0"')
    folder = locked(tmp_path / "plane", index, run, "tail", "tool", more=wanted)
    tool.commit("2.0")
    tool.git("tag", "v2.0")

    result = run("lockguard update tool==@v2.0", folder)

    assert result.code == 1
    assert "pyproject.toml asks for v1.0; change that to have v2.0" in result.err


@pytest.mark.usefixtures("pypi_run")
def test_a_branch_after_the_address_is_a_branch_too(
    index: Index, tool: Tool, tmp_path: Path, run: Run
) -> None:
    wanted = f"tool @ git+{tool.folder.as_uri()}@main"
    folder = locked(tmp_path / "plane", index, run, "tail", wanted)
    between = tool.commit("1.3")
    tool.commit("2.0")

    result = run(f"lockguard update tool==@{between}", folder)

    assert (result.code, commit_of(folder)) == (0, between), result.err
