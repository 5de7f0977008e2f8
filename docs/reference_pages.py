"""Write the reference from the program itself, whenever the pages are built.

``.. lockguard:: commands`` stands for all commands, ``settings`` for ``[tool.lockguard]``, and
``codes`` for the problem codes.
"""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING, Any

from sphinx.util.docutils import SphinxDirective

from poetry_lockguard.codes.catalog import PAGES
from poetry_lockguard.commands.base import GuardedCommand
from poetry_lockguard.commands.help.examples import EXAMPLES
from poetry_lockguard.plugin import COMMANDS, load
from poetry_lockguard.schemas.schema_catalog import schema_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from poetry.console.commands.command import Command

    from poetry_lockguard.codes.problem_page import ProblemPage
    from poetry_lockguard.commands.options import Option


def commands() -> Iterator[str]:
    """Yield the lines on every command that people type."""
    for name in COMMANDS:
        command = load(name)
        if not command.hidden:
            yield from _command(name, command)


def _command(name: str, command: Command) -> Iterator[str]:
    yield from _heading(name)
    yield from (_plain(command.description), "")
    yield from ("::", "", f"    {command.synopsis(short=True).replace('[--] ', '')}", "")
    for argument in command.definition.arguments:
        yield from (f"``{argument.name}``", f"    {_plain(argument.description)}")
    accepts = command.accepts if isinstance(command, GuardedCommand) else ()
    yield from chain.from_iterable(map(_option, accepts))
    if name in EXAMPLES:
        yield from ("", "Example::", "", f"    lockguard {EXAMPLES[name]}", "")


def _option(option: Option) -> Iterator[str]:
    names = [f"``-{option.short}``"] if option.short else []
    default = f" Default: ``{option.default}``." if option.takes == "one" and option.default else ""
    is_told = all(choice in option.help for choice in option.choices)
    choices = "" if is_told else f" One of {', '.join(option.choices)}."
    yield ", ".join([*names, f"``--{option.name}``"])
    yield f"    {_plain(option.help)}{choices}{default}"


def settings() -> Iterator[str]:
    """Yield the lines on every key of the settings, tables within tables included."""
    yield from _keys(schema_of("settings"), "")


def _keys(schema: dict[str, Any], place: str) -> Iterator[str]:
    for key, value in schema.get("properties", {}).items():
        path = f"{place}.{key}".removeprefix(".")
        default = f" Default: ``{json.dumps(value['default'])}``." if "default" in value else ""
        yield f"``{path}``"
        yield f"    {_plain(value.get('description', 'As in a configuration; a list of values.'))}"
        yield f"    {_kind(value)}{default}"
        yield ""
        each = value.get("additionalProperties")
        below = each if isinstance(each, dict) else value
        yield from _keys(below, f"{path}.NAME" if below is each else path)


def _kind(schema: dict[str, Any]) -> str:
    """Return in a few words what a value has to be."""
    if "enum" in schema:
        return f"One of {', '.join(f'``{value}``' for value in schema['enum'])}."
    kinds = {"string": "A string.", "number": "A number.", "array": "A list.", "object": "A table."}
    return kinds.get(schema.get("type", ""), "")


def codes() -> Iterator[str]:
    """Yield the lines on every problem code."""
    for page in sorted(PAGES.values()):
        yield from _code(page)


def _code(page: ProblemPage) -> Iterator[str]:
    yield from _heading(page.code)
    yield from (f"{_plain(page.summary[0].upper() + page.summary[1:])}.", "")
    yield from (f":Severity: {_plain(page.severity)}", f":Reported by: {_plain(page.found_by)}", "")
    yield from (_plain(page.meaning), "", "::", "")
    yield from (f"    {line}" for line in page.example.splitlines())
    for title, text in (("How it comes about.", page.cause), ("What to do.", page.remedy)):
        yield from ("", f"**{title}** {_plain(text)}")
    yield ""


def _heading(text: str) -> tuple[str, ...]:
    return "", text, "-" * len(text), ""


def _plain(text: str) -> str:
    """Return a text in which nothing is markup but what is between backquotes, as code."""
    parts = text.replace("\\", "\\\\").replace("*", "\\*").replace("|", "\\|").split("`")
    return "``".join(
        part.replace("_", "\\_") if at % 2 == 0 else part for at, part in enumerate(parts)
    )


WRITTEN: dict[str, Callable[[], Iterator[str]]] = {
    "commands": commands,
    "settings": settings,
    "codes": codes,
}


class ReferenceDirective(SphinxDirective):
    """``.. lockguard:: NAME``."""

    required_arguments = 1

    def run(self) -> list[Any]:
        """Return what the program says of itself."""
        text = "\n".join(WRITTEN[self.arguments[0]]())
        return self.parse_text_to_nodes(text, allow_section_headings=True)
