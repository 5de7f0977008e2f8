"""Options as data, so that the fast console script and Poetry's own console share one table."""

from __future__ import annotations

from typing import NamedTuple


class Option(NamedTuple):
    """One ``--name`` of a command.

    ``takes`` is "nothing" for a flag, "one" for a value, "many" for a repeatable value, and
    "maybe" for one that may be left out: then the option is None, and the default when absent.
    """

    name: str
    help: str
    short: str | None = None
    takes: str = "nothing"
    default: str | None = None
    choices: tuple[str, ...] = ()
