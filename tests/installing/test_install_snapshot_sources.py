"""``install --snapshot`` of repositories, addresses, files and directories, and what can go wrong.

Their hashes and commits are the snapshot's; what changed, moved or went is an error that names it.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from packaging.version import Version
from solving import project
from trees import archive, commit, tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi, Serve

    Run = Callable[[str, Path], Result]

POETRY = Version(version("poetry")).release
NAMES = ("by-git", "by-url", "by-file", "by-sdist", "folder", "edited", "matrix")


class Build(Protocol):
    """Makes a project that requires these packages, with a snapshot and no environment."""

    def __call__(self, *names: str) -> Path: ...


@pytest.fixture
def build(  # noqa: PLR0913, PLR0917 - the world of a story
    index: Index,
    pypi: Pypi,
    serve: Serve,
    tmp_path: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> Build:
    monkeypatch.setenv("POETRY_VIRTUALENVS_IN_PROJECT", "true")
    monkeypatch.setenv("CI", "1")
    index.add("matrix", "1.0")
    (wheel,) = index.add("by-url", "1.0", sdist=False)
    (local,) = index.add("by-file", "1.0", sdist=False)
    index.remove("by-file")
    pypi(index, here=True, json=False)
    repository = tree(tmp_path / "by-git")
    commit(repository)
    folder = tmp_path / "app"
    tree(folder / "libs" / "folder")
    tree(tmp_path / "edited")
    (folder / local.filename).write_bytes(local.content)
    sdist = archive(folder, "by-sdist")
    sources = {
        "by-git": f'git = "{repository.as_uri()}", branch = "main"',
        "by-url": f'url = "{serve(index).base}/files/{wheel.filename}"',
        "by-file": f'path = "{local.filename}"',
        "by-sdist": f'path = "{sdist.name}"',
        "folder": 'path = "libs/folder"',
        "edited": 'path = "../edited", develop = true',
        "matrix": 'version = "*"',
    }

    def make(*names: str) -> Path:
        lines = [f"{name} = {{ {sources[name]} }}\n" for name in names]
        more = "".join(["\n[tool.poetry.dependencies]\n", *lines])
        project(folder, *names, more=more)
        made = run("lockguard snapshot create", folder)
        assert made.code == 0, made.err
        return folder

    return make


def installed(folder: Path) -> dict[str, dict[str, Any]]:
    """Return what pip and Poetry recorded of each package's origin (PEP 610), by name."""
    found: dict[str, dict[str, Any]] = {}
    for info in folder.glob(".venv/lib*/python*/site-packages/*.dist-info"):
        name = info.name.split("-")[0].replace("_", "-")
        origin = info / "direct_url.json"
        found[name] = json.loads(origin.read_text()) if origin.exists() else {}
    found.pop("pip", None)
    return found


@pytest.mark.contract
def test_every_kind_is_installed_from_where_the_snapshot_says(run: Run, build: Build) -> None:
    app = build(*NAMES)
    head = commit(app.parent / "by-git")

    result = run("lockguard install --snapshot", app)

    assert result.code == 0, result.err + result.out
    found = installed(app)
    assert {*found} == {*NAMES}
    pinned = json.loads((app / "lockguard.lock").read_text())["packages"]["by-git"][0]
    assert found["by-git"]["vcs_info"]["commit_id"] == pinned["source"]["commit"] != head
    assert found["folder"]["dir_info"] == {}
    assert found["edited"]["dir_info"] == {"editable": True}
    assert found["edited"]["url"] == (app.parent / "edited").as_uri()
    assert run("lockguard snapshot verify --installed", app).code == 0


def test_another_origin_of_the_same_version_is_not_what_the_snapshot_says(
    run: Run, build: Build
) -> None:
    """A commit moved, a directory became editable: the versions are all the same."""
    app = build("by-git", "folder")
    run("lockguard install --snapshot", app)
    new = commit(app.parent / "by-git")
    manifest = app / "pyproject.toml"
    text = manifest.read_text().replace('"libs/folder" }', '"libs/folder", develop = true }')
    manifest.write_text(text)
    assert run("lockguard snapshot upgrade by-git", app).code == 0
    assert run("lockguard snapshot create", app).code == 0

    before = run("lockguard snapshot verify --installed", app)
    result = run("lockguard install --snapshot", app)

    assert before.code == 1
    assert f"not from git ../by-git at {new[:12]}" in before.out
    assert "folder 1.0 is installed from directory libs/folder, not from directory" in before.out
    assert result.code == 0, result.err
    assert "0 installs, 2 updates, 0 removals" in result.out
    assert installed(app)["by-git"]["vcs_info"]["commit_id"] == new
    assert installed(app)["folder"]["dir_info"] == {"editable": True}
    assert run("lockguard snapshot verify --installed", app).code == 0


