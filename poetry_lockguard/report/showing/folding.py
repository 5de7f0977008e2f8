"""Makes lines fit the terminal: folds them between words, or shortens them."""

from __future__ import annotations

ELLIPSIS = "..."
_BLANK = "\1"  # stands for a space between words that stay together
_CONTEXT = 4  # characters before the first difference of two long texts


def folded(line: str, width: int, hang: int) -> list[str]:
    """Return a line in lines of at most ``width`` columns; all but the first hang by ``hang``.

    A word that is longer than a line stays whole, as does a command in backticks, which is to be
    copied. The line must not have colors yet.
    """
    if len(line) <= width:
        return [line]
    import re
    import textwrap

    parts = textwrap.wrap(
        re.sub("`[^`]*`", lambda command: command[0].replace(" ", _BLANK), line),
        width,
        subsequent_indent=" " * hang,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [part.replace(_BLANK, " ") for part in parts]


def fitted(sides: list[str], room: int) -> list[str]:
    """Shorten the longer sides until all of them fit."""
    if sum(map(len, sides)) <= room:
        return sides
    if len(sides) == 1:
        return [cut(sides[0], room)]
    half = room // 2
    shorter = min(map(len, sides))
    limit = room - shorter if shorter < half else half
    short = [cut(side, limit) for side in sides]
    if short[0] != short[1]:
        return short
    pairs = enumerate(zip(*sides, strict=False))
    start = max(next((at for at, (one, other) in pairs if one != other), 0) - _CONTEXT, 0)
    return [cut(f"{ELLIPSIS}{side[start:]}", limit) for side in sides]


def cut(text: str, limit: int) -> str:
    """Return a text of at most ``limit`` characters."""
    return text if len(text) <= limit else f"{text[: limit - len(ELLIPSIS)]}{ELLIPSIS}"
