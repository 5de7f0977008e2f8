"""What every command shares: options as data, exit codes, and errors that are one clear line."""

from __future__ import annotations

import math
from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from cleo.exceptions import CleoError
from cleo.helpers import argument
from cleo.helpers import option as cleo_option
from cleo.io.outputs.output import Type, Verbosity
from cleo.io.outputs.stream_output import StreamOutput

from poetry_lockguard.commands.terminal.cleaning import clean
from poetry_lockguard.commands.terminal.garbage_collection import collecting_rarely
from poetry_lockguard.commands.terminal.streams import Lasting, tolerate_any_encoding
from poetry_lockguard.commands.terminal.working_directory import working_folder
from poetry_lockguard.errors import INTERRUPTED, LockguardError, UsageError
from poetry_lockguard.outcomes import Exit
from poetry_lockguard.poetry_api import private
from poetry_lockguard.poetry_api.imports.console import Command
from poetry_lockguard.report.error_lines import error_document, error_line, unexpected

if TYPE_CHECKING:
    from cleo.io.inputs.option import Option as CleoOption
    from cleo.io.io import IO

    from poetry_lockguard.commands.options import Option


def to_cleo(option: Option) -> CleoOption:
    """Return the option in the form Poetry's console understands."""
    return cleo_option(
        option.name,
        option.short,
        option.help,
        flag=option.takes == "nothing",
        multiple=option.takes == "many",
        value_required=option.takes != "maybe",
        default=option.default,
    )


class GuardedCommand(Command):
    """A command whose bad news is one line on stderr and an exit code of the contract."""

    accepts: ClassVar[tuple[Option, ...]] = ()
    paths: ClassVar[str | None] = None  # help of the PATH… arguments, where the command takes any

    def configure(self) -> None:
        """Declare what this command accepts."""
        super().configure()
        for option in self.accepts:
            self._definition.add_option(to_cleo(option))
        if self.paths is not None:
            self._definition.add_argument(
                argument("path", self.paths, optional=True, multiple=True)
            )

    def run(self, io: IO) -> int:
        """Run; a usage error is a line and exit code 2, as any question that has no answer.

        The exit code is the verdict's even where nobody reads the report to its end.
        """
        self._io = io
        clean(io)
        tolerate_any_encoding()
        for output in (io.output, io.error_output):
            if isinstance(output, StreamOutput):
                private.wrap_stream(output, Lasting)
        if _asks_for_json(io) and io.output.is_quiet():  # the document is what was asked for
            io.output.set_verbosity(Verbosity.NORMAL)
        try:
            with collecting_rarely():
                return super().run(io)
        except (CleoError, LockguardError) as error:
            self._say_error(io, str(error))
        except Exception as error:
            if io.is_verbose():
                raise
            self._say_error(io, unexpected(error))
        return Exit.CANNOT_LOOK

    def start_folder(self) -> Path:
        """Return the folder that Poetry starts to look for the project in."""
        return Path(self.option("project") or ".")

    @property
    def is_json(self) -> bool:
        """Whether stdout is one JSON document."""
        return bool(self.option("format") == "json")

    def number(self, name: str, *, least: float) -> float | None:
        """Return the value of an option that is a number; raises UsageError."""
        text = self.option(name)
        if text is None:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not least <= value < math.inf:
            raise UsageError(f"--{name}: {text!r} is not a number of at least {least:g}")
        return value

    def handle(self) -> int:
        """Check the values of options against their choices, then do the command's work."""
        for option in self.accepts:
            value = self.option(option.name)
            if value is not None and option.choices and value not in option.choices:
                raise LockguardError(
                    f"--{option.name}: {value!r} is none of {', '.join(option.choices)}"
                )
        try:
            with working_folder(self):
                return self.guard()
        except KeyboardInterrupt:  # cleo would end without a word
            self._say_error(self.io, INTERRUPTED)
            return Exit.FOUND

    @abstractmethod
    def guard(self) -> int:
        """Do the work; return the exit code."""

    def _say_error(self, io: IO, message: str) -> None:
        from cleo.formatters.formatter import Formatter

        if _asks_for_json(io):
            command = (self.name or "").removeprefix("lockguard ")
            io.write_line(error_document(command, message), type=Type.RAW)
        io.write_error_line(f"<error>{Formatter.escape(error_line(message))}</error>")


def _asks_for_json(io: IO) -> bool:
    """Tell it from the raw tokens: the answer matters most when they could not be parsed."""
    return bool(io.input.parameter_option("--format", only_params=True) == "json")
