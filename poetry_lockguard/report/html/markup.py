"""Builds HTML from values; this is the only place where text is escaped.

Text is ``str``, and HTML is ``Markup``, which ``element`` and ``joined`` make. So a name from a
lock file can only reach a page as text or as the value of an attribute. Invisible characters
(control characters, overrides of the writing direction) are shown as the escapes of ``repr``.
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
_REMEMBERED = 1 << 14  # texts; a page repeats the same names and versions


class Markup(Clean):
    """Text that is already HTML."""

    __slots__ = ()


@lru_cache(maxsize=_REMEMBERED)
def text(value: str) -> Markup:
    """Escape a text for use in an element or a quoted attribute."""
    value = without_commands(redact(value))
    if not value.isprintable():
        value = "".join(each if each.isprintable() else repr(each)[1:-1] for each in value)
    return Markup(escape(value))


def element(name: str, /, *children: str | None, **attributes: str | bool | None) -> Markup:
    """Return an element; a child that is not ``Markup`` is escaped, ``None`` is left out.

    An attribute that is ``True`` has no value; ``None`` and ``False`` are left out. A ``_`` in its
    name becomes ``-``, and one at its end is removed (``class_``).
    """
    written = ""
    for key, value in attributes.items():
        if value is True:
            written += f" {_attribute(key)}"
        elif value:
            written += f' {_attribute(key)}="{text(value)}"'
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{''.join(_escaped(children))}</{name}>")


def joined(children: Iterable[str | None], between: str = "") -> Markup:
    """Join children, with a text between them."""
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
