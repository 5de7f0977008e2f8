"""What the package imports is declared, and what is declared is imported."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from poetry_lockguard import toml

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "poetry_lockguard"
NEWER_PYTHONS = {"tomllib"}  #: standard modules that the oldest Python here does not have
#: modules that are called otherwise than their project; all of them come with the extra sbom
CALLED = {"cyclonedx": "cyclonedx-python-lib", "packageurl": "packageurl-python"}


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module


def project_of(module: str) -> str:
    """Name the project that a module comes from: each of them is called as its module."""
    is_core = module == "poetry.core" or module.startswith("poetry.core.")
    first = module.partition(".")[0]
    return "poetry-core" if is_core else CALLED.get(first, canonicalize_name(first))


def test_third_party_imports_and_declared_dependencies_are_the_same() -> None:
    own = {PACKAGE.name, *sys.stdlib_module_names, *NEWER_PYTHONS}
    modules = {module for path in PACKAGE.rglob("*.py") for module in imported(path)}
    used = {project_of(module) for module in modules if module.partition(".")[0] not in own}

    project = toml.loads((ROOT / "pyproject.toml").read_bytes().decode())["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["sbom"]]

    assert used == {canonicalize_name(Requirement(text).name) for text in declared}
