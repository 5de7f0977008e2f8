"""Shared by ``merge-driver install`` and ``uninstall``: the folder, the drivers, the file edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard import files
from poetry_lockguard.commands.base import GuardedCommand
from poetry_lockguard.commands.merge_driver.git_setup import Driver, asked, drivers
from poetry_lockguard.commands.terminal.project_path import project_folder
from poetry_lockguard.errors import LockguardError, NotPoetrysError
from poetry_lockguard.manifest.document import read
from poetry_lockguard.settings import parse

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT = "lockguard.lock"


class MergeDriverBaseCommand(GuardedCommand):
    """Base of the commands that change the merge drivers of a repository."""

    def drivers(self, folder: Path) -> tuple[Driver, ...]:
        """Return the drivers of the project in this folder; without a project, the default ones."""
        manifest = folder / "pyproject.toml"
        if not manifest.exists():
            return drivers(DEFAULT, "")
        try:
            project = read(manifest)
        except NotPoetrysError:
            return drivers(DEFAULT, "")
        home = asked(folder, "rev-parse", "--show-prefix")
        settings = parse(project.settings, str(manifest))
        return drivers(settings.snapshot, home, settings.exports)

    def folder(self) -> Path:
        """Return the project's folder, or the working directory."""
        return project_folder(self)

    def replace(self, path: Path, content: bytes) -> bool:
        """Write the content, or delete a file that becomes empty; return whether it changed."""
        try:
            before = files.read(path) if path.exists() else b""
            if content == before:
                return False
            if content:
                path.parent.mkdir(parents=True, exist_ok=True)
                files.replace(path, content)
            else:
                path.unlink()
        except OSError as error:
            raise LockguardError(f"{path}: not changed: {error.strerror}; correct that") from error
        return True
