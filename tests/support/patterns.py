"""Every regular expression of the package, and texts that would make a careless one slow."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import poetry_lockguard

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(poetry_lockguard.__file__).parent
_PARSER: Any = importlib.import_module("re._parser" if sys.version_info >= (3, 11) else "sre_parse")
METHODS = ("match", "fullmatch", "search", "sub", "split", "findall", "finditer")
#: values of the parameters from which functions make patterns
LOCALS: dict[str, Any] = {
    "width": 2,
    "names": ("idna", "a-b"),
    "lock_version": "2.1",
    "name": "idna",
    "key": "python",
    "pattern": "idna",  # for each of several that stand elsewhere
    "text": "idna",
}
_ALPHABET = "a0 -_./:@=\"'[](){}<>,;\t\n\\#%&?!~^*|é\x1b"
_MOST_UNITS = 8
_LONG = 30


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """A pattern, and how the package uses it."""

    place: str
    pattern: str | bytes
    flags: int
    method: str

    def run(self, text: str) -> None:
        compiled: Any = re.compile(self.pattern, self.flags)
        given: Any = text.encode() if isinstance(self.pattern, bytes) else text
        called = getattr(compiled, self.method)
        result = called("", given) if self.method == "sub" else called(given)
        if self.method == "finditer":
            all(result)


@cache
def uses() -> tuple[Use, ...]:
    """Return every pattern that the package gives to ``re``, with each method it is used by."""
    paths = [path for path, text in _sources().items() if "import re\n" in text]
    return tuple(sorted({use for path in paths for use in _of_module(path)}, key=str))


def _of_module(path: Path) -> Iterator[Use]:
    tree = _tree(path)
    module = importlib.import_module(_name(path))
    for scope in [tree, *_functions(tree)]:
        for call in _calls(scope):
            known = _locals(scope, vars(module)) if isinstance(scope, ast.FunctionDef) else {}
            pattern, flags = _arguments(call, {**LOCALS, **vars(module), **known})
            place = f"{path.relative_to(ROOT)}:{call.lineno}"
            assert isinstance(call.func, ast.Attribute)
            if call.func.attr != "compile":
                yield Use(place, pattern, flags, call.func.attr)
                continue
            for method in _methods(tree, scope, call):
                yield Use(place, pattern, flags, method)


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(_sources()[path])


def _functions(tree: ast.Module) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def _calls(scope: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls of ``re`` in a scope, without those in functions below it."""
    for node in ast.iter_child_nodes(scope):
        match node:
            case ast.FunctionDef():
                continue
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=attribute)):
                if attribute == "compile" or attribute in METHODS:
                    yield node
        yield from _calls(node)


def _locals(scope: ast.FunctionDef, known: dict[str, Any]) -> dict[str, Any]:
    """Return what a function assigns to names, as far as it needs no more than LOCALS."""
    found: dict[str, Any] = {}
    for node in ast.walk(scope):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                try:
                    found[name] = _value(value, {**LOCALS, **known, **found})
                except Exception:  # noqa: BLE001 - it needs more; a pattern that uses it fails
                    continue
    return found


def _value(node: ast.expr, known: dict[str, Any]) -> Any:
    return eval(compile(ast.Expression(node), "pattern", "eval"), dict(known))


def _arguments(call: ast.Call, known: dict[str, Any]) -> tuple[str | bytes, int]:
    pattern = _value(call.args[0], known)
    flags = [keyword.value for keyword in call.keywords if keyword.arg == "flags"]
    assert isinstance(call.func, ast.Attribute)
    if call.func.attr == "compile":
        flags += call.args[1:2]
    if isinstance(pattern, re.Pattern):
        return pattern.pattern, pattern.flags & ~re.UNICODE.value
    return pattern, int(_value(flags[0], known)) if flags else 0


def _methods(tree: ast.Module, scope: ast.AST, call: ast.Call) -> Iterable[str]:
    """Return the methods that the package calls on a compiled pattern; ``search`` if unknown."""
    own = _assigned(scope, call)
    if isinstance(scope, ast.FunctionDef) and not own:
        name, trees = scope.name, _trees()
    else:
        name, trees = own, (tree,) if own.startswith("_") or scope is not tree else _trees()
    found = {method for each in trees for method in _called(each).get(name, ())}
    return sorted(found) or ["search"]


@cache
def _trees() -> tuple[ast.Module, ...]:
    """Return the modules that could call a method of a pattern."""
    calls = re.compile(rf"\.(?:{'|'.join(METHODS)})\b")
    return tuple(_tree(path) for path, text in _sources().items() if calls.search(text))


@cache
def _sources() -> dict[Path, str]:
    return {path: path.read_text(encoding="utf-8") for path in sorted(ROOT.rglob("*.py"))}


