"""Suggests known names in place of an unknown one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LONGEST = 100  # a comparison's cost grows with the square of the length
_ALIKE = 0.5
_MISSPELLED = 0.75
_FEW = 5


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is most similar to this one, or None if there are none."""
    return next(iter(_similar(word, known, most=1, cutoff=0)), None)


def alike(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that could have been meant, or None if none is so similar."""
    return next(iter(_similar(word, known, most=1, cutoff=_MISSPELLED)), None)


def suggestion(word: str, known: Iterable[str], *, most: int = 3, none: str = "") -> str:
    """Return ``; the nearest is …``, to follow the message about an unknown name.

    Names without any resemblance are listed only if no more than a few are known. ``none`` is said
    if none is known.
    """
    names = sorted(known)
    if not names:
        return f"; {none}" if none else ""
    near = _similar(word, names, most, _ALIKE) or (names[:most] if len(names) <= _FEW else [])
    return f"; {the_nearest(near)}" if near else ""


def the_nearest(names: Sequence[str]) -> str:
    """Return ``the nearest is a``, or ``the nearest are a, b``."""
    return f"the nearest {'is' if len(names) == 1 else 'are'} {', '.join(names)}"


def _similar(word: str, known: Iterable[str], most: int, cutoff: float) -> list[str]:
    import difflib  # slow to import, and only for errors

    return difflib.get_close_matches(word[:_LONGEST], sorted(known), n=most, cutoff=cutoff)
