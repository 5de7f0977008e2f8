"""Options as data, shared by the fast console script and Poetry's console."""

from __future__ import annotations

from typing import NamedTuple


class Option(NamedTuple):
    """One ``--name`` of a command.

    ``takes`` is "nothing" for a flag, "one" for a value, "many" for a repeatable value, and
    "maybe" for an optional value: None if the value is left out, the default if the option is.
    """

    name: str
    help: str
    short: str | None = None
    takes: str = "nothing"
    default: str | None = None
    choices: tuple[str, ...] = ()


#: formats of ``check`` in which stdout is one document, whatever happens
DOCUMENTS = ("json", "sarif", "gitlab", "junit")


def document_format(command: str, asked: object) -> str | None:
    """Return the format of the document that a command line asks for, or None."""
    formats = DOCUMENTS if command == "check" else DOCUMENTS[:1]
    return next((form for form in formats if form == asked), None)


MIRROR = Option(name="mirror", takes="many", help="An index to use in place of PyPI.")
RETRIES = Option(
    name="retries",
    takes="one",
    default="4",
    help="How often to retry after a transient network failure.",
)
LOCK_FORMAT = Option(
    name="lock-format",
    takes="one",
    choices=("keep", "newest"),
    help="keep: change only what means something else; newest: write it as this Poetry does.",
)
FORCE = Option(name="force", help="Overwrite derived files that were edited by hand.")
TEXT_OR_JSON = Option(
    name="format",
    takes="one",
    default="text",
    choices=("text", "json"),
    help="How to print the outcome: text or json.",
)
