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


MIRROR = Option(name="mirror", takes="many", help="An index to ask in place of PyPI.")
RETRIES = Option(
    name="retries",
    takes="one",
    default="4",
    help="How often a transient failure of the network is tried again.",
)
LOCK_FORMAT = Option(
    name="lock-format",
    takes="one",
    choices=("keep", "newest"),
    help="keep: change what means something else; newest: write it as this Poetry does.",
)
FORCE = Option(name="force", help="Overwrite derived files that were edited by hand.")
TEXT_OR_JSON = Option(
    name="format",
    takes="one",
    default="text",
    choices=("text", "json"),
    help="How to print the outcome: text or json.",
)
