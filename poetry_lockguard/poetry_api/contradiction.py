"""The solver's answer that no strategy can change: the requirements contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo.formatters.formatter import Formatter

if TYPE_CHECKING:
    from poetry_lockguard.repair.ladder import UnknownPackage

_ADVICE = (
    "- ",
    "For ",
)  #: beginnings of the lines that Poetry repeats for every version it examined


class Contradiction(Exception):  # noqa: N818 - an answer, not an error
    """The requirements cannot all be met; the message is Poetry's explanation.

    ``missing`` are the packages among its reasons that no index has in any version. ``sentence``
    says which requirements contradict each other, if that is known.
    """

    def __init__(
        self, explanation: str, missing: tuple[UnknownPackage, ...] = (), sentence: str = ""
    ) -> None:
        super().__init__(in_plain_words(explanation))
        self.missing = missing
        self.sentence = sentence


def in_plain_words(explanation: str) -> str:
    """Remove console markup and repeated advice."""
    lines: list[str] = []
    given: set[str] = set()
    for line in Formatter().remove_format(explanation).splitlines():
        text = line.strip()
        if text not in given:
            lines.append(line.rstrip())
        if text.startswith(_ADVICE):
            given.add(text)
    return "\n".join(lines).strip()
