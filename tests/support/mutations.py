"""Changes that nobody foresaw: to a value, a key, a line, or a few characters of a file."""

from __future__ import annotations

import re
import signal
import time
from contextlib import contextmanager
from copy import deepcopy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator
    from types import FrameType

    from conftest import Result

    Change = Callable[[random.Random, str], str]

LIMIT = 2.0  #: seconds of the processor for one of these files
_VALUE = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|\b(?:true|false|null)\b|\b\d+\b|\[\]|\{\}")
_NAME = re.compile(r"[\w.-]+(?=\"?\s*[=:])")
_SIGNS = "\"'[]{},.=<>!~^*;:() \\09aé\t-_|@/\n\r\0\ufeff\u202e"
_BARE = [
    "null", "true", "false", "0", "-1", "1e999", "nan", "inf", "9" * 5001, "[]", "{}", "[[]]",
    "[{}]", "{a = 1}", '{"a": 1}', "1979-05-27", "07:32:00", "[1]", "['a', 1]", '["a"]', '"""',
]  # fmt: skip
_TEXTS = [
    "", " ", "*", "((", "\\u0000", "\\ud800", "\\u202e", "\\n::stop-commands::x", "a" * 5000, "..",
    "../../x", "/etc/passwd", "/dev/zero", "-x", "--output=x", "http://[::1/x", "https://x:y@h/",
    "file:///x", "ext::sh -c x", ">=", "^", ">=1,<1", "1 || 2", "1.0.post1.dev0+x.y", "1" * 5001,
    "==1.*", "~=1", 'extra == \\"x\\"', 'python_version < \\"x\\"', "sha256:", "md5:x", "%s%n",
    "{}", "<error>", "main", "dev", "root", "pypi", "git", "url", "directory", "~", "$HOME", "é",
    'python_version in \\"3.8\\"', 'a[b] (>=1) ; os_name == \\"nt\\"', "@", "a @ http://x/y.whl",
]  # fmt: skip


def mutated(rng: random.Random, text: str) -> str:
    """Return a text with one to three changes."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        text = rng.choice(_CHANGES)(rng, text)
    return text


def grafted(rng: random.Random, document: Any) -> None:
    """Put one to three values of a document in the places of others of the same key.

    What comes of it has the right form, so that more of it is read than of ``mutated`` texts.
    """
    places: dict[str, list[dict[str, Any]]] = {}
    waiting = [document]
    while waiting:
        table = waiting.pop()
        if isinstance(table, list):
            waiting += table
        elif isinstance(table, dict):
            waiting += table.values()
            for key in table:
                places.setdefault(key, []).append(table)
    several = [key for key, tables in places.items() if len(tables) > 1]
    for _ in range(rng.choice((1, 1, 2, 3))):
        key = rng.choice(several)
        source, target = rng.choice(places[key]), rng.choice(places[key])
        target[key] = deepcopy(source[key])


def encoded(text: str) -> bytes:
    """Return the bytes of a text, even of one with half of a surrogate pair."""
    return text.encode("utf-8", "surrogatepass")


def _value(rng: random.Random, text: str) -> str:
    new = rng.choice(_BARE) if rng.random() < 0.5 else f'"{rng.choice(_TEXTS)}"'
    return _replaced(rng, _VALUE, text, new)


def _copied(rng: random.Random, text: str) -> str:
    """Put a value of the text in the place of another one."""
    values: list[str] = _VALUE.findall(text)
    return _replaced(rng, _VALUE, text, rng.choice(values or [""]))


def _name(rng: random.Random, text: str) -> str:
    names: list[str] = _NAME.findall(text)
    deep = ".".join("ab" * 600)
    return _replaced(rng, _NAME, text, rng.choice([*names, "x", "", deep, "python"]))


def _replaced(rng: random.Random, pattern: re.Pattern[str], text: str, new: str) -> str:
    found = [*pattern.finditer(text)]
    if not found:
        return text
    at = rng.choice(found)
    return text[: at.start()] + new + text[at.end() :]


def _line(rng: random.Random, text: str) -> str:
    """Remove, move or repeat a few lines."""
    lines = text.splitlines(keepends=True) or [""]
    first = rng.randrange(len(lines))
    taken = lines[first : first + rng.choice((1, 1, 1, 5))]
    del lines[first : first + len(taken)]
    if rng.random() < 0.5:
        at = rng.randint(0, len(lines))
        lines[at:at] = taken * rng.choice((1, 2))
    return "".join(lines)


def _signs(rng: random.Random, text: str) -> str:
    at = rng.randint(0, len(text))
    gone = rng.choice((0, 0, 1, rng.randint(1, 40)))
    new: str = rng.choice([*_SIGNS, ""])
    return text[:at] + new + text[at + gone :]


def _cut(rng: random.Random, text: str) -> str:
    return text[: rng.randint(0, len(text))]


_CHANGES: list[Change] = [
    *(_value, _value, _value, _copied, _name, _line, _line, _signs, _signs, _signs, _cut)
]


@contextmanager
def in_time(seconds: float = LIMIT) -> Iterator[None]:
    """Fail if the block takes longer, of the processor; end one that would never end."""

    def end(_number: int, _frame: FrameType | None) -> None:
        pytest_says = f"not done after {seconds * 5} seconds"
        raise TimeoutError(pytest_says)

    has_timer = hasattr(signal, "setitimer")
    before = signal.signal(signal.SIGPROF, end) if has_timer else None
    start = time.process_time()
    if has_timer:
        signal.setitimer(signal.ITIMER_PROF, seconds * 5)
    try:
        yield
    finally:
        if has_timer:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)
    assert time.process_time() - start < seconds


def is_foreseen(result: Result) -> bool:
    """Whether a command ended as documented: no traceback, no error that nobody expected."""
    said = result.out + result.err
    return result.code in {0, 1, 2} and "Traceback" not in said and "run with -v" not in said
