"""The console script ``lockguard``: the same commands without ``poetry``.

``check`` runs without starting Poetry, and so does ``fix`` if the lock's own pins suffice; all
other commands go through Poetry's console.
"""

from __future__ import annotations

import _thread
import gc
import signal
import sys
import time
from typing import TYPE_CHECKING

try:
    from poetry_lockguard.commands import console_script
    from poetry_lockguard.commands.terminal.command_line import (
        command_first,
        must_have_folders,
        take_apart,
    )
    from poetry_lockguard.commands.terminal.streams import flush, tolerate_any_encoding
    from poetry_lockguard.errors import INTERRUPTED, LockguardError, UsageError
    from poetry_lockguard.outcomes import Exit
except KeyboardInterrupt:  # Ctrl-C before there is a command that could say so
    sys.exit("lockguard: interrupted")

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

    from cleo.io.io import IO

_MOMENT = 0.02  # seconds until an interruption that Python dropped is repeated
_HELP = {"", "help", "list", "--help", "-h"}
_VERSION = {"--version", "-V"}
_WITHOUT_PROJECT = {
    ("completion",),
    ("demo",),
    ("schema",),
    ("diff",),
    ("digest",),
    ("explain",),
    ("matrix",),
    ("merge-driver", "install"),
    ("merge-driver", "run"),
    ("merge-driver", "uninstall"),
    ("snapshot", "clean"),
    ("snapshot", "diff"),
    ("snapshot", "merge"),
    ("snapshot", "show"),
}


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code; ``argv`` is without the program's name."""
    arguments = command_first(sys.argv[1:] if argv is None else argv)
    if arguments[0:1] == ["help"] and arguments[1:]:
        arguments = [*arguments[1:], "--help"]
    tolerate_any_encoding()
    if argv is None:
        sys.unraisablehook = _repeat_interruption
    try:
        code = _answer(arguments)
    except KeyboardInterrupt:
        console_script.cannot_look(INTERRUPTED, arguments)
        code = Exit.FOUND
    flush(sys.stdout)
    if argv is None:
        gc.freeze()  # the system frees all memory: no search for garbage at the end
    return code


def _repeat_interruption(dropped: UnraisableHookArgs) -> None:
    """Repeat a Ctrl-C that Python dropped, as it does in finalizers and in callbacks of imports."""
    if issubclass(dropped.exc_type, KeyboardInterrupt):
        _thread.start_new_thread(_interrupt_soon, (_thread.get_ident(),))
    else:
        sys.__unraisablehook__(dropped)


def _interrupt_soon(thread: int) -> None:
    time.sleep(_MOMENT)
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(thread, signal.SIGINT)  # also ends what the thread waits for
    else:
        _thread.interrupt_main()


def _answer(arguments: list[str]) -> int:
    word = next(iter(arguments), "")
    if word == "check":
        code = console_script.check(arguments[1:])
        if code is not None:
            return code
    elif word == "fix":
        from poetry_lockguard.commands import fast_fix

        code = fast_fix.fix(arguments[1:])
        if code is not None:
            return code
    elif word in _HELP and len(arguments) <= 1:
        return _help()
    elif word in _VERSION:
        return _version()
    try:
        _must_be_known(word)
        _must_have_folders(arguments)
    except LockguardError as error:
        return console_script.cannot_look(error, arguments)
    return _through_poetry(arguments)


def _must_be_known(word: str) -> None:
    from poetry_lockguard.plugin import COMMANDS

    known = {command.partition(" ")[0] for command in COMMANDS}
    if word not in known and not word.startswith("-"):
        from poetry_lockguard.nearest_names import nearest

        raise UsageError(
            f"there is no command {word!r}; did you mean {nearest(word, known)}?"
            " `lockguard help` lists all of them"
        )


def _must_have_folders(arguments: list[str]) -> None:
    """Raise UsageError for arguments that are not folders; Poetry's console would return 1."""
    for token, value in zip(arguments, [*arguments[1:], "-"], strict=True):
        if token in {"-C", "-P", "--directory", "--project"} and value.startswith("-"):
            raise UsageError(f"{token}: the folder is missing; name one")
    tokens = take_apart(arguments)
    if tokens is not None:
        must_have_folders(tokens.values)


def _help() -> int:
    from poetry_lockguard.plugin import COMMANDS, load

    width = max(map(len, COMMANDS))
    console_script.say("lockguard: checks, explains, fixes and installs Poetry locks.\n")
    console_script.say("Usage:\n  lockguard COMMAND [options]\n\nCommands:")
    for name, command in ((name, load(name)) for name in COMMANDS):
        if not command.hidden:
            console_script.say(f"  {name:{width}}  {command.description}")
    console_script.say("\nRun lockguard COMMAND --help for more about a command.")
    return Exit.OK


def _version() -> int:
    from poetry_lockguard.running import versions

    console_script.say(versions())
    return Exit.OK


def _words_without_project(arguments: list[str]) -> int:
    """Return the number of words of a command that needs no project, or 0 for others."""
    lengths = (words for words in (1, 2) if tuple(arguments[:words]) in _WITHOUT_PROJECT)
    return next(lengths, 0)


def _through_poetry(arguments: list[str]) -> int:
    """Run the command in Poetry's own console."""
    from poetry_lockguard.commands.terminal.garbage_collection import collecting_rarely

    with collecting_rarely():
        from cleo.io.inputs.argv_input import ArgvInput
        from poetry.console.application import Application

        from poetry_lockguard.plugin import register

        words = arguments

        class SpeakingApplication(Application):
            def _run(self, io: IO) -> int:
                try:
                    return super()._run(io)
                except KeyboardInterrupt:  # before our command runs; cleo would say nothing
                    console_script.cannot_look(INTERRUPTED, words)
                    return Exit.FOUND

        application = SpeakingApplication()
        application.auto_exits(False)  # noqa: FBT003 - cleo's signature
        register(application)
        if count := _words_without_project(arguments):
            from cleo.events.event_dispatcher import EventDispatcher

            # Listeners and plugins serve Poetry's own commands, and would import all of Poetry.
            application.set_event_dispatcher(EventDispatcher())
            arguments = [*arguments[:count], "--no-plugins", *arguments[count:]]
        return application.run(ArgvInput(["lockguard", "lockguard", *arguments]))


if __name__ == "__main__":
    sys.exit(main())
