"""The exact shape of the locks that Poetry 2 writes, as one regular expression per part.

A text that matches is valid TOML without duplicate keys, and its values have the right types, with
versions and constraints that Poetry can read. Poetry also reads every marker, extra and address
when it installs, so these are matched as well. If a text does not match, that only means that a
real parser has to look. Patterns are compiled on first use and kept short, because compiling is
slow.
"""

from __future__ import annotations

import re
from functools import cache

from poetry_lockguard.manifest import certain

_CONTROLS = bytes([*range(9), *range(11, 32), 127])

# Strings on one line; ``is_clean`` has already checked control characters and escapes.
_PLAIN = r'"[^"\\\n]*"'
_NUMBERS = (
    r"v?[0-9]{1,40}(?:\.[0-9]{1,40}){0,40}"
    r"(?:[.-]?(?:a|b|c|rc|alpha|beta|dev|post)(?:\.?[0-9]{1,40})?|\.\*|-[0-9]{1,40})?"
)
TEXT = r'"[^"\\\n]*(?:\\.[^"\\\n]*)*"'
TEXTS = rf"\[(?:{TEXT}(?:, (?!\])|(?=\])))*\]"
KEY = rf"(?:[A-Za-z0-9_-]+|{_PLAIN})"
_BOOL = r"(?:true|false)"

_TABLE = (
    rf"\{{(?:(?:version|path|url|git) = {TEXT})(?:, develop = true)?"
    rf"(?:, (?:branch|tag|rev) = {TEXT})?(?:, subdirectory = {TEXT})?"
    rf"(?:, extras = {TEXTS})?(?:, optional = true)?(?:, markers = {TEXT})?\}}"
)
_DEPENDENCY = rf"(?:{_PLAIN}|{_TABLE})"
_DEPENDENCIES = rf"(?:{KEY} = (?:{_DEPENDENCY}|\[\n(?:    {_DEPENDENCY},\n)+\])\n)+"
_EXTRAS = rf"(?:{KEY} = {TEXTS}\n)+"
_BY_GROUP = rf"{KEY} = {TEXT}(?:, {KEY} = {TEXT})*"
_FILES = rf"files = \[(?:\]|\n(?:    \{{file = {_PLAIN}, hash = {_PLAIN}\}},\n)+\])\n"
_SOURCE = (
    rf"type = {TEXT}\nurl = {TEXT}\n(?:reference = {TEXT}\n)?"
    rf"(?:resolved_reference = {TEXT}\n)?(?:subdirectory = {TEXT}\n)?"
)
_GROUPS = {  # which format has groups, and where a marker may then be
    "2.0": r"(?P<marker>)(?P<markers>)",
    "2.1": rf"groups = {TEXTS}\n(?P<marker>markers = {TEXT}\n)?",
}
_MARKERS = {
    "2.0": "",
    "2.1": rf"(?:markers = \{{(?P<markers>{_BY_GROUP})\}}\n)?",
}

_VALUE = r'"([^"\\]*(?:\\.[^"\\]*)*)"'


@cache
def _escapes() -> re.Pattern[str]:
    return re.compile(r"\\(?:u.{0,4}|.?)", re.DOTALL)


@cache
def _escape() -> re.Pattern[str]:
    scalar = r"u(?:[0-9A-CE-Fa-ce-f]|[Dd](?=[0-7]))[0-9A-Fa-f]{3}"
    return re.compile(rf'\\(?:[btnfr"\\]|{scalar})')


def is_clean(text: str) -> bool:
    """Whether a text has no control characters and only escapes that TOML allows."""
    encoded = text.encode()
    if len(encoded.translate(None, _CONTROLS)) != len(encoded):
        return False
    return "\\" not in text or all(map(_escape().fullmatch, set(_escapes().findall(text))))


@cache
def package(lock_version: str) -> re.Pattern[str]:
    """Return the pattern of what follows ``[[package]]`` in format 2.0 or 2.1."""
    return re.compile(
        r'name = "[A-Za-z0-9][A-Za-z0-9._-]*"\n'
        rf'version = "(?P<version>[^"\\\n]*)"\n'
        rf"description = {TEXT}\n"
        rf"(?:category = {_PLAIN}\n)?"
        rf"optional = {_BOOL}\n"
        rf'python-versions = "(?P<python_versions>[^"\\\n]*)"\n'
        rf"{_GROUPS[lock_version]}{_FILES}(?:develop = {_BOOL}\n)?{_MARKERS[lock_version]}"
        rf"(?:\n\[package\.dependencies\]\n(?P<dependencies>{_DEPENDENCIES}))?"
        rf"(?:\n\[package\.extras\]\n(?P<extras>{_EXTRAS}))?"
        rf"(?:\n\[package\.source\]\n{_SOURCE})?"
    )


