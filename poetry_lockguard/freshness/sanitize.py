"""Words that strangers wrote (a yanked release's reason, say), made safe to be printed.

Whoever uploads a release may write anything: escapes of a terminal, line breaks, commands for the
runner of a pipeline, a novel. What is left is one line of printable characters.
"""

from __future__ import annotations

LONGEST = 200  #: characters; more is no reason but a burden
_SENTENCE = 4000
_RUNNERS = "##["  # begins a command of a GitHub or Azure runner wherever it stands in a line


def harmless(sentence: str) -> str:
    """Return a sentence of ours, with names and addresses of a lock in it, fit to be printed.

    A lock may come with a stranger's pull request; one without tricks is said word for word.
    """
    if sentence.isprintable() and _RUNNERS not in sentence:
        return sentence
    return sanitize(sentence, _SENTENCE)


def sanitize(text: str, longest: int = LONGEST) -> str:
    """Return ``text`` on one line, without what is not printable, and not longer than ``longest``.

    Control and format characters (escapes, backspaces, changes of direction) become spaces.
    """
    clean = "".join(one if one.isprintable() else " " for one in text[: longest * 8])
    line = " ".join(clean.split()).replace(_RUNNERS, "# #[")
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
