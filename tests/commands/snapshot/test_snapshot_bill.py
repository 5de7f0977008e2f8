"""``snapshot export --format cyclonedx``: the bill of materials of one configuration."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from solving import project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi, Serve

    Run = Callable[[str, Path], Result]

MORE = """
[project.optional-dependencies]
fast = ["turbo"]

[tool.lockguard.configurations.here]
python = "3.11"
platform = "linux-x86_64"

[tool.lockguard.configurations.windows]
python = "3.11"
platform = "windows-x86_64"
extras = ["fast"]
"""
VARIANT = """
[[tool.poetry.source]]
name = "own"
url = "{}"
priority = "explicit"

[tool.lockguard.configurations.variant]
python = "3.11"
platform = "linux-x86_64"
sources = {{ gear = "own" }}
"""


@pytest.fixture
def folder(index: Index, pypi: Pypi, tmp_path: Path) -> Path:
    """Give a project with an extra, an extra of a package, and markers."""
    pytest.importorskip("cyclonedx", reason="needs the extra sbom")
    needs = [
        "gear>=1,!=1.0.*",
        "window ; sys_platform == 'win32'",
        "loud[fast] ; python_version > '3'",
    ]
    index.add("engine", "1.0", requires=needs)
    index.add("loud", "1.0", extras={"fast": ["gear"], "slow": ["turbo"]})
    for name in ("window", "turbo"):
        index.add(name, "1.0", requires=["gear ; platform_release >= '20.0'"])
    index.add("gear", "1.1")
    pypi(index, here=True)
    return project(tmp_path / "plane", "engine", more=MORE)


def bill(run: Run, command: str, folder: Path) -> dict[str, Any]:
    result = run(f"lockguard {command} --format cyclonedx", folder)
    assert result.code == 0, result
    found: dict[str, Any] = json.loads(result.out)
    return found


def needs(found: dict[str, Any]) -> dict[str, list[str]]:
    return {one["ref"]: one.get("dependsOn", []) for one in found["dependencies"]}


def test_a_bill_lists_what_the_configuration_installs_and_why(folder: Path, run: Run) -> None:
    assert run("lockguard snapshot create", folder).code == 0

    here = bill(run, "snapshot export --config here", folder)
    windows = bill(run, "snapshot export --config windows", folder)

    assert needs(here) == {
        "engine@1.0": ["gear@1.1", "loud@1.0"],
        "gear@1.1": [],
        "loud@1.0": ["gear@1.1"],
        "project:story": ["engine@1.0"],
    }
    assert needs(windows) == {
        "engine@1.0": ["gear@1.1", "loud@1.0", "window@1.0"],
        "gear@1.1": [],
        "loud@1.0": ["gear@1.1"],
        "project:story": ["engine@1.0", "turbo@1.0"],
        "turbo@1.0": [],
        "window@1.0": [],
    }


def test_it_is_valid_and_lists_the_files_of_the_lock(folder: Path, run: Run) -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    for command in ("fix", "snapshot sync"):
        assert run(f"lockguard {command}", folder).code == 0

    own = bill(run, "snapshot export --config here", folder)
    of_lock = bill(run, "export --config here", folder)

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(own)) is None
    assert own["components"] == of_lock["components"]


def test_a_variant_names_its_own_source(folder: Path, index: Index, serve: Serve, run: Run) -> None:
    server = serve(index)
    manifest = folder / "pyproject.toml"
    manifest.write_text(manifest.read_text() + VARIANT.format(server.url))
    assert run("lockguard snapshot create --config variant", folder).code == 0

    components = bill(run, "snapshot export --config variant", folder)["components"]

    (purl,) = [one["purl"] for one in components if one["name"] == "gear"]
    assert purl.startswith("pkg:pypi/gear@1.1?repository_url=http://127.0.0.1")


def test_without_its_library_it_says_what_to_install(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("lockguard snapshot create", folder).code == 0
    for name in ("cyclonedx", "cyclonedx.output", "cyclonedx.output.json"):
        monkeypatch.setitem(sys.modules, name, None)

    result = run("lockguard snapshot export --config here --format cyclonedx", folder)

    assert result.code == 2
    assert "poetry-lockguard[sbom]" in result.err
