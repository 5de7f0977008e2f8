"""What a ``setup.py`` tells setuptools to fetch before a build. The script is read, never run."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEY, _FETCH = "setup_requires", "fetch_build_eggs"
#: what a distribution has for others than its build; commands that run tests fetch it
_OTHERS = frozenset({"extras_require", "install_requires", "tests_require"})
_ADDS = frozenset({"append", "extend", "insert"})
_COPIES = frozenset({"frozenset", "list", "set", "sorted", "tuple"})


class ComputedRequirementsError(Exception):
    """The script computes its requirements, so only running it would tell them."""


def setup_requires(text: bytes) -> list[str]:
    """Return every text that the script may give as ``setup_requires``, or fetches itself.

    Of a condition, both sides count. A script that is not Python 3 gives nothing. Raises
    ComputedRequirementsError.
    """
    try:
        parsed = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    script = _Script(parsed)
    return [one for value in _wanted(parsed) for one in script.texts(value)]


def _wanted(parsed: ast.Module) -> Iterator[ast.expr]:
    """Yield the expressions that say what setuptools fetches."""
    for node in ast.walk(parsed):
        match node:
            case ast.Call(func=ast.Attribute(attr=called), args=[value, *_]) if called == _FETCH:
                yield from () if _is_of_others(value) else [value]
            case ast.Call(keywords=keywords):
                yield from (one.value for one in keywords if one.arg == _KEY)
            case ast.Dict(keys=keys, values=values):
                pairs = zip(keys, values, strict=True)
                yield from (value for key, value in pairs if _is_key(key))
            case ast.Assign(targets=[ast.Subscript(slice=key)], value=value) if _is_key(key):
                yield value


def _is_of_others(value: ast.expr) -> bool:
    return isinstance(value, ast.Attribute) and value.attr in _OTHERS


def _is_key(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Constant) and key.value == _KEY


class _Script:
    """The values that the names of a script may have."""

    def __init__(self, parsed: ast.Module) -> None:
        self._values: dict[str, list[ast.expr]] = {}
        for node in ast.walk(parsed):
            for name, value in _given(node):
                self._values.setdefault(name, []).append(value)

    def texts(self, value: ast.expr) -> Iterator[str]:
        """Yield the texts in an expression, those of each name once."""
        seen: set[str] = set()
        waiting = [value]
        while waiting:
            match waiting.pop():
                case ast.Constant(value=str() as text):
                    yield text
                case ast.Constant(value=None):
                    pass
                case ast.Name(id=name) if name in self._values:
                    waiting += () if name in seen else self._values[name][::-1]
                    seen.add(name)
                case other:
                    waiting += _parts(other)[::-1]


def _parts(value: ast.expr) -> list[ast.expr]:
    """Return the expressions whose texts make up those of another one."""
    match value:
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            return parts
        case ast.BoolOp(values=parts):
            return parts
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, op=ast.Add(), right=other):
            return [one, other]
        case ast.Starred(value=inner):
            return [inner]
        case ast.Call(func=ast.Name(id=name), args=parts) if name in _COPIES:
            return parts
        case _:
            raise ComputedRequirementsError


def _given(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names that a statement gives a value, or adds one to."""
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((one.id, value) for one in targets if isinstance(one, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value
        case ast.AugAssign(target=ast.Name(id=name), value=value):
            yield name, value
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=called), args=[*_, value]):
            if called in _ADDS:
                yield name, value
