"""``bundle`` and ``install --bundle``: everything that a place without a network needs."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from typing import TYPE_CHECKING

import pytest
from cleo.io.inputs.argv_input import ArgvInput
from cleo.io.outputs.buffered_output import BufferedOutput
from index.torch_layout import TorchIndex
from poetry.console.application import Application
from solving import project

from poetry_lockguard.plugin import register
from poetry_lockguard.snapshots.format.canonical import seal, written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi, Serve

    Run = Callable[[str, Path], Result]

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
TAG = f"cp{sys.version_info[0]}{sys.version_info[1]}"
MATRIX = f"""
[tool.lockguard.matrix]
python = ["{HERE}"]
platform = ["linux-x86_64", "macos-arm64"]
"""
LINUX = f"native-1.0-{TAG}-{TAG}-manylinux_2_17_x86_64.whl"
MAC = f"native-1.0-{TAG}-{TAG}-macosx_11_0_arm64.whl"
CONFIG = f"linux-x86_64-py{HERE.replace('.', '')}"
#: a build backend that needs nothing but itself
BACKEND = """
import pathlib, zipfile
def prepare_metadata_for_build_wheel(folder, settings=None):
    target = pathlib.Path(folder, "source_only-1.0.dist-info")
    target.mkdir()
    target.joinpath("METADATA").write_bytes(pathlib.Path("METADATA").read_bytes())
    return target.name

