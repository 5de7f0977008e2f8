"""``lockguard demo``: the snapshot tutorial's project, with an index of its own on this machine."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from cleo.helpers import argument

from poetry_lockguard.commands.base import GuardedCommand
from poetry_lockguard.commands.options import Option
from poetry_lockguard.demo.tutorial import serve
from poetry_lockguard.outcomes import Exit

if TYPE_CHECKING:
    from poetry_lockguard.demo.wheel_server import WheelServer


class DemoCommand(GuardedCommand):
    """Makes the project, and serves its packages until Ctrl-C or the end of the time."""

    name = "lockguard demo"
    description = "Make the snapshot tutorial's project, and serve its packages on this machine."
    accepts: ClassVar[tuple[Option, ...]] = (
        Option(
            name="minutes",
            takes="one",
            default="60",
            help="Stop by itself after this many minutes.",
        ),
        Option(name="port", takes="one", help="The index's port; default: 8765, or any free one."),
    )

    def configure(self) -> None:
        """Accept a folder."""
        super().configure()
        self._definition.add_argument(
            argument("folder", "Where to make the project.", optional=True, default="engine")
        )

    def guard(self) -> int:
        """Serve, in the foreground."""
        minutes = self.number("minutes", least=0) or 0
        port = self.number("port", least=1)
        folder = Path(self.argument("folder"))
        server = serve(folder, None if port is None else int(port))
        with server, suppress(KeyboardInterrupt):
            self._tell(folder, server, minutes)
            self._wait(server, minutes * 60)
        self.line("Stopped; the project is still there.")
        return Exit.OK

    def _tell(self, folder: Path, server: WheelServer, minutes: float) -> None:
        self.line(f"{folder}: contains the tutorial's project. In another terminal, run:")
        self.line(f"  cd {folder}")
        self.line("  lockguard snapshot create --python 3.11 --platform linux-x86_64")
        self.line(f"Serving {folder / 'index'} at {server.url} for {minutes:g} minutes.")
        self.line("A wheel that you copy there from newer/ is offered at once. Ctrl-C stops.")
        self.io.output.flush()

    @staticmethod
    def _wait(server: WheelServer, seconds: float) -> None:
        stop = threading.Timer(seconds, server.shutdown)
        stop.daemon = True
        stop.start()
        server.serve_forever(poll_interval=0.1)
        stop.cancel()
