"""Parses simple command lines without Poetry's console.

Anything else (an unknown option, a missing value, ``--help``) is left to Poetry's console, so that
mistakes are explained in one place.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from poetry_lockguard.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.commands.options import Option

_FLAGS = {
    "quiet": "q",
    "verbose": "v",
    "ansi": None,
    "no-ansi": None,
    "no-interaction": "n",
    "no-plugins": None,
    "no-cache": None,
}
_VALUES = {"directory": "C", "project": "P"}
_VERY_VERBOSE = {"-vv", "-vvv"}


class Tokens(NamedTuple):
    """A parsed command line: the flags, the values, and the remaining words."""

    flags: set[str]
    values: dict[str, str]
    words: list[str]


def take_apart(arguments: list[str], options: tuple[Option, ...] = ()) -> Tokens | None:
    """Parse a command line with Poetry's global options and these; None if it is unclear."""
    flags = {option.name: option.short for option in options if option.takes == "nothing"}
    values = {option.name: option.short for option in options if option.takes == "one"}
    flag_names = _by_token(_FLAGS | flags) | dict.fromkeys(_VERY_VERBOSE, "verbose")
    value_names = _by_token({**_VALUES, **values})
    tokens = Tokens(set(), {}, [])
    remaining = iter(arguments)
    for token in remaining:
        name, _, value = token.partition("=")
        if token in flag_names:
            tokens.flags.add(flag_names[token])
        elif name in value_names and (value or token == name):
            value = value or next(remaining, "")
            if not value or value.startswith("-"):
                return None
            tokens.values[value_names[name]] = value
        elif token.startswith("-") or not token:
            return None
        else:
            tokens.words.append(token)
    return tokens if _has_allowed_values(tokens, options) else None


def _has_allowed_values(tokens: Tokens, options: tuple[Option, ...]) -> bool:
    return all(
        tokens.values[option.name] in option.choices
        for option in options
        if option.choices and option.name in tokens.values
    )


def _by_token(names: dict[str, str | None]) -> dict[str, str]:
    return dict(_spellings(names))


def _spellings(names: dict[str, str | None]) -> Iterator[tuple[str, str]]:
    for name, short in names.items():
        yield f"--{name}", name
        if short is not None:
            yield f"-{short}", name


def command_first(arguments: list[str]) -> list[str]:
    """Move the options before the command's name behind it, where Poetry reads them."""
    options = _leading(arguments)
    rest = arguments[len(options) :]
    end = rest.index("--") if "--" in rest else len(rest)
    return [*rest[:end], *options, *rest[end:]]


def _leading(arguments: list[str]) -> list[str]:
    value_names = _by_token(dict(_VALUES))
    leading: list[str] = []
    for token in arguments:
        is_value = bool(leading) and leading[-1] in value_names
        if not (token.startswith("-") or is_value):
            break
        leading.append(token)
    return leading


def must_have_folders(values: dict[str, str]) -> None:
    """Raise UsageError if ``-C``, or ``-P`` relative to ``-C``, is not a folder."""
    directory = Path(values.get("directory", "."))
    for option, folder in (
        ("directory", directory),
        ("project", directory / values.get("project", ".")),
    ):
        if not folder.is_dir():
            raise UsageError(f"--{option}: {values[option]}: no such folder; name one that exists")
