"""No sentence that people read is longer than 35 words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT
from readme import PAGES, README

from poetry_lockguard.codes.catalog import PAGES as CODES
from poetry_lockguard.commands.base import GuardedCommand
from poetry_lockguard.plugin import COMMANDS, load

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 35
TEXTS = {
    "README": README,
    **PAGES,
    **{path.stem: path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("C*.rst"))},
    **{path.stem: path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("S*.rst"))},
}
_LITERAL = re.compile(r"``[^`]+``|`[^`]+`")
_END = re.compile(r"(?<=[.?!:])\s+(?=[A-Z`*(\"])|;\s")
#: what begins a paragraph of its own: an item of a list, a term, a row of a table, a directive
_BREAK = re.compile(r"\n\s*\n|\n\s*(?=[-*|] |\d+\. |\.\. |:\w+:|``)|\n(?=    \S)")


def prose(page: str) -> Iterator[str]:
    """Yield the paragraphs of a page without its code, tables, headings and directives."""
    page = re.sub(r"::[^\n]*\n\n((?:[ \t]+[^\n]*)?\n)+", ".\n\n", page)
    page = re.sub(r"^ *=+( +=+)+\n(.*?\n)+?\n(?=\S|\Z)", "\n", page, flags=re.MULTILINE)
    for paragraph in _BREAK.split(page):
        text = " ".join(paragraph.split())
        if text and not text.startswith(("..", ":")):
            yield text


def long_sentences(text: str) -> list[str]:
    sentences = _END.split(_LITERAL.sub("Word", text))
    return [one for one in sentences if one and len(one.split()) > MOST]


@pytest.mark.parametrize("name", TEXTS)
def test_no_page_has_a_sentence_of_more_than_35_words(name: str) -> None:
    found = [one for paragraph in prose(TEXTS[name]) for one in long_sentences(paragraph)]

    assert found == []


def test_no_page_of_a_code_has_one() -> None:
    fields = [text for page in CODES.values() for text in (page.meaning, page.cause, page.remedy)]

    assert [one for text in fields for one in long_sentences(text)] == []


def test_no_help_has_one() -> None:
    commands = [load(name) for name in COMMANDS]
    helps = [command.description for command in commands]
    helps += [
        option.help
        for command in commands
        if isinstance(command, GuardedCommand)
        for option in command.accepts
    ]

    assert [one for text in helps for one in long_sentences(text)] == []


def test_long_sentences_are_found() -> None:
    assert long_sentences(" ".join(["word"] * 36)) != []
    assert long_sentences(" ".join(["word"] * 30) + ". " + " ".join(["Word"] * 30)) == []
