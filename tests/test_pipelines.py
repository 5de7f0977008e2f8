"""The documented pipelines: valid by the published schemas, and run as they stand, in a shell."""

from __future__ import annotations

import json
import re
import subprocess
import sysconfig
import venv
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pipelines.documents import complaints, documented, parsed
from pipelines.expressions import ExpressionError, filled, holds, status
from pipelines.github import Event, Runner
from pipelines.gitlab import Pipeline
from pipelines.shell import bash, surroundings
from solving import lock as make_lock

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]

DOCUMENTS = documented()
CHANGED = {"lock": {"outputs": {"changed": "true"}}}
MATRIX = """
[tool.lockguard.matrix]
python = ["3.11"]
platform = ["linux-x86_64", "linux-i686"]
"""


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with pip, as setup-python gives one, that has this run's packages already."""
    folder = tmp_path_factory.mktemp("python")
    has_pip = any(distributions(name="pip"))  # importing it may stumble over setuptools
    venv.create(folder, with_pip=not has_pip, symlinks=True)
    site = next(folder.glob("lib/python*/site-packages"))
    (site / "run.pth").write_text(sysconfig.get_path("purelib"))
    if has_pip:
        program = folder / "bin" / "pip"
        program.write_text(f'#!/bin/sh\nexec "{folder}/bin/python" -m pip "$@"\n')
        program.chmod(0o755)
    return folder / "bin"


@pytest.fixture
def engine(
    index: Index, pypi: Pypi, story: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The tutorial's project, for two platforms, with the documented files, in git."""
    monkeypatch.setenv("PIP_NO_DEPS", "1")  # all is there; looking takes pip seconds a machine
    index.add("matrix", "1.0")
    index.add("sound32", "1.0")
    pypi(index, here=True, json=False)
    folder = story("engine")
    manifest = folder / "pyproject.toml"
    manifest.write_text(manifest.read_text() + MATRIX)
    for path, text in DOCUMENTS.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    git(folder, "init", "--initial-branch", "main")
    git(folder, "config", "user.name", "somebody")
    git(folder, "config", "user.email", "somebody@example.com")
    commit(folder)
    return folder


def git(folder: Path, *arguments: str) -> str:
    return subprocess.check_output(["git", *arguments], cwd=folder, text=True, timeout=60)


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "story")


def published(folder: Path) -> Path:
    """Return the repository that machines clone from."""
    origin = folder.with_name("origin.git")
    git(folder, "clone", "--quiet", "--bare", str(folder), str(origin))
    return origin