def test_sync_removes_of_every_kind_what_does_not_belong(run: Run, build: Build) -> None:
    app = build(*NAMES)
    run("lockguard install --snapshot", app)
    (app / "lockguard.lock").unlink()
    build("matrix")

    kept = run("lockguard install --snapshot", app)
    synced = run("lockguard install --snapshot --sync", app)

    assert kept.code == 1
    assert "folder 1.0 is installed, but does not belong there" in kept.err
    assert synced.code == 0, synced.err
    assert {*installed(app)} == {"matrix"}


def by_url(app: Path, index: Index) -> None:
    index.remove("by-url")
    index.add("by-url", "1.0", sdist=False, padding=64)


def by_sdist(app: Path, index: Index) -> None:
    archive(app, "by-sdist", comment="changed")


@pytest.mark.contract
@pytest.mark.parametrize("change", [by_url, by_sdist], ids=lambda change: change.__name__)
def test_a_changed_archive_is_refused(
    change: Callable[[Path, Index], None], run: Run, build: Build, index: Index, poetry_home: Path
) -> None:
    name = change.__name__.replace("_", "-")
    app = build(name)
    change(app, index)
    shutil.rmtree(poetry_home / "cache")

    result = run("lockguard install --snapshot", app)

    assert result.code == 1
    assert f"lockguard: {name} (1.0 " in result.err
    assert "not found in known hashes" in result.err
    if POETRY >= (2, 1):  # up to then Poetry shows every error with its place in the code
        assert "executor.py" not in result.out
    assert name not in installed(app)


def without_commit(app: Path, index: Index) -> None:
    shutil.rmtree(app.parent / "by-git")
    (tree(app.parent / "by-git") / "other.py").write_text("")
    commit(app.parent / "by-git")


def without_repository(app: Path, index: Index) -> None:
    shutil.rmtree(app.parent / "by-git")


def without_address(app: Path, index: Index) -> None:
    index.remove("by-url")


LOST = {
    "a commit": (without_commit, "by-git", "verify ref exists on remote"),
    "a repository": (without_repository, "by-git", "by-git"),
    "an address": (without_address, "by-url", "answered 404 Not Found"),
}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("lose", "name", "reason"), LOST.values(), ids=LOST)
def test_what_is_gone_elsewhere_is_named_in_one_line(  # noqa: PLR0913, PLR0917 - a row, fixtures
    lose: Callable[[Path, Index], None],
    name: str,
    reason: str,
    run: Run,
    build: Build,
    index: Index,
    poetry_home: Path,
) -> None:
    app = build(name)
    lose(app, index)
    shutil.rmtree(poetry_home / "cache")

    result = run("lockguard install --snapshot --format json", app)

    assert result.code == 1
    (failure,) = json.loads(result.out)["failures"]
    assert failure.startswith(f"{name} (1.0")
    assert reason in failure
    assert f"lockguard: {failure}" in result.err.splitlines()
    assert name not in installed(app)
    gc.collect()  # what dulwich left open is found here, and not in another test


BESIDE = {
    "a directory": ("../edited", "edited", ""),
    "an archive": ("by_file-1.0-py3-none-any.whl", "by-file", ""),
    "a directory, though partial": ("../edited", "edited", " --partial"),
}


@pytest.mark.parametrize(("path", "name", "partial"), BESIDE.values(), ids=BESIDE)
def test_what_is_gone_beside_the_snapshot_is_named_before_anything_is_installed(
    path: str, name: str, partial: str, run: Run, build: Build
) -> None:
    app = build("matrix", name)
    gone = app / path
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()

    result = run(f"lockguard install --snapshot{partial}", app)

    assert result.code == 1
    assert f"{name} comes from {path}, which is missing; restore it" in result.err
    assert "nothing was installed" in result.err
    assert installed(app) == {}


def test_a_directory_that_is_gone_is_not_needed_without_directories(run: Run, build: Build) -> None:
    app = build("edited", "matrix")
    shutil.rmtree(app.parent / "edited")

    result = run("lockguard install --snapshot --no-directory", app)

    assert result.code == 0, result.err
    assert {*installed(app)} == {"matrix"}


