"""Parses ``[tool.lockguard]`` and reports all mistakes at once.

Every check is a generator of mistakes, so that a table with five mistakes reports all five. Values
are converted afterwards, when their types are known to be right.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from poetry_lockguard.errors import SettingsError
from poetry_lockguard.nearest_names import nearest

if TYPE_CHECKING:
    from poetry_lockguard.policy.terms import Policy

GUARDS = ("off", "check", "fix")
LOCK_NEEDS = REQUIRED, OPTIONAL = ("required", "optional")
LOCK_FORMATS = KEEP, NEWEST = ("keep", "newest")
INSTALLS = FROM_LOCK, FROM_SNAPSHOT = ("lock", "snapshot")
STRATEGIES = ("offline", "relock", "salvage", "regenerate")
EXPORT_FORMATS = ("pylock", "requirements", "constraints", "cyclonedx")
#: among the mirrors: PyPI itself, directly or through the indexes that pip and uv use
AUTO = "auto"

_NOTHING: Mapping[str, Any] = MappingProxyType({})

Check = Callable[[Any, str], Iterator[str]]


class Settings(NamedTuple):
    """The settings of a project.

    ``lock_format`` is "keep" (a new lock changes only what changes in meaning) or "newest" (it is
    as the running Poetry writes it). ``lock`` says whether the lock may be missing. ``install`` is
    what ``lockguard install`` installs: the "lock" or the "snapshot". ``config`` is the
    configuration, or the variant, to take if several fit a machine. ``mirrors`` are URLs and
    AUTO, in the order of their use.
    ``timeout`` is in seconds for one fix. ``matrix`` and ``configurations`` have valid keys and
    types, but their values (versions, platforms, names) are not checked here. ``policy`` is
    None without such a table. ``exports`` are files that are derived from the lock, by their paths
    relative to the project's folder.
    """

    guard: str = "off"
    mirrors: tuple[str, ...] = ()
    strategies: tuple[str, ...] = STRATEGIES
    timeout: float = 600.0
    min_poetry: str | None = None
    snapshot: str = "lockguard.lock"
    lock: str = REQUIRED
    lock_format: str = KEEP
    install: str = FROM_LOCK
    config: str | None = None
    policy: Policy | None = None
    matrix: Mapping[str, Any] = _NOTHING
    configurations: Mapping[str, Any] = _NOTHING
    exports: Mapping[str, Any] = _NOTHING


def parse(table: Any, where: str) -> Settings:
    """Parse the ``[tool.lockguard]`` table; ``where`` is the file that messages name.

    Raises SettingsError that lists every unknown key, with the nearest known one, and every
    wrong value, one per line.
    """
    mistakes = [*_table(SETTINGS)(table, "")]
    if mistakes:
        raise settings_error(mistakes, where)
    values = {key.replace("-", "_"): _frozen(table[key]) for key in table}
    if "policy" in values:
        from poetry_lockguard.policy.terms import policy

        values["policy"] = policy(table["policy"])
    return Settings(**values)


def settings_error(mistakes: Sequence[str], where: str) -> SettingsError:
    """Return the error that lists these mistakes in ``[tool.lockguard]``, one per line."""
    is_one = len(mistakes) == 1
    count = "a mistake; correct it" if is_one else f"{len(mistakes)} mistakes; correct them"
    lines = "".join(f"\n  {mistake}" for mistake in mistakes)
    return SettingsError(f"{where}: [tool.lockguard] has {count}:{lines}")


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
    each = _is(f"one of {names}", lambda item: item in STRATEGIES)
    mistakes = [*_list(each, f"a list of {names}")(value, place)]
    yield from mistakes
    if not mistakes and not value:
        yield f"{place}: expected at least one of {names}"
    if not mistakes and len({*value}) < len(value):
        yield f"{place}: expected each strategy once"


def _policy(value: Any, place: str) -> Iterator[str]:
    """Check the policy; its own module is loaded only where there is one."""
    from poetry_lockguard.policy import terms

    age = _is('a time such as "7 days"', lambda item: terms.age(item) is not None)
    bans = _is('a package such as "urllib3<2.2"', lambda item: terms.banned(item) is not None)
    ignore = {"id": _TEXT, "until": _is("a date such as 2027-01-31", terms.is_day), "reason": _TEXT}
    checks: dict[str, Check] = {
        "hosts": _list(_is('a host such as "git.example.com"', terms.is_host), "a list of hosts"),
        "min-age": age,
        "min-age-unknown": _is(
            f"one of {', '.join(terms.UNKNOWN_AGES)}", lambda item: item in terms.UNKNOWN_AGES
        ),
        "deny": _list(bans, "a list of packages"),
        "advisories": _TEXT,
        "ignore": _list(_identified(_table(ignore)), "a list of tables"),
    }
    yield from _table(checks)(value, place)


def _identified(check: Check) -> Check:
    """Return a check of a table that must have an ``id`` as well."""

    def checked(value: Any, place: str) -> Iterator[str]:
        yield from check(value, place)
        if isinstance(value, dict) and "id" not in value:
            yield f"{place}.id: is missing; name the advisory to ignore"

    return checked


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_mirror(value: Any) -> bool:
    """Whether a value is the URL of an index; a password in it must be percent-encoded."""
    from poetry_lockguard.urls import flaw

    return value == AUTO or (isinstance(value, str) and flaw(value) is None)


def _is_seconds(value: Any) -> bool:
    return isinstance(value, (int, float)) and value is not True and 0 < value < math.inf


def _is_version(value: Any) -> bool:
    from packaging.version import Version

    try:
        return isinstance(value, str) and bool(Version(value).release)
    except ValueError:
        return False


def _is_snapshot(value: Any) -> bool:
    """Whether a value is a file below the project's folder that is not one of Poetry's or git's."""
    if not _is_text(value) or value[0] in "/\\" or value[1:2] == ":" or not value.isprintable():
        return False
    parts = re.split(r"[/\\]", value)
    is_gits = any(part.rstrip(". ").lower() in {".git", "git~1"} for part in parts)  # on any system
    others = {"", "poetry.lock", "pyproject.toml"}
    return not (is_gits or {"..", "."} & {*parts} or parts[-1] in others)


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


