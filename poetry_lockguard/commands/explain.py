"""``poetry lockguard explain``: what a problem code means, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from cleo.helpers import argument
from cleo.io.outputs.output import Type

from poetry_lockguard.codes import page_text
from poetry_lockguard.codes.catalog import PAGES, page_of
from poetry_lockguard.commands.base import GuardedCommand
from poetry_lockguard.commands.options import TEXT_OR_JSON
from poetry_lockguard.outcomes import Exit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from poetry_lockguard.commands.options import Option


class ExplainCommand(GuardedCommand):
    """Prints the page of a problem code; without a code, the list of all codes."""

    name = "lockguard explain"
    description = "Explain a problem code: what it means, and what to do about it."
    accepts: ClassVar[tuple[Option, ...]] = (TEXT_OR_JSON,)

    def configure(self) -> None:
        """Accept one problem code."""
        super().configure()
        self._definition.add_argument(
            argument("code", "A problem code, as check prints it; default: all.", optional=True)
        )

    def guard(self) -> int:
        """Print one page, or the list."""
        code = self.argument("code")
        pages = [page_of(code)] if code else [*PAGES.values()]
        if self.is_json:
            self._say([page_text.document(pages)])
        else:
            self._say(page_text.lines(pages[0]) if code else page_text.listing(pages))
        return Exit.OK

    def _say(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.io.write_line(line, type=Type.RAW)