def build_wheel(folder, settings=None, metadata=None):
    name = "source_only-1.0-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(folder, name), "w") as archive:
        metadata = pathlib.Path("METADATA").read_bytes()
        archive.writestr("source_only-1.0.dist-info/METADATA", metadata)
        archive.writestr(
            "source_only-1.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\\nGenerator: tool\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        )
        archive.writestr("source_only-1.0.dist-info/RECORD", "")
    return name
"""
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="installs a Linux configuration")


@pytest.fixture
def app(
    index: Index, pypi: Pypi, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A project with a snapshot for Linux and macOS, of which one package has native wheels."""
    monkeypatch.setenv("POETRY_VIRTUALENVS_IN_PROJECT", "true")
    monkeypatch.setenv("CI", "1")
    platforms = ("manylinux_2_17_x86_64", "macosx_11_0_arm64", "win_amd64")
    index.add("native", "1.0", tags=[f"{TAG}-{TAG}-{one}" for one in platforms])
    index.add("pure", "2.0", requires=["native"], padding=400_000)
    pypi(index, here=True, json=False)
    folder = project(tmp_path / "app", "pure>=1", more=MATRIX)
    assert run("lockguard snapshot create", folder).code == 0
    return folder


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_bundle_holds_the_one_file_that_each_target_takes(run: Run, app: Path) -> None:
    result = run("lockguard bundle --output out", app)

    assert result.code == 0, result.err
    pure = "pure-2.0-py3-none-any.whl"
    assert names(app / "out") == {"lockguard.lock", "index.html", LINUX, MAC, pure}
    assert result.out.startswith("out: 3 files, 0.4 MB, 3 new")
    assert f'<a href="{LINUX}#sha256=' in (app / "out" / "index.html").read_text()


def test_the_json_document_lists_every_file(run: Run, app: Path, index: Index) -> None:
    document = json.loads(run("lockguard bundle --output out --format json", app).out)

    assert document["status"] == "complete"
    assert [one["name"] for one in document["files"]] == [MAC, LINUX, "pure-2.0-py3-none-any.whl"]
    assert (
        document["size"]
        == sum((app / "out" / one).stat().st_size for one in (LINUX, MAC))
        + (app / "out" / "pure-2.0-py3-none-any.whl").stat().st_size
    )
    index.remove("native")
    shutil.rmtree(app / "out")
    failed = json.loads(run("lockguard bundle --output out --format json --retries 0", app).out)
    assert (failed["status"], failed["files"]) == ("failed", [])
    assert "native" in " ".join(failed["failures"])
    assert json.loads(run("lockguard bundle --format json", app).out)["status"] == "error"


def test_neither_modes_nor_times_nor_the_order_of_the_configurations_count(
    run: Run, app: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mac = CONFIG.replace("linux-x86_64", "macos-arm64")
    run(f"lockguard bundle --config {CONFIG} --config {mac} --output one.tar", app)
    run(f"lockguard bundle --config {CONFIG} --config {mac} --output one.zip", app)
    before = os.umask(0o077)
    try:
        monkeypatch.setenv("TZ", "Pacific/Apia")
        time.tzset()
        monkeypatch.setenv("LC_ALL", "C")
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
        run(f"lockguard bundle --config {mac} --config {CONFIG} --output two", app)
        for path in (app / "two").iterdir():
            os.utime(path, (0, 0))
        shutil.move(app / "two", app / ".two.tar.parts")
        run(f"lockguard bundle --config {mac} --config {CONFIG} --output two.tar", app)
        run(f"lockguard bundle --config {mac} --config {CONFIG} --output two.zip", app)
    finally:
        os.umask(before)
        monkeypatch.undo()
        time.tzset()

    for kind in ("tar", "zip"):
        assert (app / f"one.{kind}").read_bytes() == (app / f"two.{kind}").read_bytes()


@pytest.mark.parametrize(
    "kills", [4, pytest.param(200, marks=pytest.mark.slow)], ids=["few kills", "200 kills"]
)
@pytest.mark.parametrize("output", ["out", "out.tar"])
def test_killed_at_any_moment_the_next_run_makes_the_same_bundle(
    run: Run, app: Path, output: str, kills: int
) -> None:
    run(f"lockguard bundle --output whole{output.removeprefix('out')}", app)
    whole = app / f"whole{output.removeprefix('out')}"
    before = names(app)
    began = time.monotonic()
    assert bundled(app, "timed") == 0
    duration = time.monotonic() - began
    shutil.rmtree(app / "timed")
    chance = random.Random(int(os.environ.get("LOCKGUARD_SEED", "7")))

    for _ in range(kills):
        remove(app / output)
        killed(app, output, after=chance.uniform(0, duration))
        result = run(f"lockguard bundle --output {output}", app)

        assert result.code == 0, result.err
        assert same(app / output, whole)
    assert names(app) == before | {output}


def bundled(folder: Path, output: str) -> int:
    """Make a bundle in a forked child; give its exit code."""
    pid = child(folder, output)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def killed(folder: Path, output: str, *, after: float) -> None:
    """Begin a bundle in a forked child and kill it."""
    pid = child(folder, output)
    time.sleep(after)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def child(folder: Path, output: str) -> int:
    if pid := os.fork():
        return pid
    code = 3
    try:
        os.chdir(folder)
        application = Application()
        application.auto_exits(False)
        register(application)
        words = ["poetry", "lockguard", "bundle", "--output", output, "--no-interaction"]
        code = application.run(ArgvInput(words), BufferedOutput(), BufferedOutput())
    finally:
        os._exit(code)


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def same(one: Path, other: Path) -> bool:
    if one.is_dir():
        return content(one) == content(other)
    return one.read_bytes() == other.read_bytes()


def test_a_bundle_of_one_configuration_holds_nothing_for_others(run: Run, app: Path) -> None:
    assert run(f"lockguard bundle --config {CONFIG} --output out", app).code == 0

    assert MAC not in names(app / "out")
    assert "macos-arm64" not in (app / "out" / "lockguard.lock").read_text()


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_two_machines_make_the_same_bytes(run: Run, app: Path, kind: str) -> None:
    run(f"lockguard bundle --output one.{kind}", app)
    before = names(app)
    run("lockguard bundle --output two", app)
    result = run(f"lockguard bundle --output two.{kind}", app)

    assert result.code == 0, result.err
    assert (app / f"one.{kind}").read_bytes() == (app / f"two.{kind}").read_bytes()
    assert names(app) == before | {"two", f"two.{kind}"}


def test_only_what_is_missing_or_damaged_is_downloaded_again(
    run: Run, app: Path, index: Index
) -> None:
    run("lockguard bundle --output out", app)
    whole = content(app / "out")
    (app / "out" / LINUX).write_bytes(b"damaged")
    (app / "out" / MAC).unlink()
    (app / "out" / "index.html").unlink()
    index.remove("pure")

    result = run("lockguard bundle --output out", app)

    assert result.code == 0, result.err
    assert "2 new" in result.out
    assert content(app / "out") == whole
    assert "none new" in run("lockguard bundle --output out --offline", app).out


def test_a_download_is_resumed_where_it_ended(
    run: Run, index: Index, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add("pure", "2.0", padding=400_000)
    server = serve(index, ranges=True)
    source = f'\n[[tool.poetry.source]]\nname = "own"\nurl = "{server.url}"\n'
    folder = project(tmp_path / "own", "pure>=1", more=source + MATRIX)
    assert run("lockguard snapshot create", folder).code == 0
    run("lockguard bundle --output out", folder)
    whole = content(folder / "out")
    wheel = folder / "out" / "pure-2.0-py3-none-any.whl"
    file = index.file(wheel.name)
    assert file is not None
    part = wheel.with_name(f".{wheel.name}.{file.sha256[-12:]}.part")
    wheel.unlink()
    for begun in (whole[wheel.name][:300_000], b"something else", whole[wheel.name]):
        part.write_bytes(begun)

        result = run("lockguard bundle --output out", folder)

        assert result.code == 0, result.err
        assert content(folder / "out") == whole
        wheel.unlink()


def test_what_an_older_bundle_held_goes_and_what_others_put_there_stays(
    run: Run, app: Path, index: Index
) -> None:
    run("lockguard bundle --output out", app)
    (app / "out" / "setuptools-80-py3-none-any.whl").write_bytes(b"put there by hand")
    index.add("pure", "3.0")
    assert run("lockguard snapshot upgrade pure", app).code == 0

    result = run("lockguard bundle --output out", app)

    assert result.code == 0, result.err
    pure, own = "pure-3.0-py3-none-any.whl", "setuptools-80-py3-none-any.whl"
    assert names(app / "out") == {"lockguard.lock", "index.html", pure, own}


def test_a_file_that_no_index_has_is_named_and_the_rest_is_kept(
    run: Run, app: Path, index: Index
) -> None:
    index.remove("native")

    result = run("lockguard bundle --output out --retries 0", app)

    assert result.code == 1
    assert LINUX in result.err or MAC in result.err
    assert "run this again to resume" in result.err
    assert "index.html" not in names(app / "out")


def test_the_next_mirror_gives_what_the_first_lacks(
    run: Run, app: Path, index: Index, serve: Serve
) -> None:
    full = type(index)()
    full.projects = dict(index.projects)
    index.remove("native")

    result = run(f"lockguard bundle --output out --mirror {serve(full).url}", app)

    assert result.code == 0, result.err
    assert {LINUX, MAC} <= names(app / "out")


def test_pip_installs_from_the_folder(run: Run, app: Path, tmp_path: Path) -> None:
    assert run(f"lockguard bundle --config {CONFIG} --output out", app).code == 0

    options = ["--no-index", "--find-links", str(app / "out"), "--target", str(tmp_path / "into")]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--quiet", "pure==2.0"],
        check=False,
        capture_output=True,
        text=True,
    )

    if "No module named pip" in done.stderr:
        pytest.skip("pip is not installed")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "into" / "pure-2.0.dist-info").is_dir()


@on_linux
@pytest.mark.parametrize("output", ["out", "out.tar", "out.zip"])
def test_a_bundle_installs_without_a_network_and_without_a_manifest(
    run: Run, app: Path, index: Index, tmp_path: Path, output: str
) -> None:
    assert run(f"lockguard bundle --output {output}", app).code == 0
    index.projects.clear()
    there = tmp_path / "there"
    there.mkdir()

    result = run(f"lockguard install --bundle ../app/{output}", there)

    assert result.code == 0, result.err + result.out
    assert f"../app/{output}: {CONFIG}: installed" in result.out
    found = {info.name for info in there.glob(".venv/lib*/*/*/*.dist-info")}
    assert {"native-1.0.dist-info", "pure-2.0.dist-info"} <= found
    assert run("lockguard install --bundle ../app/out --snapshot", there).code == 2


@on_linux
@pytest.mark.parametrize("option", ["--bundle ../app/out", "--snapshot ../app/lockguard.lock"])
def test_what_builds_the_project_itself_stops_no_place_without_a_manifest(
    run: Run, app: Path, index: Index, tmp_path: Path, option: str
) -> None:
    index.add("tool", "1.0", code=BACKEND)
    manifest = app / "pyproject.toml"
    builds = '[build-system]\nrequires = ["tool"]\nbuild-backend = "tool"\n'
    manifest.write_text(builds + manifest.read_text().replace("package-mode = false", ""))
    for command in ("snapshot create", "bundle --output out"):
        assert run(f"lockguard {command}", app).code == 0
    there = tmp_path / "there"
    there.mkdir()

    result = run(f"lockguard install {option} --dry-run", there)

    assert '"tool"' in (app / "lockguard.lock").read_text()
    assert result.code == 0, result.err


@on_linux
def test_a_damaged_file_is_named_before_anything_is_installed(run: Run, app: Path) -> None:
    run("lockguard bundle --output out", app)
    (app / "out" / LINUX).write_bytes(b"damaged")
    (app / "out" / MAC).unlink()  # this place does not need it

    result = run("lockguard install --bundle out", app)

    assert result.code == 1
    assert f"{LINUX} is missing or damaged" in result.err
    assert MAC not in result.err
    assert not [*app.glob(".venv/lib*/*/*/pure*")]


def without_build_requirements(path: Path) -> None:
    """Make a snapshot as versions wrote it that did not pin what builds packages."""
    data = json.loads(path.read_text())
    for entry in data["configurations"].values():
        del entry["build"]
    for entry in [one for entries in data["packages"].values() for one in entries]:
        entry.pop("build_requires", None)
    del data["packages"]["tool"]
    path.write_bytes(written({**data, "sha256": seal(data)}))


@on_linux
def test_what_is_not_pinned_to_build_packages_comes_from_the_wheels_of_the_folder(
    run: Run, app: Path, index: Index, tmp_path: Path
) -> None:
    index.add("tool", "1.0", code=BACKEND)
    index.add("source-only", "1.0", builder="tool", tags=())
    manifest = app / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace('"pure>=1"', '"pure>=1", "source-only"'))
    assert run("lockguard snapshot create", app).code == 0
    without_build_requirements(app / "lockguard.lock")

    made = run(f"lockguard bundle --config {CONFIG} --output out", app)
    tool = index.file("tool-1.0-py3-none-any.whl")
    assert tool is not None
    (app / "out" / tool.filename).write_bytes(tool.content)
    index.projects.clear()
    result = run("lockguard install --bundle out", app)

    assert "source_only-1.0.tar.gz needs tool" in made.err
    assert result.code == 0, result.err + result.out
    assert [*app.glob(".venv/lib*/*/*/source_only-1.0.dist-info")]
    assert "source_only-1.0.tar.gz" in names(app / "out")


