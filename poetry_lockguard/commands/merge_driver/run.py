"""``lockguard merge-driver run``: git runs this command to merge one lock or snapshot.

Git finds either the merged file and exit code 0, or the text with conflict markers, as git itself
would write it, and another exit code. The markers are written first, so that they are there if the
driver is killed. If the driver cannot start at all, the shell command in git's configuration writes
the markers.
"""

from __future__ import annotations

import posixpath
import signal
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from cleo.helpers import argument
from cleo.io.outputs.output import Type

from poetry_lockguard import files
from poetry_lockguard.commands.base import GuardedCommand
from poetry_lockguard.commands.options import Option
from poetry_lockguard.commands.terminal.view import fitting
from poetry_lockguard.errors import LockguardError
from poetry_lockguard.outcomes import Exit
from poetry_lockguard.repair.git_objects import Objects
from poetry_lockguard.repair.merge_commits import Given, sides
from poetry_lockguard.repair.text_merge import Labels, TextVersions, with_markers

if TYPE_CHECKING:
    from collections.abc import Iterator

ARGUMENTS = {
    "base": "%O: the common ancestor's content.",
    "ours": "%A: our content; the result is written here.",
    "theirs": "%B: their content.",
    "path": "%P: the path of the file in the repository.",
    "size": "%L: the length of conflict markers.",
    "label": "%X, %S, %Y: the labels of ours, base and theirs in the markers (git 2.44 and newer).",
}
PLACEHOLDERS = "%O %A %B %P %L %X %S %Y"


class MergeDriverRunCommand(GuardedCommand):
    """Merges one file; prints to stderr only and never prompts."""

    name = "lockguard merge-driver run"
    description = "Merge one lock or snapshot; git runs this."
    hidden = True
    accepts: ClassVar[tuple[Option, ...]] = (
        Option(name="snapshot", help="The file is a snapshot, not a poetry.lock."),
        Option(name="export", help="The file is derived from a poetry.lock."),
    )

    def configure(self) -> None:
        """Declare the arguments that git passes."""
        super().configure()
        for name, help_ in ARGUMENTS.items():
            last = name == "label"
            self._definition.add_argument(argument(name, help_, optional=last, multiple=last))

    def guard(self) -> int:
        """Merge the file."""
        with _ending_by_signal():
            return self._merge(
                self.argument("path"),
                *(Path(self.argument(name)) for name in ("base", "ours", "theirs")),
            )

    def _merge(self, path: str, *given: Path) -> int:
        objects = Objects(Path.cwd())
        ids = [objects.blob(file) for file in given]
        base, ours, theirs = (files.read(file) for file in given)
        versions = TextVersions(base=base, ours=ours, theirs=theirs)
        text, is_clean = with_markers(versions, objects, self._labels())
        files.replace(given[1], text)
        left = "merged as text alone" if is_clean else "left with conflict markers"
        try:
            request = Given(path=path, base=ids[0], ours=ids[1], theirs=ids[2])
            readings = sides(request, objects)
            if self.option("snapshot"):
                from poetry_lockguard.commands.merge_driver.snapshot_merge import merged_snapshot

                content, line = merged_snapshot(path, versions, readings, objects)
                lines = [line]
            elif self.option("export"):
                from poetry_lockguard.relock.merged_export import merge_export

                content = merge_export(path, versions, readings, objects, self.io)
                lines = ["made from the merged poetry.lock"]
            else:
                from poetry_lockguard.relock.merged_lock import merge_lock
                from poetry_lockguard.report.fix import merge_lines

                merged = merge_lock(path, versions, readings, objects, self.io)
                content = merged.content
                for line in merged.before:
                    self._say(f"{path}: {line}")
                lines = merge_lines(merged)
        except LockguardError as error:
            self._say(f"{path}: not merged: {error}")
            self._say(f"{path}: {left}; {self._next_step(path)}")
            return Exit.FOUND
        except Exception:  # the command base prints the error itself, in one line
            self._say(f"{path}: {left}; {self._next_step(path)}")
            raise
        files.replace(given[1], content)
        head, *rows = lines
        self._say(f"{path}: {head}")
        for row in rows:
            self._say(f"  {row}")
        return Exit.OK

    def _next_step(self, path: str) -> str:
        folder, name = posixpath.split(path)
        where = f" -C {folder}" if folder else ""
        if self.option("snapshot"):
            return (
                f"keep one side (git checkout --ours {name}) and run"
                f" `lockguard{where} snapshot create`, or join both with"
                f" `lockguard{where} snapshot merge --prefer`"
            )
        if self.option("export"):
            return (
                "once that is settled, `lockguard fix` in the"
                " project's folder writes it with the lock"
            )
        return f"once that is settled, run `lockguard{where} fix`: it keeps the pins of both sides"

    def _labels(self) -> Labels:
        size = self.argument("size")
        labels = [label for label in self.argument("label") if label[:1] != "%"]
        ours, base, theirs = labels if len(labels) == 3 else ("ours", "base", "theirs")  # noqa: PLR2004 - one for each side
        return Labels(ours=ours, base=base, theirs=theirs, size=int(size) if size.isdigit() else 7)

    def _say(self, line: str) -> None:
        for part in fitting([line], "lockguard: "):
            self.io.error_output.write_line(part, type=Type.RAW)


@contextmanager
def _ending_by_signal() -> Iterator[None]:
    """Treat SIGTERM and SIGHUP as Ctrl-C, so that temporary files are removed."""
    names = ("SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, signal.default_int_handler) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
