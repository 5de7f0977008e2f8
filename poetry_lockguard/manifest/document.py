"""Reads ``pyproject.toml`` and decides whether it belongs to a Poetry project."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from poetry_lockguard import files, toml
from poetry_lockguard.errors import ManifestError, NotPoetrysError

if TYPE_CHECKING:
    from pathlib import Path

_PLACE = r" \(at line (\d+), column \d+\)"
_OTHERS = ("uv.lock", "pdm.lock")
_TABLES = ("project", "dependency-groups", "tool", "build-system")


class Manifest(NamedTuple):
    """One project's manifest: its path, and its TOML as plain data."""

    path: Path
    data: dict[str, Any]

    @property
    def folder(self) -> Path:
        """The project's folder."""
        return self.path.parent

    @property
    def lock_path(self) -> Path:
        """The path of this project's lock, which may not exist."""
        return self.path.parent / "poetry.lock"

    @property
    def project(self) -> dict[str, Any]:
        """The ``[project]`` table (PEP 621), or an empty one."""
        return _table(self.data, "project")

    @property
    def poetry(self) -> dict[str, Any]:
        """The ``[tool.poetry]`` table, or an empty one."""
        return _table(_table(self.data, "tool"), "poetry")

    @property
    def settings(self) -> dict[str, Any]:
        """The raw ``[tool.lockguard]`` table, or an empty one."""
        return _table(_table(self.data, "tool"), "lockguard")

    @property
    def name(self) -> str | None:
        """The project's name, or None."""
        name = self.project.get("name") or self.poetry.get("name")
        return name if isinstance(name, str) else None

    @property
    def is_clearly_poetrys(self) -> bool:
        """Whether more than ``[project]``, which every tool reads, shows that this is Poetry's."""
        return (
            "poetry" in _table(self.data, "tool")
            or (self._backend or "").startswith("poetry.")
            or self.lock_path.exists()
        )

    @property
    def _backend(self) -> str | None:
        backend = _table(self.data, "build-system").get("build-backend")
        return backend if isinstance(backend, str) else None

    def must_be_poetrys(self) -> None:
        """Raise NotPoetrysError if another tool builds or locks this, and nothing is Poetry's.

        A manifest with only ``[project]`` may become a Poetry project, with its first lock.
        """
        if self.is_clearly_poetrys:
            return
        reasons = [f"{name} is beside it" for name in _OTHERS if (self.folder / name).exists()]
        if self._backend is not None:
            reasons.append(f"its build-backend is {self._backend}")
        if reasons:
            raise NotPoetrysError(
                f"{self.path}: not a Poetry project: it has neither [tool.poetry] nor poetry.lock,"
                f" and {' and '.join(reasons)}; if it is one, run `poetry lock` first"
            )


def _table(data: dict[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def read(path: Path) -> Manifest:
    """Read the manifest at ``path``.

    Raises ManifestError if it is missing, unreadable, not valid TOML or not a Poetry project's.
    """
    return parse(read_text(path), path)


def read_text(path: Path) -> str:
    """Return the text of the manifest at ``path``. Raises ManifestError if it cannot be read."""
    try:
        return files.read(path, files.MANIFEST).decode("utf-8")
    except FileNotFoundError as error:
        raise ManifestError(
            f"{path}: no such file; run this in a Poetry project's folder"
        ) from error
    except UnicodeDecodeError as error:
        raise ManifestError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except IsADirectoryError as error:
        raise ManifestError(f"{path}: is a folder, not a file; move it away") from error
    except OSError as error:
        raise ManifestError(
            f"{path}: cannot be read: {error.strerror}; make it readable and try again"
        ) from error


def parse(text: str, path: Path) -> Manifest:
    """Parse a manifest's text; ``path`` is its path, which messages name."""
    try:
        data = toml.loads(text)
    except (ValueError, RecursionError) as error:
        raise ManifestError(_invalid(path, error, text)) from error
    for key in _TABLES:
        _must_be_table(path, data, key, f"[{key}]")
    for key in ("poetry", "lockguard"):
        _must_be_table(path, data.get("tool", {}), key, f"[tool.{key}]")
    if not ("project" in data or "poetry" in data.get("tool", {})):
        raise NotPoetrysError(
            f"{path}: not a Poetry project: it has neither [project] nor [tool.poetry];"
            " run this in a Poetry project's folder"
        )
    return Manifest(path=path, data=data)


def _invalid(path: Path, error: ValueError | RecursionError, text: str) -> str:
    from poetry_lockguard import conflicts  # not needed for a valid manifest

    if text.startswith("\ufeff"):
        return f"{path}:1: begins with a byte order mark, which Poetry cannot read; remove it"
    if isinstance(error, RecursionError):
        return f"{path}: nested too deeply; correct it"
    if found := conflicts.lines(text):
        where = conflicts.said(found)
        return f"{path}:{found[0]}: {where}; resolve them, then run `poetry lockguard fix`"
    reason = str(error)
    place = re.search(_PLACE, reason)
    where = f"{path}:{place.group(1)}" if place else f"{path}"
    return f"{where}: invalid TOML: {re.sub(_PLACE, '', reason)}; correct it"


def _must_be_table(path: Path, data: dict[str, Any], key: str, name: str) -> None:
    if not isinstance(data.get(key, {}), dict):
        raise ManifestError(f"{path}: {name} is not a table; correct it")
