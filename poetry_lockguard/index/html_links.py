r"""Finds the files of an ordinary HTML index page in one pass of a regular expression.

Ordinary means: a harmless head, then anchors one after the other, each with double-quoted
attributes of the names that PEP 503, 592, 629, 658 and 714 know and a plain file name at the end
of its address, then a harmless tail. Comments, scripts, ``<base>``, escapes in the file name, other
quoting or nesting make a page unusual: ``scan`` then declines, and an HTML parser has to read it.
"""

from __future__ import annotations

import re

_OTHER = r"(?:data-[a-z-]+|rel|class|id|title|target|download)"
_ATTRIBUTE = rf'(?:{_OTHER}(?:="[^"<]*")?)'
_SPACE = r"(?:\s|</?(?:br|p|li|ul|div|pre|span|tr|td)\s*/?>)*"
_ANCHOR = re.compile(
    rf'(<a\s+(?:{_ATTRIBUTE}\s+)*href="(?:[^"<#?%&;\\\s]*/)?([\w.+!-]+)(?:\#[^"<]*)?"'
    rf"(?:\s+{_ATTRIBUTE})*\s*>[^<]*</a>{_SPACE})",
    re.ASCII,
)
_TAG = r'[a-zA-Z][a-zA-Z0-9]*(?:\s+[a-zA-Z:-]+(?:\s*=\s*"[^"<>]*")?)*\s*/?'
_HARMLESS = re.compile(rf"(?:[^<]|<!(?i:doctype)[^<>]*>|<{_TAG}>|</[a-zA-Z0-9]+\s*>)*", re.ASCII)
_MODES = re.compile(
    r"<(?:base|script|style|textarea|xmp|iframe|plaintext|noembed|noframes|noscript|svg|math"
    r"|template|a[\s>/])",
    re.IGNORECASE,
)
_PEOPLE = re.compile(
    r"<(?:form|input|script|iframe|frameset)\b|http-equiv=.?refresh", re.IGNORECASE
)


def scan(text: str) -> list[tuple[str, str]] | None:
    """Return (file name, anchor) pairs in order, or ``None`` when the page is unusual."""
    begin = text.find("<a ")
    last = text.rfind("</a>")
    if begin < 0 or last < begin:
        return None
    # the anchors must lie side by side: what is between them could be anything otherwise
    found = _ANCHOR.findall(text, begin, last + 4)
    covered = sum(len(anchor) for anchor, _ in found)
    if covered != last + 4 - begin:
        return None
    if not (_is_harmless(text[:begin]) and _is_harmless(text[last + 4 :])):
        return None
    return [(filename, anchor) for anchor, filename in found]


def _is_harmless(text: str) -> bool:
    """Return whether no HTML parser could see an anchor, a base or another mode in ``text``."""
    return _MODES.search(text) is None and _HARMLESS.fullmatch(text) is not None


def has_yank(anchor: str) -> bool:
    """Return whether an anchor could be of a yanked file (PEP 592)."""
    return "data-yanked" in anchor


def is_login_page(text: str) -> bool:
    """Return whether a page looks like a login page or portal rather than an index page."""
    return _PEOPLE.search(text) is not None
