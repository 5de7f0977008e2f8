"""``poetry lockguard check``: report whether the lock is in step, and if not, why."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, ClassVar

from cleo.io.outputs.output import Type

from poetry_lockguard.commands.base import GuardedCommand
from poetry_lockguard.commands.checking import DESCRIPTION, OPTIONS, PATHS, CheckRequest, check
from poetry_lockguard.commands.terminal.streams import columns

if TYPE_CHECKING:
    from poetry_lockguard.commands.options import Option


class CheckCommand(GuardedCommand):
    """Checks locks; writes nothing, and uses the network only with ``--online``."""

    name = "lockguard check"
    description = DESCRIPTION
    accepts: ClassVar[tuple[Option, ...]] = OPTIONS
    paths: ClassVar[str | None] = PATHS

    def guard(self) -> int:
        """Check the projects named on the command line."""
        request = CheckRequest(
            paths=tuple(self.argument("path")),
            start=self.start_folder(),
            recursive=self.option("recursive"),
            deep=self.option("deep"),
            online=self.option("online"),
            against=self.option("against"),
            interactive=self.io.is_interactive(),
            watched=self.io.error_output.is_decorated() and not self.io.error_output.is_quiet(),
            format=self.option("format"),
            color=self.io.output.is_decorated(),
            width=columns(sys.stdout),
        )
        return check(
            request,
            say=lambda line: self.io.write_line(line, type=Type.RAW),
            warn=lambda line: self.io.error_output.write_line(line, type=Type.RAW),
        )
