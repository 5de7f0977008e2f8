"""What a user gets from ``poetry lockguard export``: files that other tools install."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from solving import project

from poetry_lockguard.toml import loads

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi, Serve

    Run = Callable[[str, Path], Result]

BIN = "Scripts" if os.name == "nt" else "bin"
MORE = """
[tool.poetry.group.dev.dependencies]
hammer = "*"

[project.optional-dependencies]
fast = ["turbo"]

[tool.lockguard.configurations.here]
python = "3.11"
platform = "linux-x86_64"
extras = ["fast"]
"""


@pytest.fixture
def folder(index: Index, pypi: Pypi, tmp_path: Path, run: Run) -> Path:
    """Give a locked project with a group, an extra, and a package for Windows alone."""
    index.add("engine", "1.0", requires=["gear>=1", "window ; sys_platform == 'win32'"])
    for name in ("gear", "window", "hammer", "turbo"):
        index.add(name, "1.0")
    index.add("gear", "1.1")
    pypi(index, here=True)
    made = project(tmp_path / "plane", "engine", more=MORE)
    result = run("lockguard fix", made)
    assert result.code == 0, result.err
    return made


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    """Make an environment with the newest pip that comes with virtualenv."""
    folder = tmp_path / "venv"
    bare = ["--no-periodic-update", "--no-download", "--no-setuptools"]
    subprocess.run([sys.executable, "-m", "virtualenv", "-q", *bare, str(folder)], check=True)
    return folder / BIN / "python"


@pytest.fixture
def two_gears(folder: Path, run: Run) -> Path:
    """Give the project with a second version of a package for the same environments.

    As Poetry may have written it, since a requirement names an extra.
    """
    manifest = folder / "pyproject.toml"
    text = manifest.read_text()
    asked = "hammer = { version = '*', markers = \"extra != 'fast'\" }"
    manifest.write_text(text.replace('hammer = "*"', asked))
    assert run("lockguard fix", folder).code == 0
    lock = (folder / "poetry.lock").read_text()
    (gear,) = (one for one in lock.split("[[package]]") if 'name = "gear"' in one)
    older = gear.replace("1.1", "1.0")
    (folder / "poetry.lock").write_text(lock.replace(gear, f"{older}[[package]]{gear}"))
    return folder


def names(text: str) -> list[str]:
    return re.findall(r"^([a-z]+)==", text, re.MULTILINE)


@pytest.mark.contract
def test_requirements_have_markers_and_hashes(folder: Path, run: Run) -> None:
    result = run("lockguard export --format requirements", folder)

    assert result.code == 0, result.err
    lines = re.sub(r"[0-9a-f]{64}", "…", result.out).splitlines()
    assert lines == [
        "# Made from poetry.lock by `poetry lockguard export`. Do not edit.",
        "# sha256: …",
        "engine==1.0 \\",
        "    --hash=sha256:… \\",
        "    --hash=sha256:…",
        "gear==1.1 \\",
        "    --hash=sha256:… \\",
        "    --hash=sha256:…",
        'window==1.0 ; sys_platform == "win32" \\',
        "    --hash=sha256:… \\",
        "    --hash=sha256:…",
    ]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--group main,dev", ["engine", "gear", "hammer", "window"]),
        ("--group dev", ["hammer"]),
        ("-E fast", ["engine", "gear", "turbo", "window"]),
        ("--config here", ["engine", "gear", "turbo"]),
    ],
)
def test_groups_extras_and_configurations_can_be_chosen(
    options: str, expected: list[str], folder: Path, run: Run
) -> None:
    result = run(f"lockguard export --format requirements {options}", folder)

    assert names(result.out) == expected, result.err


def test_a_file_for_one_configuration_has_no_markers(folder: Path, run: Run) -> None:
    result = run("lockguard export --format constraints --config here", folder)

    assert result.out.splitlines()[2:] == ["engine==1.0", "gear==1.1", "turbo==1.0"]


def test_pip_and_uv_install_the_requirements_with_hashes(
    folder: Path, run: Run, venv: Path, index: Index, serve: Serve
) -> None:
    server = serve(index)
    written = run("lockguard export --format requirements --output requirements.txt", folder)
    pip = f"{venv} -m pip install --no-input --dry-run --require-hashes -q --report - -r"
    by_pip = subprocess.run(
        [*pip.split(), "requirements.txt", "--index-url", server.url],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    uv = f"uv pip sync --no-config --dry-run --require-hashes --python {venv} requirements.txt"
    by_uv = subprocess.run(
        [*uv.split(), "--default-index", server.url],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (written.code, written.out) == (0, "")
    assert by_pip.returncode == 0, by_pip.stderr
    chosen = [one["metadata"]["name"] for one in json.loads(by_pip.stdout)["install"]]
    assert sorted(chosen) == ["engine", "gear"]
    assert by_uv.returncode == 0, by_uv.stderr
    assert " + engine==1.0" in by_uv.stderr
    assert "window" not in by_uv.stderr


def test_a_pylock_offers_every_group_and_extra(folder: Path, run: Run) -> None:
    result = run("lockguard export --output pylock.toml", folder)

    assert result.code == 0, result.err
    pylock = loads((folder / "pylock.toml").read_text())
    markers = {one["name"]: one.get("marker", "").replace('"', "'") for one in pylock["packages"]}
    assert markers == {
        "engine": "",
        "gear": "",
        "hammer": "'dev' in dependency_groups",
        "turbo": "'fast' in extras",
        "window": "sys_platform == 'win32'",
    }
    assert (pylock["extras"], pylock["dependency-groups"]) == (["fast"], ["dev"])


def test_a_pylock_whose_addresses_are_known_needs_no_network(folder: Path, run: Run) -> None:
    assert run("lockguard export --output pylock.toml", folder).code == 0
    before = (folder / "pylock.toml").read_bytes()

    again = run("lockguard export --output pylock.toml --offline", folder)
    elsewhere = run("lockguard export --output other.toml --offline", folder)

    assert again.code == 0, again.err
    assert (folder / "pylock.toml").read_bytes() == before
    assert elsewhere.code == 1


def test_an_sbom_is_valid_and_the_same_every_time(folder: Path, run: Run) -> None:
    pytest.importorskip("cyclonedx", reason="needs the extra sbom")
    first = run("lockguard export --format cyclonedx", folder)
    second = run("lockguard export --format cyclonedx", folder)

    assert first.code == 0, first.err
    assert first.out == second.out
    assert _mistakes(first.out) is None
    bill = json.loads(first.out)
    components = {one["name"]: one for one in bill["components"]}
    assert sorted(components) == ["engine", "gear", "window"]
    assert components["gear"]["purl"] == "pkg:pypi/gear@1.1"
    depends = {one["ref"]: one.get("dependsOn") for one in bill["dependencies"]}
    assert depends["engine@1.0"] == ["gear@1.1", "window@1.0"]
    assert depends["project:story"] == ["engine@1.0"]


def _mistakes(text: str) -> object:
    """Validate against the schema that comes with the library."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    return JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)