@cache
def header() -> re.Pattern[str]:
    """Return the pattern of what comes before the first package."""
    return re.compile(r"#[^\n]*\n(?P<empty>package = \[\]\n)?")


@cache
def extras() -> re.Pattern[str]:
    """Return the pattern of what follows ``[extras]``."""
    return re.compile(f"(?P<extras>{_EXTRAS})")


@cache
def metadata() -> re.Pattern[str]:
    """Return the pattern of what follows ``[metadata]``, up to the end of the file."""
    return re.compile(
        r'lock-version = "(?P<lock_version>2\.[01])"\n'
        rf"python-versions = {_PLAIN}\n"
        r'content-hash = "(?P<content_hash>[0-9a-f]*)"\n'
    )


@cache
def _constraints() -> re.Pattern[str]:
    return re.compile(rf'(?:^{KEY} = |^    |\{{version = )"([^"]*)"', re.MULTILINE)


@cache
def _keys_of_lines() -> re.Pattern[str]:
    return re.compile(rf"^({KEY}) = ", re.MULTILINE)


@cache
def _keys_in_line() -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9_-])({KEY}) = {TEXT}")


def constraints(match: re.Match[str]) -> list[str]:
    """Return the version constraints of one package."""
    dependencies = match["dependencies"]
    found = [match["python_versions"]]
    return found if dependencies is None else found + _constraints().findall(dependencies)


def lists(table: str | None) -> list[str]:
    """Return the values, without the keys, of a table of one list a line."""
    return [] if table is None else [line.partition(" = ")[2] for line in table.split("\n")]


def has_key_twice(match: re.Match[str]) -> bool:
    """Whether a package has a duplicate key in its dependencies or extras, or two markers."""
    markers = match["markers"]
    if markers and (match["marker"] or _repeats(_keys_in_line(), markers)):
        return True
    return any(repeats_a_key(match[table]) for table in ("dependencies", "extras"))


def repeats_a_key(table: str | None) -> bool:
    """Whether a table with one key per line has a duplicate key."""
    return table is not None and _repeats(_keys_of_lines(), table)


def _repeats(pattern: re.Pattern[str], table: str) -> bool:
    keys = [key.strip('"') for key in pattern.findall(table)]
    return len(set(keys)) != len(keys)


@cache
def _requirement() -> re.Pattern[str]:
    name = certain.NAME
    clauses = rf"(?:(?:[<>]=?|[!=]=|~=)?{_NUMBERS}(?:(?:,| \|\| )(?!\))|(?=\))))+"
    return re.compile(
        rf"(?P<name>{name})(?:\[{name}(?:,{name})*\])?(?: \({clauses}\))?(?: ; (?P<marker>.+))?",
        re.ASCII,
    )


@cache
def _values(key: str) -> re.Pattern[str]:
    return re.compile(f"{re.escape(key)} = {_VALUE}")  # begins with a literal: that is found fast


@cache
def _texts() -> re.Pattern[str]:
    return re.compile(_VALUE)


@cache
def is_requirement(text: str) -> bool:
    """Return whether a requirement of an extra is certainly one (PEP 508)."""
    found = _requirement().fullmatch(text)
    if found is None or certain.is_archive(found["name"]):
        return False
    return certain.is_marker(found["marker"] or "")


def markers(lock: str, by_group: list[str]) -> set[str]:
    """Return the markers in the text of a lock that Poetry wrote, and in tables by group."""
    found = _values("markers").findall(lock) + _strings(by_group)
    return {*map(_plain, found)}


def requirements(extras: list[str]) -> set[str]:
    """Return the requirements in the text of tables of extras, their lists without the keys."""
    return {*map(_plain, _strings(extras))}


def are_addresses(lock: str) -> bool:
    """Whether the addresses in the text of a lock are certain, of pins and of what they need."""
    checks = {"\nurl": certain.is_address, "{url": certain.is_url, "{git": certain.is_repository}
    return all(
        check(text) for key, check in checks.items() for text in set(_values(key).findall(lock))
    )


def _strings(texts: list[str]) -> list[str]:
    found: list[str] = _texts().findall("\n".join(texts))
    return found


def _plain(text: str) -> str:
    """Return a text without its escapes; with those that only TOML has, it stays as it is."""
    plain = text.replace('\\"', '"')
    if "\\" not in plain:
        return plain
    import json

    try:
        return str(json.loads(f'"{text}"', strict=False))  # TOML allows tabs, too
    except ValueError:
        return text