def _assigned(scope: ast.AST, call: ast.Call) -> str:
    """Return the name to which a scope assigns the pattern, or "" for none."""
    for node in ast.walk(scope):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                if any(it is call for it in ast.walk(value)):
                    return name
    return ""


@cache
def _called(tree: ast.Module) -> dict[str, set[str]]:
    """Return which methods of patterns a module calls, by the name that they are called on."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(
                value=ast.Name(id=owner)
                | ast.Attribute(attr=owner)
                | ast.Call(func=ast.Name(id=owner) | ast.Attribute(attr=owner)),
                attr=method,
            ) if method in METHODS:
                found.setdefault(owner, set()).add(method)
    return found


def hostile(use: Use, size: int) -> Iterator[str]:
    """Yield texts of about this size: runs of what the pattern repeats, and near-matches."""
    text = use.pattern.decode() if isinstance(use.pattern, bytes) else use.pattern
    seen = set()
    for before, unit in _repeated(_PARSER.parse(text, use.flags), ""):
        for one in (f"{before}{unit * (size // len(unit))}", unit * (size // len(unit))):
            seen |= {one, f"{one}\0"}
        both = f"{before}{unit}"
        seen.add(both * (size // len(both)))
        if before:
            seen.add(before * (size // len(before)))
    yield from sorted(seen)


def _repeated(parsed: Iterable[Any], before: str) -> Iterator[tuple[str, str]]:
    """Yield the shortest text before each long repetition of a pattern, and what it repeats."""
    for operator, argument in parsed:
        name = str(operator)
        if name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
            _, most, body = argument
            if int(most) > _LONG:
                yield from ((before, unit) for unit in _units(body))
            yield from _repeated(body, before)
        elif name == "BRANCH":
            for branch in argument[1]:
                yield from _repeated(branch, before)
        elif name == "SUBPATTERN":
            yield from _repeated(argument[3], before)
        elif name == "ATOMIC_GROUP":
            yield from _repeated(argument, before)
        elif name in {"ASSERT", "ASSERT_NOT"}:
            yield from _repeated(argument[1], before)
        before += next(_texts([(operator, argument)]), "")


def _units(body: Any) -> Iterator[str]:
    if len(body) == 1 and (accepted := [*_accepted(body[0])]):
        yield from accepted
        return
    yield from (text for text in {*islice(_texts(body), _MOST_UNITS)} if text)


def _accepted(node: Any) -> Iterator[str]:
    """Yield the characters of the alphabet that one node of a pattern accepts."""
    operator, argument = node
    match str(operator):
        case "ANY":
            yield from _ALPHABET
        case "LITERAL":
            yield chr(argument)
        case "NOT_LITERAL":
            yield from (char for char in _ALPHABET if char != chr(argument))
        case "IN":
            known = [char for char in _ALPHABET if _is_in(char, argument)]
            yield from known or (
                chr(item[1] if str(item[0]) == "LITERAL" else item[1][0])
                for item in argument
                if str(item[0]) in {"LITERAL", "RANGE"}
            )


_CATEGORIES = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}


def _is_in(char: str, items: list[Any]) -> bool:
    negated = str(items[0][0]) == "NEGATE"
    return any(_is_item(char, item) for item in items) != negated


def _is_item(char: str, item: Any) -> bool:
    operator, argument = item
    match str(operator):
        case "LITERAL":
            return ord(char) == int(argument)
        case "RANGE":
            return bool(argument[0] <= ord(char) <= argument[1])
        case "CATEGORY":
            return re.match(_CATEGORIES[str(argument)], char) is not None
        case _:
            return False


def _texts(nodes: Iterable[Any]) -> Iterator[str]:
    """Yield short texts that nodes of a pattern match, the shortest ones first."""
    nodes = [*nodes]
    if not nodes:
        yield ""
        return
    for begin in _of_node(nodes[0]):
        for rest in islice(_texts(nodes[1:]), _MOST_UNITS):
            yield begin + rest


def _of_node(node: Any) -> Iterator[str]:
    operator, argument = node
    match str(operator):
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least, most, body = argument
            shortest = next(_texts(body), "")
            yield shortest * least
            if most > least:
                yield from (shortest * least + text for text in islice(_texts(body), 2))
        case "SUBPATTERN":
            yield from _texts(argument[3])
        case "ATOMIC_GROUP":
            yield from _texts(argument)
        case "BRANCH":
            for branch in argument[1]:
                yield from islice(_texts(branch), 2)
        case "ASSERT" | "ASSERT_NOT" | "AT" | "GROUPREF" | "GROUPREF_EXISTS":
            yield ""
        case _:
            yield from _accepted(node)