def test_an_sbom_without_its_library_says_what_to_install(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("cyclonedx", "cyclonedx.output", "cyclonedx.output.json"):
        monkeypatch.setitem(sys.modules, name, None)

    result = run("lockguard export --format cyclonedx", folder)

    assert result.code == 2
    assert "pip install 'poetry-lockguard[sbom]'" in result.err


def test_a_stale_lock_is_not_exported(folder: Path, run: Run) -> None:
    project(folder, "engine", "gear", more=MORE)

    result = run("lockguard export --format requirements --output requirements.txt", folder)

    assert result.code == 1
    assert "poetry.lock is stale, so nothing was exported" in result.err
    assert not (folder / "requirements.txt").exists()


def test_an_unknown_group_is_a_usage_error_with_the_nearest(folder: Path, run: Run) -> None:
    result = run("lockguard export --format requirements --group deev", folder)

    assert result.code == 2
    assert "the project has no group deev; the nearest is dev" in result.err


def test_files_of_another_version_make_no_pylock_and_that_is_said(folder: Path, run: Run) -> None:
    lock = folder / "poetry.lock"
    lock.write_text(
        lock.read_text().replace("-1.0-py3", "-9.9-py3").replace("-1.0.tar", "-9.9.tar")
    )

    result = run("lockguard export --output pylock.toml", folder)

    assert result.code == 1
    assert "Traceback" not in result.err
    assert not (folder / "pylock.toml").exists()
    assert "the index gives no address for engine-9.9" in result.err


@pytest.mark.parametrize("form", ["requirements", "constraints", "pylock"])
def test_two_versions_for_the_same_environments_are_not_exported(
    two_gears: Path, run: Run, form: str
) -> None:
    result = run(f"lockguard export --format {form}", two_gears)

    assert (result.code, result.out) == (1, "")
    assert "gear is locked at 1.1 and 1.0 for the same environments" in result.err
    assert "poetry lockguard snapshot create" in result.err


@pytest.mark.parametrize(
    ("here", "there", "code"),
    [
        ("sys_platform == 'linux'", "", 1),
        ("sys_platform == 'linux'", "os_name == 'posix' or sys_platform == 'linux'", 1),
        ("sys_platform == 'linux'", "sys_platform != 'linux'", 0),
    ],
)
def test_versions_of_which_one_is_for_a_part_of_the_others_environments_are_not_exported(
    two_gears: Path, run: Run, here: str, there: str, code: int
) -> None:
    lock = two_gears / "poetry.lock"
    first, second, third = lock.read_text().split('name = "gear"')
    marked = [
        part.replace("files = [", f'markers = "{marker}"\nfiles = [' if marker else "files = [", 1)
        for part, marker in ((second, here), (third, there))
    ]
    lock.write_text('name = "gear"'.join([first, *marked]))

    result = run("lockguard export --format requirements", two_gears)

    assert result.code == code
    assert (": gear is locked at" in result.err) is bool(code)


def test_a_bill_lists_all_versions(two_gears: Path, run: Run) -> None:
    result = run("lockguard export --format cyclonedx", two_gears)

    components = json.loads(result.out)["components"]
    assert [one["version"] for one in components if one["name"] == "gear"] == ["1.0", "1.1"]
