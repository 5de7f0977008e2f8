"""What can follow ``lockguard`` on a command line, read from the commands themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from poetry_lockguard.commands.base import GuardedCommand

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cleo.commands.command import Command


class Completed(NamedTuple):
    """A command: what may follow it, and the values of its options that have choices."""

    name: str
    description: str
    options: dict[str, str]  #: what each is for
    choices: dict[str, tuple[str, ...]]
    words: tuple[str, ...] = ()


def completed(commands: Mapping[str, Command]) -> list[Completed]:
    """Return every command that people type, of these by name."""
    return [_completed(name, one) for name, one in commands.items() if not one.hidden]


def below(commands: list[Completed], name: str) -> list[Completed]:
    """Return the commands of the next word after a name; ``""`` for the first word."""
    start = f"{name} " if name else ""
    return [
        one for one in commands if one.name.startswith(start) and " " not in one.name[len(start) :]
    ]


def _completed(name: str, command: Command) -> Completed:
    options = command.accepts if isinstance(command, GuardedCommand) else ()
    return Completed(
        name=name,
        description=command.description,
        options={option.name: option.help for option in options},
        choices={option.name: option.choices for option in options if option.choices},
        words=_words(name),
    )


def _words(name: str) -> tuple[str, ...]:
    """Return the words that a command's argument may be, if they are known."""
    if name == "explain":
        from poetry_lockguard.codes.catalog import PAGES

        return tuple(PAGES)
    if name == "schema":
        from poetry_lockguard.schemas.schema_catalog import SCHEMAS

        return tuple(word for word in SCHEMAS if " " not in word)
    return SHELLS if name == "completion" else ()


SHELLS = ("bash", "zsh", "fish")