def made_by_one_machine(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", git(folder, "log", "-1", "--format=%ct").strip())
    result = run("lockguard snapshot create", folder)
    assert result.code == 0, result.err
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    return (folder / "lockguard.lock").read_bytes()


def test_the_documentation_shows_whole_files() -> None:
    assert sorted(DOCUMENTS) == [
        ".github/workflows/heal.yml",
        ".github/workflows/lock.yml",
        ".github/workflows/snapshot.yml",
        ".gitlab-ci.yml",
        ".gitlab/snapshot.yml",
    ]


@pytest.mark.parametrize(
    ("folder", "schema"),
    [(".github", "vendor.github-workflows"), (".gitlab", "vendor.gitlab-ci")],
    ids=["GitHub", "GitLab"],
)
def test_documented_files_are_valid_by_the_published_schemas(
    folder: str, schema: str, tmp_path: Path
) -> None:
    files = []
    for path, text in DOCUMENTS.items():
        if path.startswith(folder):
            files.append(tmp_path / Path(path).name)
            files[-1].write_text(text)

    assert complaints(schema, *files) == ""


def test_the_matrix_for_gitlab_is_valid_by_the_published_schema(
    run: Run, engine: Path, tmp_path: Path
) -> None:
    file = tmp_path / "matrix.yml"
    file.write_text(run("lockguard matrix --format gitlab", engine).out)

    assert complaints("vendor.gitlab-ci", file) == ""


def test_a_wrong_file_is_not_valid(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yml"
    file.write_text(DOCUMENTS[".github/workflows/lock.yml"].replace("runs-on", "run-on"))

    assert "run-on" in complaints("vendor.github-workflows", file)


def test_github_shards_merge_to_what_one_machine_makes(
    run: Run, engine: Path, python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = Runner(published(engine), tmp_path / "github", python)

    ran = runner.run(DOCUMENTS[".github/workflows/snapshot.yml"], Event())

    assert ran["merge"].is_well, "".join(job.said for job in ran.values())
    assert len(ran["shard"].machines) == 2
    merged = runner.work / "artifacts" / "lockguard.lock" / "lockguard.lock"
    assert merged.read_bytes() == made_by_one_machine(run, engine, monkeypatch)
    assert "linux-i686-py311" in ran["merge"].summary


def test_gitlab_shards_merge_to_what_one_machine_makes(
    run: Run, engine: Path, python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = Pipeline(published(engine), tmp_path / "gitlab", python)
    document = parsed(DOCUMENTS[".gitlab-ci.yml"])
    del document["check"]  # a job of its own, which has a test of its own

    assert pipeline.run(document), pipeline.said
    (merge,) = pipeline.jobs["merge"]
    merged = (merge.folder / "lockguard.lock").read_bytes()
    assert merged == made_by_one_machine(run, engine, monkeypatch)


def test_a_gitlab_pipeline_ends_at_a_stale_lock(engine: Path, python: Path, tmp_path: Path) -> None:
    pipeline = Pipeline(published(locked_then_drifted(engine)), tmp_path / "gitlab", python)
    document = parsed(DOCUMENTS[".gitlab-ci.yml"])
    del document["plan"]

    assert not pipeline.run(document)
    assert "requirement-unsatisfied: sound32" in pipeline.said
    assert "snapshot" not in pipeline.jobs


def test_a_gitlab_merge_request_is_compared_with_what_it_branched_from(
    engine: Path, python: Path, tmp_path: Path
) -> None:
    (engine / "poetry.lock").write_text(make_lock(engine)[0])
    commit(engine)
    base = git(engine, "rev-parse", "HEAD").strip()
    lock = engine / "poetry.lock"
    lock.write_text(re.sub(r"sha256:[0-9a-f]{64}", f"sha256:{'0' * 64}", lock.read_text()))
    commit(engine)
    event = {
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
    }
    pipeline = Pipeline(published(engine), tmp_path / "gitlab", python, event)
    document = parsed(DOCUMENTS[".gitlab-ci.yml"])
    review = {**document["review"]}

    assert not pipeline.run({**only(document), "review": review})
    (job,) = pipeline.jobs["review"]
    issues = json.loads((job.folder / "quality.json").read_text())
    assert {issue["check_name"] for issue in issues} >= {"content-replaced"}
    assert "content-replaced" in job.said.out


def only(document: dict[str, Any]) -> dict[str, Any]:
    """Return a pipeline without jobs."""
    return {"stages": document["stages"], "default": document["default"]}


@pytest.mark.slow
def test_a_shard_that_cannot_be_resolved_leaves_nothing_to_merge(
    engine: Path, python: Path, tmp_path: Path
) -> None:
    manifest = engine / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace('"sound32 (>=1.0', '"sound32 (>=1.5'))
    commit(engine)
    runner = Runner(published(engine), tmp_path / "github", python)

    ran = runner.run(DOCUMENTS[".github/workflows/snapshot.yml"], Event())

    assert not ran["shard"].is_well
    assert "linux-i686-py311: cannot be resolved" in ran["shard"].said
    assert not ran["merge"].machines
    (uploaded,) = (runner.work / "artifacts").iterdir()
    assert uploaded.name == "shard-linux-x86_64-py311"


def locked_then_drifted(folder: Path) -> Path:
    """Lock the project, then let its manifest ask for more."""
    (folder / "poetry.lock").write_text(make_lock(folder)[0])
    commit(folder)
    manifest = folder / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace(" ; platform_machine == 'i686'", ""))
    commit(folder)
    return folder


def test_a_pull_request_with_a_stale_lock_is_annotated_and_shows_what_moved(
    engine: Path, index: Index, python: Path, tmp_path: Path
) -> None:
    (engine / "poetry.lock").write_text(make_lock(engine)[0])
    commit(engine)
    index.add("matrix", "1.1")
    git(engine, "switch", "--quiet", "--create", "feature")
    locked_then_drifted(engine)
    runner = Runner(published(engine), tmp_path / "github", python)

    ran = runner.run(DOCUMENTS[".github/workflows/lock.yml"], Event(branch="feature", base="main"))[
        "check"
    ]

    assert not ran.is_well
    assert "::error file=poetry.lock,line=" in ran.said
    assert ",title=requirement-unsatisfied::sound32: declared" in ran.said
    assert "| `matrix` | upgraded | `1.0` | `1.1` |" in ran.summary


def test_the_action_heals_a_branch(engine: Path, python: Path, tmp_path: Path) -> None:
    origin = published(locked_then_drifted(engine))
    runner = Runner(origin, tmp_path / "github", python)

    ran = runner.run(DOCUMENTS[".github/workflows/heal.yml"], Event())["heal"]

    assert ran.is_well, ran.said
    assert git(origin, "log", "-1", "--format=%s", "main") == "Bring poetry.lock back in step\n"
    assert 'name = "sound32"' in git(origin, "show", "main:poetry.lock")


def test_a_healed_branch_gains_a_lock_that_it_never_had(engine: Path) -> None:
    origin = published(engine)
    git(engine, "remote", "add", "origin", str(origin))
    git(engine, "push", "--quiet", "--set-upstream", "origin", "main")
    (engine / "poetry.lock").write_text("made by the action\n")
    (step,) = parsed(DOCUMENTS[".github/workflows/heal.yml"])["jobs"]["heal"]["steps"][2:]

    said = bash(step["run"], engine, surroundings(engine.with_name("home")))

    assert said.code == 0, said.out
    assert git(origin, "show", "main:poetry.lock") == "made by the action\n"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a-${{ matrix.config }}", "a-x86"),
        ("${{ matrix.native }}", "true"),
        ("origin/${{ github.base_ref || 'main' }}", "origin/main"),
        ("${{ needs.plan.outputs.absent }}", ""),
        ("${{ (1 == 1 && 'it''s') || 'no' }}", "it's"),
        ("${{ fromJSON('{\"a\": 2}').a != 3 }}", "true"),
    ],
    ids=["in text", "truth", "other", "nothing there", "brackets and quotes", "function"],
)
def test_expressions_are_filled(text: str, value: str) -> None:
    context = {"matrix": {"config": "x86", "native": True}, "github": {}, "needs": {"plan": {}}}

    assert filled(text, context) == value


@pytest.mark.parametrize(
    "text",
    ["${{ secrets.TOKEN }}", "${{ 'a }}", "${{ 1 2 }}", "${{ trim('a') }}", "${{ matrix }}"],
    ids=["unknown context", "open quote", "two values", "unknown function", "no text"],
)
def test_expressions_that_are_not_understood_are_errors(text: str) -> None:
    with pytest.raises(ExpressionError):
        filled(text, {"matrix": {}})


@pytest.mark.parametrize(
    ("condition", "after_success", "after_failure"),
    [
        (None, True, False),
        ("${{ always() }}", True, True),
        ("${{ !cancelled() }}", True, True),
        ("failure()", False, True),
        ("${{ steps.lock.outputs.changed == 'true' }}", True, False),
    ],
    ids=str,
)
def test_steps_run_when_they_ask_to(
    condition: str | None, *, after_success: bool, after_failure: bool
) -> None:
    def found(*, is_well: bool) -> bool:
        return holds(condition, {**status(is_well=is_well), "steps": CHANGED})

    assert (found(is_well=True), found(is_well=False)) == (after_success, after_failure)
