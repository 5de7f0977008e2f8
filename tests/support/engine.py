"""The project ``engine`` of the snapshot tutorial, and what its snapshot holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from index import Index, Pypi

PC = "--python 3.11 --platform linux-x86_64"
MATRIX = """
[tool.lockguard.matrix]
python = ["3.11", "3.12"]
platform = ["linux-x86_64", "linux-i686", "windows-x86_64"]
"""


def content(folder: Path, name: str = "lockguard.lock") -> dict[str, Any]:
    """Return the file's content."""
    found: dict[str, Any] = json.loads((folder / name).read_text(encoding="utf-8"))
    return found


def chosen(folder: Path, name: str = "lockguard.lock") -> dict[str, dict[str, str]]:
    """Return each configuration's versions."""
    configurations = content(folder, name)["configurations"]
    return {
        key: {package: one["version"] for package, one in value["packages"].items()}
        for key, value in configurations.items()
    }


def pinned(folder: Path) -> dict[str, list[str]]:
    """Return the pinned versions of each package, in the file's order."""
    packages = content(folder)["packages"]
    return {name: [pin["version"] for pin in pins] for name, pins in packages.items()}


def lock(folder: Path) -> bytes:
    return (folder / "lockguard.lock").read_bytes()


@pytest.fixture
def engine(index: Index, pypi: Pypi, story: Callable[[str], Path]) -> Path:
    """The tutorial's project with six configurations."""
    index.add("matrix", "1.0", requires=["tomlike ; python_version < '3.12'"])
    index.add("sound32", "1.0")
    index.add("tomlike", "0.9")
    pypi(index, here=True, json=False)
    folder = story("engine")
    manifest = folder / "pyproject.toml"
    manifest.write_text(manifest.read_text() + MATRIX)
    return folder
