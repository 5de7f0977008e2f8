"""Recognizes markers that surely exclude each other, as those of two versions of a package do.

A marker is read as the Python expression that it looks like, which is quick. If it is not certain
that two exclude each other, that only means that poetry-core has to compare them.
"""

from __future__ import annotations

import ast
import re
import warnings
from itertools import product
from typing import NamedTuple

_LONGEST, _MOST = 1000, 64
_NUMBERS = re.compile(r"\d{1,4}(?:\.\d{1,4}){0,2}", re.ASCII)
_VERSIONS = frozenset({"python_version", "python_full_version"})
_SEVERAL = "extra"  # has several values at once
_SIGNS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


class _Clause(NamedTuple):
    variable: str
    sign: str
    value: str


def are_exclusive(one: str, other: str) -> bool:
    """Whether it is certain that no environment fulfils both markers."""
    left, right = _alternatives_of(one), _alternatives_of(other)
    return len(left) * len(right) <= _MOST**2 and all(
        any(_contradict(a, b) for a in mine for b in theirs) for mine in left for theirs in right
    )


def _alternatives_of(marker: str) -> list[tuple[_Clause, ...]]:
    """Return the alternatives of a marker, each as what is certainly required by it."""
    if not marker or len(marker) > _LONGEST or "\\" in marker:
        return [()]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(marker, mode="eval")
        return _alternatives(tree.body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [()]


def _alternatives(node: ast.expr) -> list[tuple[_Clause, ...]]:
    match node:
        case ast.BoolOp(op=ast.Or(), values=values):
            found = [one for value in values for one in _alternatives(value)]
            return found if len(found) <= _MOST else [()]
        case ast.BoolOp(op=ast.And(), values=values):
            return _joined([_alternatives(value) for value in values])
        case ast.Compare(
            left=ast.Name(id=variable), ops=[sign], comparators=[ast.Constant(value=str(value))]
        ) if type(sign) in _SIGNS:
            return [(_Clause(variable, _SIGNS[type(sign)], value),)]
        case _:
            return [()]


def _joined(parts: list[list[tuple[_Clause, ...]]]) -> list[tuple[_Clause, ...]]:
    number = 1
    for part in parts:
        number *= len(part)
    if number > _MOST:
        return [()]
    return [tuple(clause for each in one for clause in each) for one in product(*parts)]


def _contradict(one: _Clause, other: _Clause) -> bool:
    """Whether no value of a variable fulfils both clauses."""
    if one.variable != other.variable:
        return False
    if one.variable in _VERSIONS:
        return _are_apart(one, other) or _are_apart(other, one)
    signs = {one.sign, other.sign}
    if signs == {"==", "!="}:
        return one.value == other.value
    return signs == {"=="} and one.value != other.value and one.variable != _SEVERAL


def _are_apart(low: _Clause, high: _Clause) -> bool:
    """Whether every Python that one clause admits is below those that the other admits."""
    below, above = _numbers(low), _numbers(high)
    if below is None or above is None:
        return False
    if "!=" in {low.sign, high.sign}:
        return "==" in {low.sign, high.sign} and below == above
    if low.sign.startswith(">") or high.sign.startswith("<"):
        return False
    touches = low.sign != "<" and high.sign != ">"
    return below < above or (below == above and not touches)


def _numbers(clause: _Clause) -> tuple[int, ...] | None:
    if _NUMBERS.fullmatch(clause.value) is None:
        return None
    numbers = (*map(int, clause.value.split(".")),)
    if clause.variable == "python_full_version":
        return (*numbers, 0, 0)[:3]
    return numbers if numbers[1:] else None
