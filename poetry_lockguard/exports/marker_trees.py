"""Environment markers as trees, so that their text does not depend on the Poetry that runs.

poetry-core simplifies markers, each release in its own way. A file that is derived from a lock has
to be the same for all colleagues, so markers are only taken apart here as far as needed: extras are
decided, duplicates left out, and the comparisons stay as the lock writes them.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from typing_extensions import Self

_WORDS = (
    r"""\s*(?P<open>\()|\s*(?P<close>\))|\s*\b(?P<word>and|or)\b"""
    r"""|\s*(?P<atom>(?:[\w.]+|"[^"]*"|'[^']*')\s*(?:[<>=!~]+|\bnot\s+in\b|\bin\b)\s*"""
    r"""(?:[\w.]+|"[^"]*"|'[^']*'))"""
)
_EXTRA = (
    r"""(?:extra\s*(?P<op>==|!=)\s*["'](?P<name>[^"']*)["'])"""
    r"""|(?:["'](?P<first>[^"']*)["']\s*(?P<between>==|!=)\s*extra)"""
)


_NOWHERE = "<empty>"  #: what Poetry writes for a group in which a package never applies


class OddMarkerError(ValueError):
    """A marker that no lock of Poetry's contains."""


class All(NamedTuple):
    """What holds if every part holds; without parts it always holds."""

    parts: tuple[MarkerTree, ...] = ()
    word: Literal["and"] = "and"


class AnyOf(NamedTuple):
    """What holds if one of the parts holds; without parts it never holds."""

    parts: tuple[MarkerTree, ...] = ()
    word: Literal["or"] = "or"


MarkerTree = All | AnyOf | str  # a text is one comparison
ALWAYS, NEVER = All(), AnyOf()


def parse(text: str) -> MarkerTree:
    """Parse a marker as a lock has it; without one a pin always applies. Raises OddMarkerError."""
    if text.strip() in {"", "*"}:
        return ALWAYS
    if text.strip() == _NOWHERE:
        return NEVER
    tokens = [*_tokens(text)]
    tree, end = _alternatives(tokens, 0)
    if end != len(tokens):
        raise OddMarkerError(text)
    return tree


def any_of(parts: Iterable[MarkerTree]) -> MarkerTree:
    """Return what holds if one of the parts does, without parts that add nothing."""
    flat: list[MarkerTree] = []
    for part in parts:
        flat += part.parts if isinstance(part, AnyOf) else [part]
    if ALWAYS in flat:
        return ALWAYS
    kept = [one for one in dict.fromkeys(flat) if not _is_within(one, flat)]
    return kept[0] if len(kept) == 1 else AnyOf(tuple(kept))


def all_of(parts: Iterable[MarkerTree]) -> MarkerTree:
    """Return what holds if all of the parts do, without duplicates."""
    flat: list[MarkerTree] = []
    for part in parts:
        flat += part.parts if isinstance(part, All) else [part]
    if NEVER in flat:
        return NEVER
    kept = [*dict.fromkeys(flat)]
    return kept[0] if len(kept) == 1 else All(tuple(kept))


def _is_within(one: MarkerTree, others: Iterable[MarkerTree]) -> bool:
    """Whether another part holds wherever this one does, as ``a`` does wherever ``a and b``."""
    if not isinstance(one, All):
        return False
    return any(other != one and {*_parts(other)} < {*one.parts} for other in others)


def _parts(tree: MarkerTree) -> tuple[MarkerTree, ...]:
    return tree.parts if isinstance(tree, All) else (tree,)


def replaced(tree: MarkerTree, replace: Callable[[str], MarkerTree]) -> MarkerTree:
    """Return the tree with each comparison replaced."""
    match tree:
        case All(parts=parts):
            return all_of(replaced(part, replace) for part in parts)
        case AnyOf(parts=parts):
            return any_of(replaced(part, replace) for part in parts)
        case _:
            return replace(tree)


def with_extras(tree: MarkerTree, chosen: Callable[[str], MarkerTree]) -> MarkerTree:
    """Return the tree with each ``extra == "name"`` replaced by ``chosen(name)``.

    ``chosen`` returns ALWAYS, NEVER, or a comparison that says the same in another language.
    """

    def replace(atom: str) -> MarkerTree:
        match = _extra().fullmatch(atom)
        if match is None:
            return atom
        found = chosen(match["name"] if match["name"] is not None else match["first"])
        is_negated = "!=" in {match["op"], match["between"]}
        return _negated(found) if is_negated else found

    return replaced(tree, replace)


def _negated(tree: MarkerTree) -> MarkerTree:
    if tree in {ALWAYS, NEVER}:
        return NEVER if tree == ALWAYS else ALWAYS
    if isinstance(tree, str):
        return tree.replace(" in ", " not in ")
    raise OddMarkerError(text(tree))


def text(tree: MarkerTree) -> str:
    """Return the marker's text; empty if it always holds."""
    match tree:
        case All(parts=parts):
            inner = (f"({text(one)})" if isinstance(one, AnyOf) else text(one) for one in parts)
            return " and ".join(inner)
        case AnyOf(parts=parts):
            return " or ".join(map(text, parts))
        case _:
            return tree


class _Token(NamedTuple):
    kind: str
    text: str

    @classmethod
    def of(cls, match: re.Match[str]) -> Self:
        kind = match.lastgroup or ""
        found = match[kind]
        return cls(found if kind == "word" else kind, found)


def _tokens(marker: str) -> Iterator[_Token]:
    at = 0
    end = len(marker.rstrip())
    while at < end:
        match = _token().match(marker, at)
        if match is None:
            raise OddMarkerError(marker)
        yield _Token.of(match)
        at = match.end()


def _alternatives(tokens: list[_Token], at: int) -> tuple[MarkerTree, int]:
    first, at = _conjunction(tokens, at)
    parts = [first]
    while at < len(tokens) and tokens[at].kind == "or":
        part, at = _conjunction(tokens, at + 1)
        parts.append(part)
    return any_of(parts), at


def _conjunction(tokens: list[_Token], at: int) -> tuple[MarkerTree, int]:
    first, at = _operand(tokens, at)
    parts = [first]
    while at < len(tokens) and tokens[at].kind == "and":
        part, at = _operand(tokens, at + 1)
        parts.append(part)
    return all_of(parts), at


def _operand(tokens: list[_Token], at: int) -> tuple[MarkerTree, int]:
    if at >= len(tokens):
        raise OddMarkerError("a marker ends too early")
    if tokens[at].kind == "atom":
        return " ".join(tokens[at].text.split()), at + 1
    if tokens[at].kind != "open":
        raise OddMarkerError(tokens[at].text)
    tree, at = _alternatives(tokens, at + 1)
    if at >= len(tokens) or tokens[at].kind != "close":
        raise OddMarkerError("a bracket is not closed")
    return tree, at + 1


@cache
def _token() -> re.Pattern[str]:
    return re.compile(_WORDS)


@cache
def _extra() -> re.Pattern[str]:
    return re.compile(_EXTRA)