def test_two_files_of_one_name_do_not_share_a_bundle(run: Run, torch_app: Path) -> None:
    result = run("lockguard bundle --output out", torch_app)

    assert result.code == 1
    assert "two different files are called torch-2.9.0-py3-none-any.whl" in result.err
    for config in ("plain", "gpu"):
        assert run(f"lockguard bundle --config {config} --output {config}", torch_app).code == 0
    wheels = {
        (torch_app / config / "torch-2.9.0-py3-none-any.whl").read_bytes()
        for config in ("plain", "gpu")
    }
    assert len(wheels) == 2


@pytest.fixture
def torch_app(index: Index, pypi: Pypi, tmp_path: Path, run: Run) -> Iterator[Path]:
    """A project whose variant has the same version, under the same file name, from elsewhere."""
    torch = TorchIndex()
    torch.add("cu128", "torch", "2.9.0", tags=("py3-none-any",), code="cuda = True")
    index.add("torch", "2.9.0")
    pypi(index, here=True, json=False)
    target = f'python = "{HERE}"\nplatform = "linux-x86_64"'
    more = (
        f"\n[tool.lockguard.configurations.plain]\n{target}\n"
        f"\n[tool.lockguard.configurations.gpu]\n{target}\n"
        f'sources = {{ torch = {{ url = "{torch.url("cu128")}" }} }}\n'
    )
    folder = project(tmp_path / "torch", "torch", more=more)
    assert run("lockguard snapshot create", folder).code == 0
    yield folder
    torch.stop()


def test_other_folders_and_archives_are_left_alone(run: Run, app: Path) -> None:
    with zipfile.ZipFile(app / "other.zip", "w") as other:
        other.writestr("notes.txt", "mine")
    before = content_of_files(app)

    into_project = run("lockguard bundle --output .", app)
    into_archive = run("lockguard bundle --output other.zip", app)
    nowhere = run("lockguard install --bundle other.zip", app)

    assert (into_project.code, into_archive.code, nowhere.code) == (2, 2, 2)
    assert "holds something other than a bundle" in into_project.err
    assert "not a bundle" in into_archive.err
    assert "not a bundle" in nowhere.err
    assert content_of_files(app) == before


def content_of_files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
