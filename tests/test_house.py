"""Imports point down, no files form a circle, and Poetry has one door."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PACKAGE = Path(__file__).parent.parent / "poetry_lockguard"
FLOORS = (  # from the ground up; the rooms of one floor do not know each other
    {
        "conflicts",
        "errors",
        "folder_locks",
        "names",
        "nearest_names",
        "outcomes",
        "plurals",
        "reachability",
    },
    {"running", "shown_paths", "toml", "typed_table"},
    {"codes", "urls"},
    {"printable"},
    {"files"},
    {"demo", "policy"},
    {"digests", "file_sets", "git", "settings", "time_limit"},
    {"manifest", "schemas"},
    {"lockfile", "targets"},
    {"freshness", "snapshots"},
    {"repair"},
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
DOORS = {  # what each may import of Poetry: the room behind the door, and what Poetry loads
    "poetry_api": ("poetry.",),
    "plugin": ("poetry.plugins", "poetry.console"),
    "__main__": ("poetry.console",),
}
#: names of modules that several rooms have, and what each of them means there
SHARED_NAMES = {
    "check": "a command, and what it says",
    "demo": "a command, and the project and the index that it starts",
    "damage": "what is wrong with a lock, and with a snapshot",
    "diff": "a command for locks, one for snapshots, and what they say",
    "document": "a manifest, a lock and a snapshot as values",
    "export": "a command for locks, and one for snapshots",
    "explain": "why a lock is stale, and a command that explains problem codes",
    "fix": "a command, and what it says",
    "install": "a command, one for the merge driver, and what it says",
    "matrix": "a command, what it says, and how configurations are made from one",
    "merge": "a command for snapshots, and how they are merged",
    "overview": "what there is below ``snapshot``, and below ``merge-driver``",
    "snapshot": "the commands for snapshots, and what they say",
    "update": "a command, one for snapshots, what the first does, and what it says",
}
MOST = 24  # files a folder: more are several jobs in one room


def imports_of(path: Path) -> frozenset[str]:
    """Return all that a file imports: at its top, within functions, and for types alone."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: imports are absolute"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py")) if name_of(path)}
FOLDERS = sorted({path.parent for path in MODULES.values()})


@cache
def imports(module: str) -> frozenset[str]:
    return imports_of(MODULES[module])


@cache
def own_imports(module: str) -> frozenset[str]:
    """Return the modules of the package that one of them imports."""
    names = [
        name.split(".")[1:] for name in imports(module) if name.startswith("poetry_lockguard.")
    ]
    found = {".".join(name) if ".".join(name) in MODULES else ".".join(name[:-1]) for name in names}
    return frozenset(found - {"", module})


def room(module: str) -> str:
    return module.split(".", maxsplit=1)[0]


def floor(name: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if name in rooms)


def circle(start: str, below: Callable[[str], Iterable[str]] = own_imports) -> list[str]:
    """Return the shortest way along imports from a file back to itself; empty where none is."""
    ways = [[start]]
    seen = set()
    for way in ways:
        for module in sorted(below(way[-1])):
            if module == start:
                return [*way, start]
            if module not in seen:
                seen.add(module)
                ways.append([*way, module])
    return []


def own_classes(path: Path) -> list[str]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return [node.name for node in nodes if isinstance(node, ast.ClassDef)]


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down(module: str) -> None:
    here = room(module)

    wrong = [
        f"{module} climbs to {name}"
        for name in sorted(own_imports(module))
        if room(name) != here and floor(room(name)) >= floor(here)
    ]

    assert wrong == []


@pytest.mark.parametrize("module", MODULES)
def test_no_files_form_a_circle(module: str) -> None:
    assert " -> ".join(circle(module)) == ""


@pytest.mark.parametrize("module", MODULES)
def test_poetry_has_one_door(module: str) -> None:
    allowed = DOORS.get(room(module), ())

    poetry = [
        name
        for name in sorted(imports(module))
        if name.split(".")[0] == "poetry" and not name.startswith("poetry.core.")
    ]

    assert [name for name in poetry if not name.startswith(allowed)] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_folder_holds_files_that_can_be_surveyed(folder: Path) -> None:
    assert len([*folder.glob("*.py")]) <= MOST


def test_no_two_classes_have_one_name() -> None:
    names = Counter(name for path in MODULES.values() for name in own_classes(path))

    assert {name: count for name, count in names.items() if count > 1} == {}


def test_no_two_modules_have_one_name_unless_it_means_two_things() -> None:
    found = defaultdict(list)
    for module in MODULES:
        found[module.rpartition(".")[2]].append(module)

    shared = {name for name, modules in found.items() if len(modules) > 1}

    assert shared == {*SHARED_NAMES}


def test_private_members_of_others_are_used_in_one_module() -> None:
    silenced = [
        module
        for module, path in MODULES.items()
        if "noqa" in (text := path.read_text(encoding="utf-8")) and "SLF001" in text
    ]

    assert silenced == []


def test_a_circle_is_found_however_long_it_is() -> None:
    below = {"a": {"b"}, "b": {"c", "d"}, "c": {"a"}, "d": set[str]()}

    assert circle("a", below.__getitem__) == ["a", "b", "c", "a"]
    assert circle("d", below.__getitem__) == []
