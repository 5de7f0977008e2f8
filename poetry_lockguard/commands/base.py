"""What all commands share: options as data, exit codes, and errors in one line."""

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

from poetry_lockguard.commands.help.examples import help_text
from poetry_lockguard.commands.help.nearest import with_nearest_option
from poetry_lockguard.commands.options import document_format
from poetry_lockguard.commands.terminal.cleaning import clean
from poetry_lockguard.commands.terminal.garbage_collection import collecting_rarely
from poetry_lockguard.commands.terminal.streams import Lasting, tolerate_any_encoding
from poetry_lockguard.commands.terminal.working_directory import working_folder
from poetry_lockguard.errors import INTERRUPTED, LockguardError, UsageError
from poetry_lockguard.outcomes import Exit
from poetry_lockguard.poetry_api import private
from poetry_lockguard.poetry_api.imports.console import Command
from poetry_lockguard.poetry_api.manifest_warnings import warnings_once
from poetry_lockguard.report.error_lines import error_document, error_line, unexpected

if TYPE_CHECKING:
    from cleo.io.inputs.option import Option as CleoOption
    from cleo.io.io import IO

    from poetry_lockguard.commands.options import Option


def to_cleo(option: Option) -> CleoOption:
    """Return the option as cleo's own type."""
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
    """A command that reports an error as one line on stderr and a documented exit code."""

    accepts: ClassVar[tuple[Option, ...]] = ()
    paths: ClassVar[str | None] = None  # help of the PATH… arguments, if the command takes any

    def configure(self) -> None:
        """Declare the options and arguments of this command."""
        super().configure()
        self.help = help_text(self._short_name)
        for option in self.accepts:
            self._definition.add_option(to_cleo(option))
        if self.paths is not None:
            self._definition.add_argument(
                argument("path", self.paths, optional=True, multiple=True)
            )

    def merge_application_definition(self, merge_args: bool = True) -> None:  # noqa: FBT001, FBT002 - cleo's signature
        """Accept Poetry's global options; ``--help`` names them in one line below our own."""
        if merge_args:  # cleo merges options alone only to describe them
            super().merge_application_definition(merge_args)

    def run(self, io: IO) -> int:
        """Run the command; a usage error, like any other error, is one line and exit code 2.

        The exit code is right even if the reader of stdout goes away, as in ``| head``.
        """
        self._io = io
        clean(io)
        tolerate_any_encoding()
        for output in (io.output, io.error_output):
            if isinstance(output, StreamOutput):
                private.wrap_stream(output, Lasting)
        if self._document(io) and io.output.is_quiet():  # --quiet does not suppress it
            io.output.set_verbosity(Verbosity.NORMAL)
        try:
            with collecting_rarely(), warnings_once(io):
                return super().run(io)
        except CleoError as error:
            options = [option.name for option in self.definition.options]
            self._say_error(io, with_nearest_option(str(error), options))
        except LockguardError as error:
            self._say_error(io, str(error))
        except Exception as error:
            if io.is_verbose():
                raise
            self._say_error(io, unexpected(error))
        return Exit.CANNOT_LOOK

    def start_folder(self) -> Path:
        """Return the folder in which Poetry starts to look for the project."""
        return Path(self.option("project") or ".")

    @property
    def is_json(self) -> bool:
        """Whether stdout is one JSON document."""
        return bool(self.option("format") == "json")

    def number(self, name: str, *, least: float) -> float | None:
        """Return an option as a number, or None if it is not given; raises UsageError."""
        text = self.option(name)
        if text is None:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not least <= value < math.inf:
            raise UsageError(f"--{name}: expected a number of at least {least:g}, not {text!r}")
        return value

    def handle(self) -> int:
        """Check the options against their choices, then run the command."""
        for option in self.accepts:
            value = self.option(option.name)
            for each in value if isinstance(value, list) else [value]:
                if each is not None and option.choices and each not in option.choices:
                    raise UsageError(
                        f"--{option.name}: expected one of {', '.join(option.choices)},"
                        f" not {each!r}"
                    )
        try:
            with working_folder(self):
                return self.guard()
        except KeyboardInterrupt:  # cleo would exit without a message
            self._say_error(self.io, INTERRUPTED)
            return Exit.FOUND

    @abstractmethod
    def guard(self) -> int:
        """Run the command; return the exit code."""

    @property
    def _short_name(self) -> str:
        return (self.name or "").removeprefix("lockguard ")

    def _document(self, io: IO) -> str | None:
        """Return the format of the one document that stdout has to be, if any."""
        return document_format(self._short_name, _asked_format(io))

    def _say_error(self, io: IO, message: str) -> None:
        from cleo.formatters.formatter import Formatter

        if form := self._document(io):
            io.write_line(error_document(self._short_name, message, form), type=Type.RAW)
        io.write_error_line(f"<error>{Formatter.escape(error_line(message))}</error>")


def _asked_format(io: IO) -> object:
    """Return the requested format from the raw tokens, which may not be parsable."""
    return io.input.parameter_option("--format", only_params=True)
