"""Marks the differences between two texts, such as versions, markers or groups."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from poetry_lockguard.report.html.markup import Markup, element, joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# A word includes the blanks before it; a quoted text is one word.
_WORD = re.compile(r"""(?P<blank>\s*)(?P<word>(["'])[^"']*\3|[\w*+!~<>=-]+|[^\w*+!~<>=-])""")
_VERSION = re.compile(r"[\w.+!-]+")
_NUMBER = re.compile(r"\w+|\W")
_MOST = 400  # texts with more words are not compared word by word


def compared(old: str, new: str) -> tuple[Markup, Markup]:
    """Return both texts, with removed words in ``del`` and added ones in ``ins``."""
    if _VERSION.fullmatch(old) and _VERSION.fullmatch(new):
        return _ends(_NUMBER.findall(old), _NUMBER.findall(new))
    before, after = [*_WORD.finditer(old)], [*_WORD.finditer(new)]
    if max(len(before), len(after)) > _MOST:
        return element("del", old), element("ins", new)
    words, others = ([found["word"] for found in side] for side in (before, after))
    matcher = SequenceMatcher(None, words, others, autojunk=False)
    pairs = [
        (before[start + at], after[other + at])
        for start, other, size in matcher.get_matching_blocks()
        if start in {0, len(before) - size} or _has_words(words[start : start + size])
        for at in range(size)
    ]
    return (
        joined(_marked("del", old, [_same(one, other) for one, other in pairs])),
        joined(_marked("ins", new, [_same(other, one) for one, other in pairs])),
    )


def _same(one: re.Match[str], other: re.Match[str]) -> tuple[int, int]:
    """Return the span of a word, with the blanks before it if they are equal, too."""
    return one.span() if one[0] == other[0] else one.span("word")


def _ends(before: Sequence[str], after: Sequence[str]) -> tuple[Markup, Markup]:
    """Mark what is between equal ends: the numbers of a version have fixed places."""
    least = min(len(before), len(after))
    same = (one == other for one, other in zip(before, after, strict=False))
    start = next((at for at, is_same in enumerate(same) if not is_same), least)
    backwards = zip(reversed(before[start:]), reversed(after[start:]), strict=False)
    same = (one == other for one, other in backwards)
    end = next((at for at, is_same in enumerate(same) if not is_same), least - start)
    sides = (("del", before), ("ins", after))
    old, new = (
        joined(_marked(tag, "".join(words), _but(words, start, end))) for tag, words in sides
    )
    return old, new


def _but(words: Sequence[str], start: int, end: int) -> list[tuple[int, int]]:
    """Return the spans of the first ``start`` and the last ``end`` words."""
    whole, first, last = (
        len("".join(some)) for some in (words, words[:start], words[len(words) - end :])
    )
    return [(0, first), (whole - last, whole)]


def _has_words(words: Sequence[str]) -> bool:
    """Whether an equal part is more than the dot between two numbers."""
    return any(letter.isalnum() for word in words for letter in word)


def _marked(tag: str, whole: str, same: Sequence[tuple[int, int]]) -> Iterator[Markup | str]:
    """Yield the text, with everything between the equal parts in an element."""
    at = 0
    for start, end in [*same, (len(whole), len(whole))]:
        if start > at:
            yield element(tag, whole[at:start])
        yield whole[start:end]
        at = end
