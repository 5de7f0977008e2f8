"""``[tool.lockguard]``: parsed once, all mistakes at once.

Every check is a generator of mistakes, so that a table with five of them names five. Conversion
comes after: by then the shapes are known to be right.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from poetry_lockguard.errors import SettingsError
from poetry_lockguard.typed_table import nearest

GUARDS = ("off", "check", "fix")
LOCK_FORMATS = KEEP, NEWEST = ("keep", "newest")
STRATEGIES = ("offline", "relock", "salvage", "regenerate")
EXPORT_FORMATS = ("pylock", "requirements", "constraints", "cyclonedx")
AUTO = "auto"  #: among the mirrors: PyPI itself, by whatever way it can be reached

Check = Callable[[Any, str], Iterator[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a project asked for.

    ``lock_format`` is "keep" (a new lock changes what means something else) or "newest" (it is as
    the running Poetry writes it). ``mirrors`` are addresses and AUTO, in the order to ask them.
    ``timeout`` is in seconds for one fix. ``matrix`` and ``configurations`` have sound keys and
    types, but their values (versions, platforms, names) are not looked at here. ``exports`` are
    files that are derived from the lock, by their paths relative to the project's folder.
    """

    guard: str = "off"
    mirrors: tuple[str, ...] = ()
    strategies: tuple[str, ...] = STRATEGIES
    timeout: float = 600.0
    min_poetry: str | None = None
    snapshot: str = "lockguard.lock"
    lock_format: str = KEEP
    matrix: Mapping[str, Any] = field(default_factory=dict)
    configurations: Mapping[str, Any] = field(default_factory=dict)
    exports: Mapping[str, Any] = field(default_factory=dict)


def parse(table: Any, where: str) -> Settings:
    """Parse the ``[tool.lockguard]`` table; ``where`` is the file that messages name.

    Raises SettingsError that lists every unknown key, with the nearest known one, and every
    wrong value, one a line.
    """
    mistakes = [*_table(SETTINGS)(table, "")]
    if mistakes:
        raise settings_error(mistakes, where)
    return Settings(**{key.replace("-", "_"): _frozen(table[key]) for key in table})


def settings_error(mistakes: Sequence[str], where: str) -> SettingsError:
    """Return the error that lists these mistakes in ``[tool.lockguard]``, one a line."""
    count = "a mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
    lines = "".join(f"\n  {mistake}" for mistake in mistakes)
    return SettingsError(f"{where}: [tool.lockguard] has {count}; correct it there:{lines}")


def _frozen(value: Any) -> Any:
    match value:
        case list():
            return tuple(value)
        case int():
            return float(value)
        case _:
            return value


def _table(known: Mapping[str, Check]) -> Check:
    def check(value: Any, place: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield _expected("a table", value, place)
            return
        for key, item in value.items():
            below = f"{place}.{key}".removeprefix(".")
            if key in known:
                yield from known[key](item, below)
            else:
                yield f"{below}: unknown key; the nearest known one is {nearest(key, known)}"

    return check


def _tables(each: Check) -> Check:
    def check(value: Any, place: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield _expected("a table of tables", value, place)
            return
        for key, item in value.items():
            yield from each(item, f"{place}.{key}")

    return check


def _list(each: Check, expected: str) -> Check:
    def check(value: Any, place: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield _expected(expected, value, place)
            return
        for number, item in enumerate(value):
            yield from each(item, f"{place}[{number}]")

    return check


def _is(expected: str, test: Callable[[Any], bool]) -> Check:
    def check(value: Any, place: str) -> Iterator[str]:
        if not test(value):
            yield _expected(expected, value, place)

    return check


def _strategies(value: Any, place: str) -> Iterator[str]:
    names = ", ".join(STRATEGIES)
    one = _is(f"one of {names}", lambda item: item in STRATEGIES)
    mistakes = [*_list(one, f"a list of {names}")(value, place)]
    yield from mistakes
    if not mistakes and not value:
        yield f"{place}: expected at least one of {names}"
    if not mistakes and len({*value}) < len(value):
        yield f"{place}: expected each strategy once"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_mirror(value: Any) -> bool:
    """Accept what an index can be asked at; a password in it has to be percent-encoded."""
    from poetry_lockguard.urls import flaw

    return value == AUTO or (isinstance(value, str) and flaw(value) is None)


def _is_seconds(value: Any) -> bool:
    return isinstance(value, (int, float)) and value is not True and 0 < value < math.inf


def _is_version(value: Any) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        return isinstance(value, str) and bool(Version(value).release)
    except InvalidVersion:
        return False


def _is_snapshot(value: Any) -> bool:
    """Accept a file below the project's folder that is not one of Poetry's own."""
    if not _is_text(value) or value[0] in "/\\" or value[1:2] == ":":
        return False
    parts = re.split(r"[/\\]", value)
    return not {"..", "."} & {*parts} and parts[-1] not in {"", "poetry.lock", "pyproject.toml"}


def _expected(what: str, value: Any, place: str) -> str:
    import json

    from poetry_lockguard.urls import redact, shown

    if isinstance(value, str):
        value = shown(value)
    text = redact(json.dumps(value, ensure_ascii=False, default=str))
    return f"{place}: expected {what}, not {text}".removeprefix(": ")


def _exports(value: Any, place: str) -> Iterator[str]:
    yield from _tables(_table(_EXPORT))(value, place)
    for name, table in value.items() if isinstance(value, dict) else ():
        below = f"{place}.{name}"
        if not _is_snapshot(name):
            yield f"{below}: expected the relative name of a file of its own"
        if isinstance(table, dict) and "format" not in table:
            yield f"{below}: format is missing; it is one of {', '.join(EXPORT_FORMATS)}"
        if isinstance(table, dict) and "config" in table and {"groups", "extras"} & {*table}:
            yield f"{below}: a configuration has its own groups and extras; drop one"


_TEXT = _is("a string", _is_text)
_TEXTS = _list(_TEXT, "a list of strings")
_SETS = _list(_TEXTS, "a list of lists of strings")
_CONFIGURATION = {
    "python": _TEXT,
    "implementation": _TEXT,
    "platform": _TEXT,
    "groups": _TEXTS,
    "extras": _TEXTS,
}
_EXPORT = {
    "format": _is(f"one of {', '.join(EXPORT_FORMATS)}", lambda value: value in EXPORT_FORMATS),
    "groups": _TEXTS,
    "extras": _TEXTS,
    "config": _TEXT,
}
_MATRIX = {
    "python": _TEXTS,
    "implementation": _TEXTS,
    "platform": _TEXTS,
    "groups": _SETS,
    "extras": _SETS,
    "exclude": _list(_table(_CONFIGURATION), "a list of tables"),
}
SETTINGS: dict[str, Check] = {
    "guard": _is(f"one of {', '.join(GUARDS)}", lambda value: value in GUARDS),
    "mirrors": _list(
        _is(f'an http or https URL or "{AUTO}"', _is_mirror), f'a list of URLs and "{AUTO}"'
    ),
    "strategies": _strategies,
    "timeout": _is("a positive number of seconds", _is_seconds),
    "min-poetry": _is('a version of Poetry, such as "2.0"', _is_version),
    "snapshot": _is("the relative name of a file of its own", _is_snapshot),
    "lock-format": _is(f"one of {', '.join(LOCK_FORMATS)}", lambda value: value in LOCK_FORMATS),
    "matrix": _table(_MATRIX),
    "configurations": _tables(_table(_CONFIGURATION)),
    "exports": _exports,
}
