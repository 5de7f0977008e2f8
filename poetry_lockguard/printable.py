r"""Makes any text safe to be printed: the one thing that every writer does, in every format.

What is written may hold words of a lock, a manifest, an index or another program: secrets in
addresses, escapes of a terminal, changes of the direction of writing, lines that a pipeline's
runner would obey. Secrets are hidden, what cannot be printed is shown as ``\u001b`` (which JSON
reads back), and a line that begins with ``::`` is broken up. Text that may hold its own escapes or
workflow commands is made ``Clean`` by who knows its parts to be safe.
"""

from __future__ import annotations

LONGEST = 200  #: characters of a stranger's words; more is no reason but a burden
_SENTENCE = 4000
_RUNNERS = "##["  # begins a command of a GitHub or Azure runner wherever it stands in a line


class Clean(str):
    """Text that is safe as it is, with its colours or workflow commands."""

    __slots__ = ()


def printable(text: str) -> str:
    """Return text that a terminal, a pipeline and a reader can be shown; ``Clean`` stays."""
    if isinstance(text, Clean):
        return text
    if "@" in text or "?" in text or "//" in text:
        from poetry_lockguard.urls import redact

        text = redact(text)
    return without_commands(visible(text))


def harmless(sentence: str) -> str:
    """Return a sentence of ours, with names and addresses of a lock in it, as one line.

    A lock may come with a stranger's pull request; one without tricks is said word for word.
    """
    if sentence.isprintable() and _RUNNERS not in sentence:
        return sentence
    return tamed(sentence, _SENTENCE)


def tamed(text: str, longest: int = LONGEST) -> str:
    """Return words that strangers wrote (a yanked release's reason, say) as one line.

    It has no character that is not printable (escapes, backspaces, changes of direction), and is
    not longer than ``longest``.
    """
    clean = "".join(one if one.isprintable() else " " for one in text[: longest * 8])
    line = " ".join(clean.split()).replace(_RUNNERS, "# #[")
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def document(text: str) -> str:
    """Return a file's text as it may be printed: addresses stay, for they are what it is for."""
    return Clean(visible(text))


def visible(text: str) -> str:
    """Return text with an escape for each character that cannot be seen; lines stay lines."""
    if text.isprintable() or text.replace("\n", "").replace("\t", "").isprintable():
        return text
    text = text.replace("\r\n", "\n")
    return "".join(one if one.isprintable() or one in "\n\t" else _escape(one) for one in text)


def without_commands(text: str) -> str:
    """Return text in which no line is a command of a pipeline's runner."""
    if "::" in text:
        text = "\n".join(map(_broken, text.split("\n")))
    return text.replace(_RUNNERS, "# #[")


def _broken(line: str) -> str:
    return line.replace("::", ": :", 1) if line.lstrip().startswith("::") else line


def _escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
