"""What builds packages from source is pinned, installed from, verified, bundled and exported."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from solving import project
from trees import commit

from poetry_lockguard.snapshots.format.canonical import seal, written

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
CONFIG = f"linux-x86_64-py{HERE.replace('.', '')}"
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="installs a Linux configuration")
#: a build backend that says in the wheel which version of it, and of its helper, built it
BACKEND = """
import pathlib, re, zipfile

def _about():
    text = pathlib.Path("METADATA").read_text()
    name, version = (re.search(rf"^{key}: (.+)$", text, re.M)[1] for key in ("Name", "Version"))
    return name.replace("-", "_"), version, text

def prepare_metadata_for_build_wheel(folder, settings=None):
    name, version, text = _about()
    target = pathlib.Path(folder, f"{name}-{version}.dist-info")
    target.mkdir()
    target.joinpath("METADATA").write_text(text)
    return target.name

def build_wheel(folder, settings=None, metadata=None):
    name, version, text = _about()
    try:
        from helper import __version__ as helper
    except ImportError:
        helper = "none"
    wheel = f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(pathlib.Path(folder, wheel), "w") as archive:
        archive.writestr(f"{name}.py", f"built = {__version__!r}, {helper!r}")
        archive.writestr(f"{info}/METADATA", text)
        archive.writestr(
            f"{info}/WHEEL",
            "Wheel-Version: 1.0\\nGenerator: tool\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        )
        archive.writestr(f"{info}/RECORD", "")
    return wheel

build_editable = build_wheel
"""
MATRIX = f"""
[tool.lockguard.matrix]
python = ["{HERE}"]
platform = ["linux-x86_64"]
"""


class App(NamedTuple):
    """A project that requires packages without wheels."""

    folder: Path
    server: Index

    @property
    def entry(self) -> dict[str, Any]:
        snapshot = json.loads((self.folder / "lockguard.lock").read_text())
        found: dict[str, Any] = snapshot["configurations"][CONFIG]
        return found

    @property
    def build(self) -> dict[str, str]:
        return {name: one["version"] for name, one in self.entry["build"].items()}

    def publish(self, *versions: str) -> None:
        """Publish versions of the backend, and of the helper that it requires."""
        for version in versions:
            self.server.add("tool", version, requires=["helper"], code=BACKEND, sdist=False)
            self.server.add("helper", version, sdist=False)

    def built_with(self, name: str = "source_only") -> str:
        (module,) = self.folder.glob(f".venv/lib*/python*/site-packages/{name}.py")
        return module.read_text().removeprefix("built = ")


@pytest.fixture
def app(index: Index, pypi: Pypi, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> App:
    """A project with a snapshot, made when version 1.0 of the backend was the newest."""
    monkeypatch.setenv("POETRY_VIRTUALENVS_IN_PROJECT", "true")
    monkeypatch.setenv("CI", "1")
    made = App(project(tmp_path / "app", "source-only", more=MATRIX), index)
    made.publish("1.0")
    index.add("source-only", "1.0", builder="tool", tags=())
    pypi(index, here=True, json=False)
    result = run("lockguard snapshot create", made.folder)
    assert result.code == 0, result.err
    return made


@pytest.mark.contract
def test_the_snapshot_pins_what_builds_packages_and_what_that_needs(run: Run, app: App) -> None:
    assert app.build == {"tool": "1.0", "helper": "1.0"}
    assert app.entry["build"]["tool"]["resolved_by"] == "source-only"
    assert app.entry["build"]["helper"]["resolved_by"] == "tool"
    assert {*app.entry["packages"]} == {"source-only"}
    verified = run("lockguard snapshot verify", app.folder)
    assert verified.code == 0, verified.out + verified.err
    shown = run("lockguard snapshot show", app.folder)
    assert "builds with helper 1.0, tool 1.0" in shown.out


@pytest.mark.contract
@on_linux
def test_a_year_later_the_same_tools_build_it(run: Run, app: App) -> None:
    app.publish("2.0")

    result = run("lockguard install --snapshot", app.folder)

    assert result.code == 0, result.err + result.out
    assert app.built_with() == "'1.0', '1.0'"


@pytest.mark.contract
@on_linux
def test_what_other_tools_built_before_is_not_taken_from_the_cache(run: Run, app: App) -> None:
    assert run("lockguard install --snapshot", app.folder).code == 0
    app.publish("2.0")
    upgraded = run("lockguard snapshot upgrade tool helper", app.folder)
    assert "build: tool" in upgraded.out
    assert app.build == {"tool": "2.0", "helper": "2.0"}
    for module in app.folder.glob(".venv/lib*/python*/site-packages/source_only*"):
        (module / "METADATA").unlink() if module.is_dir() else module.unlink()

    result = run("lockguard install --snapshot", app.folder)

    assert result.code == 0, result.err + result.out
    assert app.built_with() == "'2.0', '2.0'"


def test_creating_it_again_keeps_the_pins_and_every_byte(run: Run, app: App) -> None:
    before = (app.folder / "lockguard.lock").read_bytes()
    app.publish("2.0")

    assert "unchanged" in run("lockguard snapshot create", app.folder).out
    assert "unchanged" in run("lockguard snapshot create --offline", app.folder).out
    assert (app.folder / "lockguard.lock").read_bytes() == before


@pytest.mark.contract
@on_linux
def test_a_bundle_carries_what_builds_its_archives(run: Run, app: App, tmp_path: Path) -> None:
    made = run("lockguard bundle --output out", app.folder)
    assert made.code == 0, made.err
    assert "WARNING" not in made.err
    app.publish("2.0")
    app.server.projects.clear()
    there = App(tmp_path / "there", app.server)
    there.folder.mkdir()

    result = run("lockguard install --bundle ../app/out", there.folder)

    assert result.code == 0, result.err + result.out
    assert there.built_with() == "'1.0', '1.0'"


@pytest.mark.contract
def test_constraints_for_the_builds_of_pip_and_uv_are_exported(run: Run, app: App) -> None:
    result = run(
        f"lockguard snapshot export --config {CONFIG} --format build-constraints", app.folder
    )

    assert result.code == 0
    assert result.out.splitlines()[1:] == ["helper==1.0", "tool==1.0"]


@pytest.mark.contract
def test_a_build_requirement_without_a_wheel_is_built_from_pins_itself(run: Run, app: App) -> None:
    app.server.add("plugin", "1.0", builder="tool", tags=())
    app.server.add("wrapped", "1.0", requires=["plugin"], code=BACKEND, sdist=False)
    app.server.add("outer", "1.0", builder="wrapped", tags=())
    manifest = app.folder / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace('"source-only"', '"outer"'))

    result = run("lockguard snapshot create", app.folder)

    assert result.code == 0, result.err
    assert app.build == {"wrapped": "1.0", "plugin": "1.0", "tool": "1.0", "helper": "1.0"}


@pytest.mark.contract
@on_linux
def test_packages_whose_build_requirements_exclude_one_another_have_sets_of_their_own(
    run: Run, app: App
) -> None:
    app.publish("2.0")
    app.server.add("new-only", "1.0", builder="tool>=2", tags=())
    app.server.add("old-only", "1.0", builder="tool<2", tags=())
    manifest = app.folder / "pyproject.toml"
    manifest.write_text(
        manifest.read_text().replace('"source-only"', '"source-only", "new-only", "old-only"')
    )

    made = run("lockguard snapshot create", app.folder)
    result = run("lockguard install --snapshot", app.folder)

    assert made.code == 0, made.err
    assert app.entry["build_apart"]["old-only"]["tool"]["version"] == "1.0"
    assert result.code == 0, result.err + result.out
    assert app.built_with("new_only") == "'2.0', '1.0'"
    assert app.built_with("old_only") == "'1.0', '1.0'"
    exported = run(
        f"lockguard snapshot export --config {CONFIG} --format build-constraints", app.folder
    )
    assert "tool is left out, because packages are built with 1.0 and 2.0" in exported.err


@pytest.mark.contract
@pytest.mark.parametrize("source", ["{{ path = '../lib' }}", "{{ git = '{url}' }}"])
def test_what_builds_a_folder_or_a_repository_is_pinned(
    run: Run, app: App, tmp_path: Path, source: str
) -> None:
    lib = tmp_path / "lib"
    lib.mkdir()
    (lib / "pyproject.toml").write_text(
        '[project]\nname = "lib"\nversion = "1.0"\n'
        '[build-system]\nrequires = ["tool", "odd ; sys_platform == \'win32\'"]\n'
        'build-backend = "tool"\n'
    )
    commit(lib)
    manifest = app.folder / "pyproject.toml"
    text = manifest.read_text().replace('["source-only"]', '["lib"]')
    where = source.format(url=lib.as_uri())
    manifest.write_text(f"{text}\n[tool.poetry.dependencies]\nlib = {where}\n")

    result = run("lockguard snapshot create", app.folder)

    assert result.code == 0, result.err
    assert app.build == {"tool": "1.0", "helper": "1.0"}
    assert run("lockguard snapshot verify", app.folder).code == 0


@pytest.mark.contract
def test_the_projects_own_build_requirements_are_pinned_and_their_drift_is_reported(
    run: Run, app: App
) -> None:
    manifest = app.folder / "pyproject.toml"
    text = manifest.read_text().replace("package-mode = false\n", "")
    backend = '\n[build-system]\nrequires = ["helper"]\nbuild-backend = "helper"\n'
    manifest.write_text(text.replace('["source-only"]', "[]") + backend)
    assert run("lockguard snapshot create", app.folder).code == 0
    assert app.build == {"helper": "1.0"}
    assert app.entry["build"]["helper"]["resolved_by"] == "root"

    manifest.write_text(manifest.read_text().replace('["helper"]', '["helper>=2"]'))
    result = run("lockguard snapshot verify", app.folder)

    assert result.code == 1
    assert "build-unpinned" in result.out + result.err
    assert "the pin 1.0 does not fit helper>=2" in result.out + result.err


def test_what_cannot_be_locked_is_a_warning(run: Run, app: App) -> None:
    app.server.add("lonely", "1.0", builder="nowhere", tags=(), static=True)
    manifest = app.folder / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace('"source-only"', '"source-only", "lonely"'))

    result = run("lockguard snapshot create", app.folder)

    assert result.code == 0, result.err
    assert "WARNING: what builds lonely is not locked" in result.err
    assert app.build == {"tool": "1.0", "helper": "1.0"}


def test_a_pin_that_builds_nothing_is_reported(run: Run, app: App) -> None:
    app.server.add("evil", "1.0")
    manifest = app.folder / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace('"source-only"', '"source-only", "evil"'))
    assert run("lockguard snapshot create", app.folder).code == 0
    path = app.folder / "lockguard.lock"
    data = json.loads(path.read_text())
    entry = data["configurations"][CONFIG]
    entry["build"]["evil"] = {"version": "1.0", "resolved_by": "tool", "groups": []}
    path.write_bytes(written({**data, "sha256": seal(data)}))

    result = run("lockguard snapshot verify", app.folder)

    assert result.code == 1
    assert "none is built with it" in result.out + result.err


@on_linux
def test_what_builds_the_project_itself_is_no_obstacle_without_its_manifest(
    run: Run, app: App
) -> None:
    app.server.add("own-tool", "1.0")
    manifest = app.folder / "pyproject.toml"
    text = manifest.read_text().replace("package-mode = false", "packages = []")
    manifest.write_text(f'{text}\n[build-system]\nrequires = ["own-tool"]\n')
    created = run("lockguard snapshot create", app.folder)
    assert app.entry["build"]["own-tool"]["resolved_by"] == "root", created.err
    manifest.unlink()

    result = run("lockguard install --snapshot", app.folder)

    assert result.code == 0, result.err + result.out


def test_following_the_lock_keeps_what_builds_the_same_packages(run: Run, app: App) -> None:
    before = app.build
    assert run("lockguard fix", app.folder).code == 0

    result = run("lockguard snapshot sync", app.folder)

    assert result.code == 0, result.err
    assert app.build == before
