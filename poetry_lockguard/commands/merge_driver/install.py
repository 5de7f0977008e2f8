"""``poetry lockguard merge-driver install``: let git merge locks and snapshots."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from poetry_lockguard import files
from poetry_lockguard.commands.merge_driver.driver_command import MergeDriverBaseCommand
from poetry_lockguard.commands.merge_driver.git_setup import asked, attributes_file, with_lines
from poetry_lockguard.commands.options import Option
from poetry_lockguard.outcomes import Exit

if TYPE_CHECKING:
    from pathlib import Path

    from poetry_lockguard.commands.merge_driver.git_setup import Driver


class MergeDriverInstallCommand(MergeDriverBaseCommand):
    """Registers the drivers; changes nothing that is already registered."""

    name = "lockguard merge-driver install"
    description = "Let git merge poetry.lock and the snapshot, in this clone."
    accepts: ClassVar[tuple[Option, ...]] = (
        Option(
            name="private",
            help="Name the files in .git/info/attributes instead of .gitattributes.",
        ),
    )

    def guard(self) -> int:
        """Register the drivers in git's configuration and their files in the attributes file."""
        folder = self.folder()
        path = attributes_file(folder, private=self.option("private"))
        found = self.drivers(folder)
        content = files.read(path) if path.exists() else b""
        changed = [driver.name for driver in found if _register(driver, folder)]
        is_changed = self.replace(path, with_lines(content, [driver.line for driver in found]))
        outcome = f"registered {' and '.join(changed)}" if changed else "already registered"
        self.line(f"git config: {outcome}")
        what = "now names the files" if is_changed else "already names the files"
        advice = "" if self.option("private") or not is_changed else "; commit it"
        self.line(f"{path.name if advice else path}: {what}{advice}")
        return Exit.OK


def _register(driver: Driver, folder: Path) -> bool:
    """Write the settings of one driver; return whether any was new."""
    is_new = False
    for key, value in driver.settings.items():
        name = f"merge.{driver.name}.{key}"
        if asked(folder, "config", "--local", "--default", "", "--get", name) != value:
            asked(folder, "config", "--local", "--replace-all", name, value)
            is_new = True
    return is_new
