"""The lockfile tutorial of a C++ package manager, told for a Poetry project: engine and matrix.

Every step is a command, and the file's content is looked at after each.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]

PC = "--python 3.11 --platform linux-x86_64"
OLD_PC = "--python 3.11 --platform linux-i686"


@pytest.fixture
def engine(index: Index, pypi: Pypi, story: Callable[[str], Path]) -> Path:
    """The project of the tutorial; PyPI has the first versions and serves HTML pages only."""
    index.add("matrix", "1.0")
    index.add("sound32", "1.0")
    pypi(index, here=True, json=False)
    return story("engine")


def content(folder: Path, name: str = "lockguard.lock") -> dict[str, Any]:
    """Give the file's content."""
    found: dict[str, Any] = json.loads((folder / name).read_text(encoding="utf-8"))
    return found


def chosen(folder: Path, name: str = "lockguard.lock") -> dict[str, dict[str, str]]:
    """Give each configuration's versions."""
    configurations = content(folder, name)["configurations"]
    return {
        key: {package: one["version"] for package, one in value["packages"].items()}
        for key, value in configurations.items()
    }


def pinned(folder: Path) -> dict[str, list[str]]:
    """Give the pinned versions of each package, in the file's order."""
    packages = content(folder)["packages"]
    return {name: [pin["version"] for pin in pins] for name, pins in packages.items()}


def test_create_writes_the_whole_file(run: Run, engine: Path, index: Index) -> None:
    result = run(f"lockguard snapshot create {PC}", engine)

    assert result.code == 0, result.err
    found = content(engine)
    assert found["project"] == {
        "name": "engine",
        "requires_python": ">=3.10",
        "content_hash": found["project"]["content_hash"],
        "requirements": {
            "main": [
                "matrix (>=1.0,<2.0)",
                "sound32 (>=1.0,<2.0) ; platform_machine == 'i686'",
            ]
        },
    }
    (configuration,) = found["configurations"].values()
    assert configuration["packages"] == {
        "matrix": {"version": "1.0", "resolved_by": "root", "groups": ["main"]}
    }
    assert configuration["target"]["markers"]["platform_machine"] == "x86_64"
    assert found["packages"] == {
        "matrix": [
            {
                "version": "1.0",
                "source": {"type": "pypi"},
                "requires_python": None,
                "dependencies": [],
                "files": {one.filename: f"sha256:{one.sha256}" for one in index.projects["matrix"]},
                "reproducible": True,
            }
        ]
    }
    assert sorted(path.name for path in engine.iterdir()) == ["lockguard.lock", "pyproject.toml"]


def test_a_newer_version_is_ignored_until_it_is_asked_for(
    run: Run, engine: Path, index: Index
) -> None:
    run(f"lockguard snapshot create {PC}", engine)
    before = (engine / "lockguard.lock").read_bytes()
    index.add("matrix", "1.1")

    result = run(f"lockguard snapshot create {PC}", engine)

    assert (result.code, result.out) == (0, "lockguard.lock: unchanged\n")
    assert (engine / "lockguard.lock").read_bytes() == before


def test_the_whole_tutorial(run: Run, engine: Path, index: Index) -> None:
    def step(command: str, code: int = 0) -> Result:
        result = run(f"lockguard snapshot {command}", engine)
        assert result.code == code, (command, result)
        return result

    step(f"create {PC}")
    index.add("matrix", "1.1")
    index.add("sound32", "1.1")

    # Another architecture needs what nobody has pinned; all of it is said, nothing is written.
    manifest = engine / "pyproject.toml"
    manifest.write_text(
        manifest.read_text()
        + '\n[tool.lockguard.matrix]\npython = ["3.11"]\n'
        + 'platform = ["linux-x86_64", "linux-i686"]\n'
    )
    strict = step("verify --config linux-i686-py311", code=1)
    assert "no pin fits sound32 (>=1.0,<2.0)" in strict.out
    assert "matrix" not in strict.out

    # Extend: what is pinned for one configuration is preferred for the next.
    step("create --config linux-i686-py311")
    assert chosen(engine) == {
        "linux-x86_64-py311": {"matrix": "1.0"},
        "linux-i686-py311": {"matrix": "1.0", "sound32": "1.1"},
    }
    step("verify")

    # Add a pin; nobody uses it yet.
    step("add sound32==1.0")
    assert pinned(engine) == {"matrix": ["1.0"], "sound32": ["1.1", "1.0"]}
    assert chosen(engine)["linux-i686-py311"]["sound32"] == "1.1"

    # Clean drops it again.
    step("clean")
    assert pinned(engine) == {"matrix": ["1.0"], "sound32": ["1.1"]}

    # Update replaces all pins of a name, in every configuration that can have the new one.
    step("update matrix==1.1")
    assert pinned(engine) == {"matrix": ["1.1"], "sound32": ["1.1"]}
    assert {versions["matrix"] for versions in chosen(engine).values()} == {"1.1"}

    # Split by configuration, and merge back to the same bytes.
    whole = (engine / "lockguard.lock").read_bytes()
    for name in ("linux-x86_64-py311", "linux-i686-py311"):
        step(f"create --config {name} --from lockguard.lock --output {name}.lock")
        assert [*chosen(engine, f"{name}.lock")] == [name]
    (engine / "lockguard.lock").unlink()
    step("merge linux-i686-py311.lock linux-x86_64-py311.lock")
    assert (engine / "lockguard.lock").read_bytes() == whole
    step("verify")
