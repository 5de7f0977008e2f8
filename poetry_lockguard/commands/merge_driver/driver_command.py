"""What ``merge-driver install`` and ``uninstall`` share: where they are, and how files change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard import files
from poetry_lockguard.commands.base import GuardedCommand
from poetry_lockguard.commands.merge_driver.git_setup import Driver, asked, drivers
from poetry_lockguard.commands.project_path import project_folder
from poetry_lockguard.errors import LockguardError, NotPoetrysError
from poetry_lockguard.manifest.document import read
from poetry_lockguard.settings import parse

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT = "lockguard.lock"


class MergeDriverBaseCommand(GuardedCommand):
    """A command that changes how a repository merges."""

    def drivers(self, folder: Path) -> tuple[Driver, ...]:
        """Return the drivers for the project here; without one, those for the usual names."""
        manifest = folder / "pyproject.toml"
        if not manifest.exists():
            return drivers(DEFAULT, "")
        try:
            project = read(manifest)
        except NotPoetrysError:
            return drivers(DEFAULT, "")
        home = asked(folder, "rev-parse", "--show-prefix")
        return drivers(parse(project.settings, str(manifest)).snapshot, home)

    def folder(self) -> Path:
        """Return the folder of the project, or the one this was started in."""
        return project_folder(self)

    def replace(self, path: Path, content: bytes) -> bool:
        """Make this the content of a file, if it is not; an empty one goes. Tell if it was done."""
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
