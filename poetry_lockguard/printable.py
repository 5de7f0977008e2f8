r"""Makes any text safe to print; every writer uses it, in every format.

Output may contain text from a lock, a manifest, an index or another program: secrets in URLs,
terminal escapes, changes of the text direction, or lines that a CI runner would execute as
commands. Secrets are hidden, unprintable characters are shown as ``\u001b`` (which JSON reads
back), and a line that begins with ``::`` is broken up. Text that may contain escapes or workflow
commands is marked ``Clean`` by code that knows that its parts are safe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 200  #: the maximum length of text that others wrote, such as the reason of a yank
_SENTENCE = 4000
_RUNNERS = "##["  # begins a command of a GitHub or Azure runner anywhere in a line
_DIGITS = 12  # of a hash, enough to distinguish it from another


class Clean(str):
    """Text that is known to be safe, with its colours or workflow commands."""

    __slots__ = ()


def printable(text: str) -> str:
    """Return text that is safe for a terminal and a CI runner; ``Clean`` text is unchanged."""
    if isinstance(text, Clean):
        return text
    if "@" in text or "?" in text or "//" in text:
        from poetry_lockguard.urls import redact

        text = redact(text)
    return without_commands(visible(text))


def indented(line: str, indent: str) -> str:
    """Return an indented line, which is as safe as the line."""
    return Clean(f"{indent}{line}") if isinstance(line, Clean) else f"{indent}{line}"


def joined(lines: Iterable[str]) -> str:
    """Return the safe text of these lines."""
    return Clean("\n".join(map(printable, lines)))


def harmless(sentence: str) -> str:
    """Return a message that contains names and URLs from a lock as one safe line.

    A lock may come from an unknown contributor; a message without special characters is unchanged.
    """
    if sentence.isprintable() and _RUNNERS not in sentence:
        return sentence
    return tamed(sentence, _SENTENCE)


def tamed(text: str, longest: int = LONGEST) -> str:
    """Return text that others wrote (such as the reason of a yank) as one safe line.

    It has only printable characters (no escapes, backspaces or changes of direction) and at most
    ``longest`` of them.
    """
    clean = "".join(char if char.isprintable() else " " for char in text[: longest * 8])
    line = " ".join(clean.split()).replace(_RUNNERS, "# #[")
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def document(text: str) -> str:
    """Return a file's text for printing, with its URLs, which the file needs."""
    return Clean(visible(text))


def visible(text: str) -> str:
    """Return text with an escape for each unprintable character; line breaks stay."""
    if text.isprintable() or text.replace("\n", "").replace("\t", "").isprintable():
        return text
    text = text.replace("\r\n", "\n")
    return "".join(c if c.isprintable() or c in "\n\t" else _escape(c) for c in text)


def without_commands(text: str) -> str:
    """Return text in which no line is a command of a CI runner."""
    if "::" in text:
        text = "\n".join(map(_broken, text.split("\n")))
    return text.replace(_RUNNERS, "# #[")


def _broken(line: str) -> str:
    return line.replace("::", ": :", 1) if line.lstrip().startswith("::") else line


def _escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def short_hash(hash_: str) -> str:
    """Return the algorithm and the first digits of a hash, for a message."""
    algorithm, _, digest = hash_.partition(":")
    return f"{tamed(algorithm, 20)}:{tamed(digest[:_DIGITS])}…"