def _sources(value: Any, place: str) -> Iterator[str]:
    """Check sources of packages: each the name of a source, a URL, or a table with a URL."""
    if not isinstance(value, dict):
        yield _expected('a table such as { torch = "pytorch" }', value, place)
        return
    for name, source in value.items():
        below = f"{place}.{name}"
        if isinstance(source, dict):
            yield from _table({"name": _TEXT, "url": _TEXT})(source, below)
        elif not _is_text(source):
            yield _expected("the name of a source, or a table with its url", source, below)


_TEXT = _is("a string", _is_text)
_TEXTS = _list(_TEXT, "a list of strings")
_SETS = _list(_TEXTS, "a list of lists of strings")
_VALUES = {
    "python": _TEXT,
    "implementation": _TEXT,
    "platform": _TEXT,
    "groups": _TEXTS,
    "extras": _TEXTS,
}
_VARIANT = {
    "groups": _TEXTS,
    "extras": _TEXTS,
    "sources": _sources,
    "constraints": _TEXTS,
}
_CONFIGURATION = _VALUES | _VARIANT
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
    "variants": _tables(_table(_VARIANT)),
    "exclude": _list(_table(_VALUES | {"variant": _TEXT}), "a list of tables"),
}
SETTINGS: dict[str, Check] = {
    "guard": _is(f"one of {', '.join(GUARDS)}", lambda value: value in GUARDS),
    "mirrors": _list(
        _is(f'an http or https URL or "{AUTO}"', _is_mirror), f'a list of URLs and "{AUTO}"'
    ),
    "strategies": _strategies,
    "timeout": _is("a positive number of seconds", _is_seconds),
    "min-poetry": _is('a version of Poetry, such as "2.0"', _is_version),
    "snapshot": _is("the relative path of a separate file", _is_snapshot),
    "lock": _is(f"one of {', '.join(LOCK_NEEDS)}", lambda value: value in LOCK_NEEDS),
    "lock-format": _is(f"one of {', '.join(LOCK_FORMATS)}", lambda value: value in LOCK_FORMATS),
    "install": _is(f"one of {', '.join(INSTALLS)}", lambda value: value in INSTALLS),
    "config": _TEXT,
    "policy": _policy,
    "matrix": _table(_MATRIX),
    "configurations": _tables(_table(_CONFIGURATION)),
    "exports": _exports,
}
