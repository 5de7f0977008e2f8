"""From values to HTML: the one place where text is escaped.

Text is ``str``; what is HTML already is ``Markup``, and nothing but ``element`` and ``joined``
makes it. A name from a lock file can therefore reach a page as text or as the value of an
attribute, and as nothing else. What cannot be seen (control characters, overrides of the direction
of writing) is shown as its escape, as ``repr`` shows it.
"""

from __future__ import annotations

from functools import cache, lru_cache
from html import escape
from typing import TYPE_CHECKING

from poetry_lockguard.printable import Clean, without_commands
from poetry_lockguard.urls import redact

if TYPE_CHECKING:
    from collections.abc import Iterable

_VOID = frozenset({"meta", "input"})
_REMEMBERED = 1 << 14  # texts: a page says the same names and versions again and again


class Markup(Clean):
    """Text that is HTML already."""

    __slots__ = ()


@lru_cache(maxsize=_REMEMBERED)
def text(value: str) -> Markup:
    """Escape a text, for the inside of an element and of a quoted attribute alike."""
    value = without_commands(redact(value))
    if not value.isprintable():
        value = "".join(each if each.isprintable() else repr(each)[1:-1] for each in value)
    return Markup(escape(value))


def element(name: str, /, *children: str | None, **attributes: str | bool | None) -> Markup:
    """Return an element; a child that is no ``Markup`` is text, one that is ``None`` is left out.

    An attribute that is ``True`` stands without a value, one that is ``None`` or ``False`` not at
    all. Its ``_`` stands for ``-``, and one at its end for nothing (``class_``).
    """
    said = ""
    for key, value in attributes.items():
        if value is True:
            said += f" {_attribute(key)}"
        elif value:
            said += f' {_attribute(key)}="{text(value)}"'
    if name in _VOID:
        return Markup(f"<{name}{said}>")
    return Markup(f"<{name}{said}>{''.join(_escaped(children))}</{name}>")


def joined(children: Iterable[str | None], between: str = "") -> Markup:
    """Put children side by side, with some text between them."""
    return Markup(text(between).join(_escaped(children)))


def _escaped(children: Iterable[str | None]) -> list[str]:
    return [
        child if isinstance(child, Markup) else text(child)
        for child in children
        if child is not None
    ]


@cache
def _attribute(key: str) -> str:
    return key.rstrip("_").replace("_", "-")
