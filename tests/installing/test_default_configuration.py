"""Several configurations that fit one machine: the setting or the environment chooses one."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest
from solving import project

from poetry_lockguard.settings import Settings
from poetry_lockguard.snapshots.interpreter_match import (
    DefaultConfiguration,
    default_configuration,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
NAME = f"linux-x86_64-py{HERE.replace('.', '')}"
SETTINGS = f"""
[tool.lockguard]
install = "snapshot"

[tool.lockguard.matrix]
python = ["{HERE}"]
platform = ["linux-x86_64"]

[tool.lockguard.matrix.variants.cpu]

[tool.lockguard.matrix.variants.gpu]
constraints = ["alpha<2"]
"""

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="installs a configuration of linux-x86_64"
)


@pytest.fixture
def app(
    run: Run, index: Index, pypi: Pypi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A project with a snapshot of two variants, and no lock."""
    monkeypatch.delenv("LOCKGUARD_CONFIG", raising=False)
    for version in ("1.0", "2.0"):
        index.add("alpha", version)
    pypi(index, here=True, json=False)
    folder = project(tmp_path / "app", "alpha", more=SETTINGS)
    assert run("lockguard snapshot create", folder).code == 0
    return folder


def chosen(run: Run, folder: Path, options: str = "") -> tuple[int, str]:
    """Return the exit code of an installation, and the last line that it printed."""
    result = run(f"lockguard install --dry-run {options}", folder)
    return result.code, (result.out + result.err).strip().splitlines()[-1]


def test_if_several_fit_nothing_is_guessed_unless_a_default_is_set(
    run: Run, app: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = chosen(run, app, "--partial")
    monkeypatch.setenv("LOCKGUARD_CONFIG", "gpu")
    code, line = chosen(run, app)

    assert refused[0] == 1
    assert refused[1] == (
        "lockguard.lock: 2 configurations fit this interpreter; choose one with --config,"
        f" LOCKGUARD_CONFIG, or config in [tool.lockguard]: {NAME}-cpu, {NAME}-gpu"
    )
    assert code == 0
    assert f"{NAME}-gpu" in line


@pytest.mark.parametrize(
    ("default", "expected"),
    [
        ("gpu", ("linux-py311-gpu",)),
        ("linux-py311-cpu", ("linux-py311-cpu",)),
        ("pu", ()),
        ("nothing", ()),
    ],
)
def test_a_default_means_a_configuration_or_a_variant(
    default: str, expected: tuple[str, ...]
) -> None:
    fitting = ("linux-py311-cpu", "linux-py311-gpu")

    assert DefaultConfiguration(default, "LOCKGUARD_CONFIG").among(fitting) == expected


def test_the_environment_overrules_the_setting() -> None:
    settings = Settings(config="cpu")

    by_setting = default_configuration(settings, {"LOCKGUARD_CONFIG": ""})
    by_variable = default_configuration(settings, {"LOCKGUARD_CONFIG": "gpu"})

    assert by_setting == DefaultConfiguration("cpu", "config in [tool.lockguard]")
    assert by_variable == DefaultConfiguration("gpu", "LOCKGUARD_CONFIG")
    assert default_configuration(Settings(), {}) is None


def test_without_a_lock_check_judges_the_snapshot_that_is_installed(run: Run, app: Path) -> None:
    in_step = run("lockguard check", app)
    (app / "pyproject.toml").write_text(
        (app / "pyproject.toml").read_text().replace('["alpha"]', '["alpha<2"]')
    )
    drifted = run("lockguard check", app)
    fixed = run("lockguard fix -r", app)
    manifest = app / "pyproject.toml"
    with_setting = manifest.read_text()
    manifest.write_text(with_setting.replace('install = "snapshot"', ""))
    unset = run("lockguard check", app)
    manifest.write_text(with_setting)
    (app / "lockguard.lock").unlink()
    missing = run("lockguard check", app)

    assert (in_step.code, drifted.code, missing.code) == (0, 1, 1)
    assert in_step.out == (
        "poetry.lock: missing\n"
        "  lock-missing (note): poetry.lock: no such file;"
        " lockguard.lock is installed in its place\n"
    )
    assert "lockguard.lock: not in step; `poetry lockguard snapshot verify`" in drifted.out
    assert "alpha" in drifted.out
    assert not (app / "poetry.lock").exists(), fixed.out
    assert 'or set install = "snapshot" in [tool.lockguard]' in unset.out
    assert "poetry.lock and lockguard.lock: no such files; run `poetry lockguard" in missing.out


def test_a_snapshot_in_a_folder_is_named_with_it(run: Run, app: Path) -> None:
    (app / "locks").mkdir()
    (app / "lockguard.lock").rename(app / "locks" / "all.lock")
    manifest = app / "pyproject.toml"
    text = manifest.read_text().replace(
        "[tool.lockguard]", '[tool.lockguard]\nsnapshot = "locks/all.lock"'
    )
    manifest.write_text(text)
    in_step = run("lockguard check", app)
    manifest.write_text(text.replace('["alpha"]', '["alpha<2"]'))
    drifted = run("lockguard check", app)
    document = json.loads(run("lockguard check --format json", app).out)

    assert "; locks/all.lock is installed in its place\n" in in_step.out
    assert "\nlocks/all.lock: not in step; " in drifted.out
    assert {one["file"] for one in document["projects"][0]["problems"] if "file" in one} <= {
        "locks/all.lock",
        "poetry.lock",
    }


def test_without_files_check_of_many_does_not_advise_what_cannot_help(run: Run, app: Path) -> None:
    (app / "lockguard.lock").unlink()
    manifest = app / "pyproject.toml"
    library = manifest.read_text().replace("package-mode = false", "package-mode = true")
    manifest.write_text(library)
    assert "package-mode = true" in library

    result = run("lockguard check -r", app)

    assert result.code == 1
    assert "no such files; run `poetry lockguard snapshot create`\n" in result.out
    assert "optional" not in result.out


def test_an_update_of_one_configuration_leaves_the_others_alone(run: Run, app: Path) -> None:
    refused = run("lockguard snapshot update alpha==1.0 --config nope", app)
    result = run(f"lockguard snapshot update alpha==1.0 --config {NAME}-cpu", app)
    back = run(f"lockguard snapshot update alpha==2.0 --config {NAME}-cpu", app)

    assert refused.code == 2, refused.out
    assert result.code == 0, result.err
    assert result.out.splitlines() == [
        f"downgraded   alpha 2.0 -> 1.0  ({NAME}-cpu)",
        "lockguard.lock: changed",
    ]
    assert f"upgraded     alpha 1.0 -> 2.0  ({NAME}-cpu)" in back.out
    assert run("lockguard snapshot verify", app).code == 0
