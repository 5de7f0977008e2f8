"""Reads ``pyproject.toml`` and says whether it is a Poetry project's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from poetry_lockguard import toml
from poetry_lockguard.errors import ManifestError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One project's manifest: where it is, and its TOML as plain data."""

    path: Path
    data: dict[str, Any]

    @property
    def folder(self) -> Path:
        """The project's folder."""
        return self.path.parent

    @property
    def lock_path(self) -> Path:
        """Where this project's lock is, or would be."""
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
        """The project's name, where it has one."""
        name = self.project.get("name") or self.poetry.get("name")
        return name if isinstance(name, str) else None


def _table(data: dict[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def read(path: Path) -> Manifest:
    """Read the manifest at ``path``.

    Raises ManifestError when it is missing, unreadable, not TOML or not a Poetry project's.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError as error:
        raise ManifestError(
            f"{path}: no such file; run this in a Poetry project's folder"
        ) from error
    except UnicodeDecodeError as error:
        raise ManifestError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except OSError as error:
        raise ManifestError(f"{path}: cannot be read: {error.strerror}") from error
    return parse(text, path)


def parse(text: str, path: Path) -> Manifest:
    """Parse a manifest's text; ``path`` is where it belongs and what messages name."""
    try:
        data = toml.loads(text)
    except (toml.TOMLDecodeError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise ManifestError(f"{path}: invalid TOML: {reason}") from error
    manifest = Manifest(path=path, data=data)
    if not (manifest.project or manifest.poetry):
        raise ManifestError(
            f"{path}: not a Poetry project: it has neither [project] nor [tool.poetry]"
        )
    return manifest
