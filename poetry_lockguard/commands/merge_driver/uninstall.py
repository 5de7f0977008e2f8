"""``poetry lockguard merge-driver uninstall``: remove what ``install`` added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard import files, git
from poetry_lockguard.commands.merge_driver.driver_command import DEFAULT, MergeDriverBaseCommand
from poetry_lockguard.commands.merge_driver.git_setup import attributes_file, drivers, without_lines
from poetry_lockguard.outcomes import Exit

if TYPE_CHECKING:
    from pathlib import Path

    from poetry_lockguard.commands.merge_driver.git_setup import Driver


class MergeDriverUninstallCommand(MergeDriverBaseCommand):
    """Removes the drivers from git's configuration and attributes."""

    name = "lockguard merge-driver uninstall"
    description = "Let git merge poetry.lock and the snapshot as text again."

    def guard(self) -> int:
        """Remove the drivers and the lines that name them, whatever the manifest says."""
        folder = self.folder()
        for private in (False, True):
            path = attributes_file(folder, private=private)
            content = files.read(path) if path.exists() else b""
            if self.replace(path, without_lines(content)):
                self.line(f"{path}: no longer names the files")
        gone = [driver.name for driver in drivers(DEFAULT, "", [""]) if _unregister(driver, folder)]
        outcome = f"removed {' and '.join(gone)}" if gone else "no drivers to remove"
        self.line(f"git config: {outcome}")
        return Exit.OK


def _unregister(driver: Driver, folder: Path) -> bool:
    names = [f"merge.{driver.name}.{key}" for key in driver.settings]
    done = [git.run(["config", "--local", "--unset-all", name], folder) for name in names]
    return any(result.returncode == 0 for result in done)
