"""Arrows go down only, and Poetry has one door."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "poetry_lockguard"
FLOORS = (
    {"conflicts", "errors", "outcomes", "running", "shown_paths", "toml"},
    {"urls"},
    {"printable"},
    {"files"},
    {"digests", "git", "settings"},
    {"manifest", "lockfile", "targets"},
    {"freshness", "repair", "snapshots"},
    {"exports"},
    {"poetry_api"},
    {"index"},
    {"prefetch"},
    {"mirrors"},
    {"online"},
    {"resolution"},
    {"relock"},
    {"installing"},
    {"report"},
    {"commands"},
    {"plugin"},
    {"__main__"},
)
DOORS = {  # what each may import of Poetry
    "poetry_api": ("poetry.",),
    "plugin": ("poetry.plugins", "poetry.console"),
    "__main__": ("poetry.console",),
}
MODULES = sorted(
    path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path.stem != "__init__"
)


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def floor(name: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if name in rooms)


def imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: imports are absolute"
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    here = room(path)

    below = {name.split(".")[1] for name in imports(path) if name.startswith("poetry_lockguard.")}

    wrong = {name for name in below if name != here and floor(name) >= floor(here)}
    assert not wrong


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_poetry_has_one_door(path: Path) -> None:
    allowed = DOORS.get(room(path), ())

    poetry = [
        name
        for name in imports(path)
        if name.split(".")[0] == "poetry" and not name.startswith("poetry.core")
    ]

    assert [name for name in poetry if not name.startswith(allowed)] == []
