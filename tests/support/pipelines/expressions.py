"""GitHub's expressions, ``${{ … }}``: the part of the language that the documented files use.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Context = dict[str, Any]

_HOLE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|\|\||&&|[!=]=|[!().,]|[A-Za-z_][\w-]*|\d+)")
_NAMES = {"true": True, "false": False, "null": None}


class ExpressionError(Exception):
    """An expression that GitHub would refuse, or that is not understood here."""


def filled(text: Any, context: Mapping[str, Any]) -> str:
    """Fill the holes of a text, or of what a file gives in its place: a number, a truth."""
    return _HOLE.sub(lambda hole: shown(evaluate(hole[1], context)), shown(text))


def value_of(text: str, context: Mapping[str, Any]) -> Any:
    """Return what a text that is one hole stands for, whatever its type; else the text, filled."""
    whole = _HOLE.fullmatch(text.strip())
    return evaluate(whole[1], context) if whole else filled(text, context)


def holds(condition: str | None, context: Mapping[str, Any]) -> bool:
    """Return whether an ``if:`` lets a step run; without a word on the status, only on success."""
    if condition is None:
        return bool(context["success"]())
    whole = _HOLE.fullmatch(condition.strip())
    inner = whole[1] if whole else condition
    asks = any(re.search(rf"\b{name}\(", inner) for name in status(is_well=True))
    return bool(evaluate(inner, context)) and (asks or context["success"]())


def status(*, is_well: bool) -> Context:
    """Return the functions that tell how the steps before went."""
    return {
        "success": lambda: is_well,
        "failure": lambda: not is_well,
        "cancelled": lambda: False,
        "always": lambda: True,
    }


def evaluate(expression: str, context: Mapping[str, Any]) -> Any:
    """Give the value of an expression; a property that is not there is null, a context must be."""
    parser = _Parser(_tokens(expression), context)
    value = parser.either()
    if parser.tokens:
        raise ExpressionError(f"{expression.strip()}: what is {parser.tokens[0]!r} for?")
    return value


def _tokens(expression: str) -> list[str]:
    found, place = [], 0
    expression = expression.strip()
    while place < len(expression):
        match = _TOKEN.match(expression, place)
        if match is None:
            raise ExpressionError(f"{expression}: cannot be read from {expression[place:]!r} on")
        found.append(match[1])
        place = match.end()
    return found


def shown(value: Any) -> str:
    """Write a value as GitHub does where it wants text."""
    match value:
        case None:
            return ""
        case bool():
            return json.dumps(value)
        case dict() | list():
            raise ExpressionError(f"{value}: is no text; use toJSON")
        case _:
            return str(value)


class _Parser:
    """Reads tokens from the front, weakest operator first."""

    def __init__(self, tokens: list[str], context: Mapping[str, Any]) -> None:
        self.tokens = tokens
        self.context = context

    def either(self) -> Any:
        value = self._both()
        while self._took("||"):
            other = self._both()
            value = value or other
        return value

    def _both(self) -> Any:
        value = self._same()
        while self._took("&&"):
            other = self._same()
            value = value and other
        return value

    def _same(self) -> Any:
        value = self._negated()
        if self._took("=="):
            return value == self._negated()
        if self._took("!="):
            return value != self._negated()
        return value

    def _negated(self) -> Any:
        return not self._negated() if self._took("!") else self._reached()

    def _reached(self) -> Any:
        value = self._primary()
        while self._took("."):
            key = self.tokens.pop(0)
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def _primary(self) -> Any:
        if not self.tokens:
            raise ExpressionError("the expression ends too early")
        token = self.tokens.pop(0)
        if token == "(":
            value = self.either()
            self._must(")")
            return value
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if token.isdigit():
            return int(token)
        if token in _NAMES:
            return _NAMES[token]
        return self._called(token) if self._took("(") else self._context(token)

    def _called(self, name: str) -> Any:
        arguments: list[Any] = []
        while not self._took(")"):
            arguments.append(self.either())
            self._took(",")
        functions: dict[str, Callable[..., Any]] = {"fromJSON": json.loads, "toJSON": json.dumps}
        found = functions.get(name) or self.context.get(name)
        if not callable(found):
            raise ExpressionError(f"{name}: no such function")
        return found(*arguments)

    def _context(self, name: str) -> Any:
        if name not in self.context:
            raise ExpressionError(f"{name}: no such context here")
        return self.context[name]

    def _took(self, token: str) -> bool:
        if self.tokens and self.tokens[0] == token:
            self.tokens.pop(0)
            return True
        return False

    def _must(self, token: str) -> None:
        if not self._took(token):
            raise ExpressionError(f"{token} is missing")
