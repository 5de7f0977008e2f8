"""A real backend with a plugin builds from pins: setuptools with setuptools-scm, in a bundle."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING

import pytest
from index.repacked import put_installed
from index.wheels import Release
from solving import project
from trees import commit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
CONFIG = f"linux-x86_64-py{HERE.replace('.', '')}"
MATRIX = f"""
[tool.lockguard.matrix]
python = ["{HERE}"]
platform = ["linux-x86_64"]
"""
#: of a package whose version is that of its tag; the plugin says which one, and lists the files
MANIFEST = """
[build-system]
requires = ["setuptools>=61", "setuptools-scm>=8"]
build-backend = "setuptools.build_meta"

[project]
name = "tagged"
dynamic = ["version"]

[tool.setuptools]
packages = ["tagged"]

[tool.setuptools_scm]
version_file = "tagged/_version.py"
"""
SOURCES = {"pyproject.toml": MANIFEST, "tagged/__init__.py": "", "tagged/data.txt": "listed"}
#: fetches what it needs while it runs: at once, and when a wheel is built
SCRIPT = """
import sys
from setuptools import Distribution, setup

Distribution().fetch_build_eggs(["early"])
import early

more = ["late"] if "bdist_wheel" in sys.argv else []
setup(name="fetching", version="1.0", packages=[], setup_requires=more)
"""
pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="installs a Linux configuration"),
    pytest.mark.contract,
]


def put_sdist(index: Index, name: str, version: str, files: Mapping[str, str]) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for path, text in files.items():
            member = tarfile.TarInfo(f"{name}-{version}/{path}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    release = Release(name=name, version=version)
    index.put(release, f"{name}-{version}.tar.gz", stream.getvalue())


def about(name: str, version: str, form: str) -> dict[str, str]:
    return {"PKG-INFO": f"Metadata-Version: {form}\nName: {name}\nVersion: {version}\n"}


@pytest.fixture
def tools(index: Index, pypi: Pypi, monkeypatch: pytest.MonkeyPatch) -> Index:
    """An index with the setuptools and the setuptools-scm that are installed beside the tests."""
    monkeypatch.setenv("POETRY_VIRTUALENVS_IN_PROJECT", "true")
    monkeypatch.setenv("CI", "1")
    put_installed(index, "setuptools", "setuptools-scm")
    pypi(index, here=True, json=False)
    return index


def installed_from_bundle(run: Run, app: Path, index: Index) -> Path:
    """Bundle a project, empty the index, and install the bundle elsewhere; return its packages."""
    created = run("lockguard snapshot create", app)
    assert created.code == 0, created.err
    bundled = run("lockguard bundle --output ../out", app)
    assert bundled.code == 0, bundled.err
    index.projects.clear()
    there = app.parent / "there"
    there.mkdir()
    result = run("lockguard install --bundle ../out", there)
    assert result.code == 0, result.err + result.out
    (packages,) = there.glob(".venv/lib*/python*/site-packages")
    return packages


def test_setuptools_scm_builds_an_archive_inside_a_bundle(
    run: Run, tools: Index, tmp_path: Path
) -> None:
    put_sdist(tools, "tagged", "1.4.2", {**SOURCES, **about("tagged", "1.4.2", "2.1")})
    app = project(tmp_path / "app", "tagged", more=MATRIX)

    packages = installed_from_bundle(run, app, tools)

    assert "'1.4.2'" in (packages / "tagged" / "_version.py").read_text()
    snapshot = json.loads((app / "lockguard.lock").read_text())
    assert {"setuptools", "setuptools-scm"} <= snapshot["configurations"][CONFIG]["build"].keys()


@pytest.mark.filterwarnings("ignore:Ref name:DeprecationWarning")  # Poetry 2.3 writes refs/tags//
def test_setuptools_scm_builds_a_commit_inside_a_bundle(
    run: Run, tools: Index, tmp_path: Path
) -> None:
    lib = tmp_path / "lib"
    for path, text in SOURCES.items():
        (lib / path).parent.mkdir(parents=True, exist_ok=True)
        (lib / path).write_text(text)
    commit(lib)
    subprocess.run(["git", "tag", "v1.5.0"], cwd=lib, check=True)
    app = project(tmp_path / "app", "tagged", more=MATRIX)
    with (app / "pyproject.toml").open("a") as manifest:
        manifest.write(f"[tool.poetry.dependencies]\ntagged = {{ git = '{lib.as_uri()}' }}\n")

    packages = installed_from_bundle(run, app, tools)

    assert "'1.5.0'" in (packages / "tagged" / "_version.py").read_text()


def test_what_a_script_fetches_while_it_runs_is_there(
    run: Run, tools: Index, tmp_path: Path
) -> None:
    for name in ("early", "late"):
        tools.add(name, "1.0", sdist=False)
    put_sdist(tools, "fetching", "1.0", {"setup.py": SCRIPT, **about("fetching", "1.0", "2.2")})
    app = project(tmp_path / "app", "fetching", more=MATRIX)

    packages = installed_from_bundle(run, app, tools)

    assert (packages / "fetching-1.0.dist-info").is_dir()
    assert not (packages / "early").exists()
