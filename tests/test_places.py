"""The how-to pages: what they show is run as it stands, on a machine without Docker or pipx."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from typing import TYPE_CHECKING

import pytest
from pipelines.documents import parsed
from pipelines.shell import bash, surroundings
from places import blocks, built, devcontainers
from readme import PAGES
from solving import lock as make_lock

from poetry_lockguard import settings, toml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]

TELL = '#!/bin/sh\necho "{name} $*" >> "$TOLD"\n'
SETTINGS = [
    (name, text)
    for name in PAGES
    for text in blocks(name, "toml")
    if "[tool.lockguard" in text and "…" not in text
]


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine with the plugin, on which pip and pipx only take notes."""
    programs = tmp_path / "programs"
    programs.mkdir()
    here = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m poetry_lockguard "$@"\n'
    texts = {name: TELL.format(name=name) for name in ("pip", "pipx")} | {"lockguard": here}
    for name, text in texts.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    environ = surroundings(tmp_path / "home")
    told = {"TOLD": str(tmp_path / "told"), "POETRY_VIRTUALENVS_IN_PROJECT": "true"}
    return {**environ, **told, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}


@pytest.fixture
def engine(index: Index, pypi: Pypi, story: Callable[[str], Path]) -> Path:
    """The tutorial's project, with a lock."""
    index.add("matrix", "1.0")
    index.add("sound32", "1.0")
    pypi(index, here=True, json=False)
    folder = story("engine")
    (folder / "poetry.lock").write_text(make_lock(folder)[0])
    return folder


COMMITTER = {
    f"GIT_{role}_{what}": "story@mirror.example"
    for role in ("AUTHOR", "COMMITTER")
    for what in ("NAME", "EMAIL")
}


def drifted(folder: Path) -> Path:
    manifest = folder / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace('"matrix (>=1.0', '"matrix (>=1.5'))
    return folder


def test_a_docker_build_stops_at_a_stale_lock(
    engine: Path, machine: dict[str, str], tmp_path: Path
) -> None:
    dockerfile, *_ = blocks("places/docker", "docker")

    said = built(dockerfile, drifted(engine), tmp_path / "image", machine)

    assert said.code == 1
    assert "matrix: declared (>=1.5,<2.0), locked at 1.0, which does not fit" in said.out
    assert not (tmp_path / "image" / "app" / ".venv").exists()


@pytest.mark.slow
def test_a_docker_build_installs_the_dependencies_and_then_the_project(
    engine: Path, machine: dict[str, str], tmp_path: Path
) -> None:
    dockerfile, behind_a_mirror, _ = blocks("places/docker", "docker")
    image = tmp_path / "image"

    said = built(dockerfile, engine, image, machine)

    assert said.code == 0, said.out
    assert [*image.glob("app/.venv/lib/python*/site-packages/matrix-1.0.dist-info")]
    assert built(behind_a_mirror, engine, image / "app", machine).code == 0


@pytest.mark.slow
def test_a_docker_layer_from_a_snapshot_needs_no_manifest(
    engine: Path, machine: dict[str, str], tmp_path: Path, run: Run
) -> None:
    *_, from_a_snapshot = blocks("places/docker", "docker")
    (layer,) = re.findall(r"--config (\S+)", from_a_snapshot)
    made = run("lockguard snapshot create --python 3.13 --platform linux-x86_64", engine)
    assert made.code == 0, made.err
    assert layer in made.out

    (tmp_path / "image").mkdir()
    said = built(from_a_snapshot, engine, tmp_path / "image", machine)

    assert said.code == 0, said.out
    assert f"{layer}: installed" in said.out


def test_a_devcontainer_gets_poetry_the_plugin_and_the_project(
    machine: dict[str, str], tmp_path: Path
) -> None:
    by_pipx, by_feature = devcontainers()
    (tmp_path / "programs" / "lockguard").write_text(TELL.format(name="lockguard"))

    said = bash(by_pipx["postCreateCommand"], tmp_path, machine)

    assert said.code == 0, said.out
    assert (tmp_path / "told").read_text().splitlines() == [
        "pipx install poetry",
        "pipx inject --include-apps poetry poetry-lockguard",
        "lockguard install",
    ]
    assert by_pipx["postCreateCommand"].endswith(f"&& {by_feature['postCreateCommand']}")
    assert {*by_feature["features"]["./lockguard"]} <= {"package", "poetry"}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["places/devcontainer", "places/cloud"])
def test_the_one_line_of_a_place_installs_a_project_whose_lock_drifted(
    name: str, engine: Path, index: Index, machine: dict[str, str]
) -> None:
    index.add("matrix", "1.6")
    line = {
        "places/devcontainer": devcontainers()[0]["postCreateCommand"],
        "places/cloud": blocks("places/cloud", "sh")[-1].strip(),
    }[name]

    said = bash(line, drifted(engine), machine)

    assert said.code == 0, said.out
    assert "poetry.lock: fixed by relock, 1 upgraded" in said.out
    assert [*engine.glob(".venv/lib/python*/site-packages/matrix-1.6.dist-info")]


def test_gitlab_gets_a_report_even_if_the_job_fails(engine: Path, machine: dict[str, str]) -> None:
    (text,) = [text for text in blocks("places/gitlab", "yaml") if "codequality" in text]
    job = parsed(text)["review"]
    said = bash(
        "git init --quiet . && git add --all && git commit --quiet -m locked",
        engine,
        {**machine, **COMMITTER},
    )
    assert said.code == 0, said.out
    base = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": "HEAD"}

    said = bash("\n".join(job["script"]), drifted(engine), {**machine, **base})

    report = engine / job["artifacts"]["reports"]["codequality"]
    assert said.code == 1
    assert [one["check_name"] for one in json.loads(report.read_text())] == [
        "requirement-unsatisfied"
    ]
    assert job["artifacts"]["when"] == "always"


def test_a_library_of_a_monorepo_needs_no_lock(
    story: Callable[[str], Path], tmp_path: Path, run: Run
) -> None:
    (table,) = blocks("places/monorepo", "toml")
    library = tmp_path / "repository" / "libs" / "base"
    library.mkdir(parents=True)
    manifest = story("engine") / "pyproject.toml"
    (library / "pyproject.toml").write_text(manifest.read_text() + table)

    checked = run("lockguard check -r", tmp_path / "repository")
    fixed = run("lockguard fix -r", tmp_path / "repository")
    document = run("lockguard fix -r --format json", tmp_path / "repository")

    assert (checked.code, fixed.code, document.code) == (0, 0, 0), fixed.err
    assert "libs/base/poetry.lock: missing" in checked.out
    assert fixed.out == "0 projects: nothing to do\n"
    assert json.loads(document.out)["status"] == "fresh"
    assert [path.name for path in library.iterdir()] == ["pyproject.toml"]


@pytest.mark.parametrize(("name", "text"), SETTINGS, ids=[name for name, _ in SETTINGS])
def test_the_settings_that_the_pages_show_are_valid(name: str, text: str) -> None:
    table = toml.loads(text)["tool"]["lockguard"]

    assert settings.parse(table, name)