def test_verify_looks_at_what_is_beside_the_snapshot(run: Run, build: Build) -> None:
    app = build("by-file", "by-sdist", "edited")
    (app / "by_file-1.0-py3-none-any.whl").unlink()
    archive(app, "by-sdist", comment="changed")
    shutil.rmtree(app.parent / "edited")

    result = run("lockguard snapshot verify --format json", app)

    problems = json.loads(result.out)["problems"]
    assert result.code == 1
    assert [(one["code"], one["severity"], one["package"]) for one in problems] == [
        ("local-file", "error", "by-file"),
        ("local-file", "error", "by-sdist"),
        ("path-dependency", "warning", "edited"),
    ]
    assert "has changed since it was pinned; restore it" in problems[1]["message"]


def test_an_archive_that_was_replaced_on_purpose_is_pinned_after_its_removal(
    run: Run, build: Build
) -> None:
    app = build("by-sdist")
    before = (app / "lockguard.lock").read_bytes()
    archive(app, "by-sdist", comment="changed")

    refused = run("lockguard snapshot create --fresh", app)
    untouched = (app / "lockguard.lock").read_bytes() == before
    removed = run("lockguard snapshot remove by-sdist", app)
    made = run("lockguard snapshot create", app)

    assert (refused.code, removed.code, made.code) == (1, 0, 0)
    assert untouched
    assert "first remove their pins with `poetry lockguard snapshot remove`" in refused.err
    assert run("lockguard snapshot verify", app).code == 0


EXPORTS = {
    "uv pylock": ("pylock", NAMES, "uv pip sync --no-config -q --python {python} pylock.toml"),
    "uv requirements": (
        "requirements",
        NAMES[1:],
        "uv pip sync --no-config -q --python {python} requirements.txt",
    ),
    "pip requirements": (
        "requirements",
        NAMES[1:],
        "{python} -m pip install -q --no-input --no-deps -r requirements.txt",
    ),
}


@pytest.mark.skipif(shutil.which("uv") is None, reason="needs uv, an installer of exports")
@pytest.mark.parametrize(("kind", "names", "command"), EXPORTS.values(), ids=EXPORTS)
def test_what_is_exported_installs_every_kind(  # noqa: PLR0913, PLR0917 - a row, fixtures
    kind: str, names: tuple[str, ...], command: str, run: Run, build: Build, tmp_path: Path
) -> None:
    """From the command line to other installers. A repository on this disk is none for pip."""
    app = build(*names)
    suffix = "toml" if kind == "pylock" else "txt"
    bare = ["--no-periodic-update", "--no-download", "--no-setuptools"]
    make = [sys.executable, "-m", "virtualenv", "-q", *bare, str(app / ".venv")]
    subprocess.run(make, check=True)
    (python,) = [*app.glob(".venv/bin/python"), *app.glob(".venv/Scripts/python.exe")]

    exported = export(run, app, f"--format {kind} --output {kind}.{suffix}")
    ran = subprocess.run(
        command.format(python=python).split(),
        cwd=app,
        env=environ(tmp_path / "cache"),
        capture_output=True,
        text=True,
        check=False,
    )

    assert exported.code == 0, exported.err
    assert "folder" in exported.err, "a note names what has no hash"
    assert ran.returncode == 0, ran.stderr
    assert {*installed(app)} == {*names}
    assert installed(app)["edited"]["dir_info"]["editable"]


def test_a_repository_beside_the_project_is_in_no_requirements(run: Run, build: Build) -> None:
    app = build("by-git", "matrix")

    result = export(run, app, "--format requirements --output requirements.txt")

    assert (result.code, result.out) == (1, "")
    assert "by-git 1.0: requirements cannot name a repository by a relative path" in result.err
    assert not (app / "requirements.txt").exists()


def export(run: Run, folder: Path, options: str) -> Result:
    (name,) = json.loads((folder / "lockguard.lock").read_text())["configurations"]
    return run(f"lockguard snapshot export --config {name} {options}", folder)


def environ(cache: Path) -> dict[str, str]:
    """Return the environment in which pip and uv see PyPI as this test does."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "UV_"))}
    own = {"SSL_CERT_FILE": os.environ["REQUESTS_CA_BUNDLE"], "PIP_CONFIG_FILE": os.devnull}
    own |= {"UV_CACHE_DIR": str(cache), "PIP_CACHE_DIR": str(cache)}
    return {**kept, **own, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
