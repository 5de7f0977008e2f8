"""Recognizes path dependencies that surely are as they were locked, without poetry-core.

If they are not recognized, that only means that poetry-core has to compare them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from poetry_lockguard.errors import ManifestError
from poetry_lockguard.lockfile.fast.excerpt import of_folders
from poetry_lockguard.manifest import certain
from poetry_lockguard.manifest.document import read
from poetry_lockguard.names import normalized
from poetry_lockguard.toml import loads

if TYPE_CHECKING:
    from pathlib import Path

    from poetry_lockguard.manifest.document import Manifest

    #: what each requirement asks for, by its normalized name: clauses, or a table of Poetry's
    Needs = dict[str, "frozenset[str] | dict[str, Any]"]

_ANY = frozenset({"*"})


def are_as_locked(folder: Path, content: bytes) -> bool:
    """Whether all path dependencies of a lock in ``folder`` surely are as it holds them.

    Their versions may differ: no install goes wrong by that. A folder that is not there counts
    as unchanged.
    """
    excerpt = of_folders(content)
    if excerpt is content:  # without Poetry's layout
        return False
    try:
        packages = loads(excerpt.decode("utf-8"))["package"]
        return all(_is_as_locked(folder, package) for package in packages)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError, ManifestError):
        return False


def _is_as_locked(folder: Path, package: dict[str, Any]) -> bool:
    if package["source"]["type"] != "directory" or "extras" in package:
        return False
    path = folder / package["source"]["url"] / "pyproject.toml"
    if not path.is_file():
        return True
    manifest = read(path)
    needs, held = _needs(manifest), _by_name(package.get("dependencies", {}))
    return (
        normalized(manifest.name or "") == package["name"]
        and _python(manifest) == package["python-versions"]
        and needs is not None
        and needs.keys() == held.keys()
        and all(_is_held(needs[name], held[name]) for name in held)
    )


def _is_held(needed: frozenset[str] | dict[str, Any], held: object) -> bool:
    """Whether a lock holds what is needed; it has a path only if Poetry's table alone has it."""
    return needed == held or (isinstance(needed, dict) and "path" in needed and held == _ANY)


def _python(manifest: Manifest) -> object:
    if manifest.project:
        return manifest.project.get("requires-python", "*")
    return manifest.poetry.get("dependencies", {}).get("python", "*")


def _needs(manifest: Manifest) -> Needs | None:
    """Return what a manifest needs in its main group; None if that is not plain."""
    project, poetry = manifest.project, manifest.poetry
    own = poetry.get("dependencies", {})
    if poetry.get("extras") or project.get("optional-dependencies") or project.get("dynamic"):
        return None
    poetrys = _by_name(own)
    poetrys.pop("python", None)
    if not project:
        return poetrys
    pairs = [_plain(text) for text in project.get("dependencies", [])]
    plain: Needs = dict(pair for pair in pairs if pair is not None)
    # Poetry's table says where a package comes from that [project] only names.
    is_whole = len(pairs) == len(plain) and all(
        isinstance(value, dict) and "path" in value and plain.get(name) == _ANY
        for name, value in poetrys.items()
    )
    return plain | poetrys if is_whole else None


def _by_name(table: dict[str, Any]) -> Needs:
    return {
        normalized(name): _clauses(value) if isinstance(value, str) else value
        for name, value in table.items()
    }


def _plain(text: str) -> tuple[str, frozenset[str]] | None:
    """Split a requirement (PEP 508) without extras and marker; None if it is another."""
    if ";" in text or "[" in text or not certain.is_requirement(text):
        return None
    name = text[: next((at for at, sign in enumerate(text) if sign in " (<>=!~"), len(text))]
    return normalized(name), _clauses(text[len(name) :].strip(" ()") or "*")


def _clauses(text: str) -> frozenset[str]:
    """Return the clauses of a constraint; Poetry writes no operator for ``==``."""
    if "|" in text:
        return frozenset({text})
    parts = (part.replace(" ", "") for part in text.split(","))
    return frozenset(part.removeprefix("==") for part in parts)
