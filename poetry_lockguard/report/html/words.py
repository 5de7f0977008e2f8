"""Two texts side by side, with what is only in one of them marked: versions, markers, groups."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from poetry_lockguard.report.html.markup import Markup, element, joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WORD = re.compile(r"[\w*+!~<>=-]+|[^\w*+!~<>=-]")
_VERSION = re.compile(r"[\w.+!-]+")
_NUMBER = re.compile(r"\w+|\W")
_MOST = 400  # words that are worth comparing one by one


def compared(old: str, new: str) -> tuple[Markup, Markup]:
    """Give both texts, what was taken out in ``del`` and what was put in in ``ins``."""
    if _VERSION.fullmatch(old) and _VERSION.fullmatch(new):
        return _ends(_NUMBER.findall(old), _NUMBER.findall(new))
    before, after = _WORD.findall(old), _WORD.findall(new)
    if max(len(before), len(after)) > _MOST:
        return element("del", old), element("ins", new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    sames = [
        (start, other, size)
        for start, other, size in matcher.get_matching_blocks()
        if start in {0, len(before) - size} or _says_something(before[start : start + size])
    ]
    return (
        joined(_marked("del", before, [(start, size) for start, _, size in sames])),
        joined(_marked("ins", after, [(start, size) for _, start, size in sames])),
    )


def _ends(before: Sequence[str], after: Sequence[str]) -> tuple[Markup, Markup]:
    """Mark what lies between the ends that are the same: a number has its place in a version."""
    least = min(len(before), len(after))
    same = (one == other for one, other in zip(before, after, strict=False))
    start = next((at for at, is_same in enumerate(same) if not is_same), least)
    backwards = zip(reversed(before[start:]), reversed(after[start:]), strict=False)
    same = (one == other for one, other in backwards)
    end = next((at for at, is_same in enumerate(same) if not is_same), least - start)
    sides = (("del", before), ("ins", after))
    old, new = (
        joined(_marked(tag, words, [(0, start), (len(words) - end, end)])) for tag, words in sides
    )
    return old, new


def _says_something(words: Sequence[str]) -> bool:
    """Tell whether a stretch that is the same is more than the dot between two numbers."""
    return any(letter.isalnum() for word in words for letter in word)


def _marked(
    tag: str, words: Sequence[str], same: Sequence[tuple[int, int]]
) -> Iterator[Markup | str]:
    """Give the text, every stretch between the parts that are the same in an element."""
    at = 0
    for start, size in same:
        if start > at:
            yield element(tag, "".join(words[at:start]))
        yield "".join(words[start : start + size])
        at = start + size
