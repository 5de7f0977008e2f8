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

_CONTROLS = bytes([*range(9), *range(11, 32), 127])

# Strings on one line; ``is_clean`` has already checked control characters and escapes.
_PLAIN = r'"[^"\\\n]*"'
TEXT = r'"[^"\\\n]*(?:\\.[^"\\\n]*)*"'
TEXTS = rf"\[(?:{TEXT}(?:, (?!\])|(?=\])))*\]"
KEY = rf"(?:[A-Za-z0-9_-]+|{_PLAIN})"
_BOOL = r"(?:true|false)"

# Versions and constraints whose meaning is certain; unusual ones are for Poetry's own parser.
_VERSION = (
    r"(?:[0-9]{1,40}!)?[0-9]{1,40}(?:\.[0-9]{1,40}){0,40}"
    r"(?:[._-]?(?:a|b|c|rc|alpha|beta|pre|preview)(?:[._-]?[0-9]{1,40})?)?"
    r"(?:[._-]?post(?:[._-]?[0-9]{1,40})?)?(?:[._-]?dev(?:[._-]?[0-9]{1,40})?)?"
    r"(?:\+[a-z0-9]{1,200}(?:[._-][a-z0-9]{1,200}){0,40})?"
)
_CLAUSE = (
    rf"(?:\*|(?:(?:<=|>=|==|!=|<|>|\^|~=|~) ?)?{_VERSION}"
    r"|(?:(?:<=|>=|==|!=|<|>) ?)?[0-9]{1,40}(?:\.[0-9]{1,40}){0,40}\.\*)"
)

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

# Markers, requirements of extras and addresses that are beyond doubt; each part stands once.
_NUMBERS = (
    r"v?[0-9]{1,40}(?:\.[0-9]{1,40}){0,40}"
    r"(?:[.-]?(?:a|b|c|rc|alpha|beta|dev|post)(?:\.?[0-9]{1,40})?|\.\*|-[0-9]{1,40})?"
)
_ATOM = (
    rf'(?:python_(?:full_)?version (?:[<>]=?|[!=]=|~=) "{_NUMBERS}"'
    r"|(?:os_name|sys_platform|platform_(?:machine|system|python_implementation)"
    r'|implementation_name|extra) [!=]= "[\w.+-]+")'
)
_NAME = r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?"
_MOST_MIXED, _MOST_ALIKE = 3, 40
_PATH = r"[\w./~+-]+"
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
def version() -> re.Pattern[str]:
    """Return the pattern of a pin's version."""
    return re.compile(_VERSION)


@cache
def constraint() -> re.Pattern[str]:
    """Return the pattern of a version constraint."""
    return re.compile(rf"{_CLAUSE}(?:(?:, ?| \|\| ){_CLAUSE}){{0,99}}")


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
def _marker() -> re.Pattern[str]:
    return re.compile(rf"(?:\(*{_ATOM}\)*(?: (?:and|or) (?!\Z)|\Z))+")


@cache
def _requirement() -> re.Pattern[str]:
    clauses = rf"(?:(?:[<>]=?|[!=]=|~=)?{_NUMBERS}(?:(?:,| \|\| )(?!\))|(?=\))))+"
    return re.compile(
        rf"{_NAME}(?:\[{_NAME}(?:,{_NAME})*\])?(?: \({clauses}\))?(?: ; (?P<marker>.+))?", re.ASCII
    )


@cache
def _address() -> re.Pattern[str]:
    return re.compile(
        r"(?:https?|ssh)://(?:[\w.-]+@)?[\w.-]+(?::[0-9]+)?/[\w./~+%@=-]*"
        rf"|(?:[\w.-]+@[\w.-]+:)?{_PATH}",
        re.ASCII,
    )


@cache
def _values(key: str) -> re.Pattern[str]:
    return re.compile(f"{re.escape(key)} = {_VALUE}")  # begins with a literal: that is found fast


@cache
def _texts() -> re.Pattern[str]:
    return re.compile(_VALUE)


@cache
def is_marker(text: str) -> bool:
    """Return whether a marker is certainly one, and simple for Poetry; an empty one is."""
    return not text or (
        _marker().fullmatch(text) is not None and _is_balanced(text) and _is_simple(text)
    )


@cache
def is_requirement(text: str) -> bool:
    """Return whether a requirement of an extra is certainly one (PEP 508)."""
    found = _requirement().fullmatch(text)
    return found is not None and is_marker(found["marker"] or "")


@cache
def is_address(text: str) -> bool:
    """Return whether an address is certainly one of a file or a repository, or a path."""
    return _address().fullmatch(text) is not None


def markers(lock: str, by_group: list[str]) -> set[str]:
    """Return the markers in the text of a lock that Poetry wrote, and in tables by group."""
    found = _values("markers").findall(lock) + _strings(by_group)
    return {*map(_plain, found)}


def requirements(extras: list[str]) -> set[str]:
    """Return the requirements in the text of tables of extras, their lists without the keys."""
    return {*map(_plain, _strings(extras))}


def addresses(lock: str) -> set[str]:
    """Return the addresses in the text of a lock."""
    keys = ("\nurl", "{url", "{git")
    return {text for key in keys for text in _values(key).findall(lock)}


def _strings(texts: list[str]) -> list[str]:
    found: list[str] = _texts().findall("\n".join(texts))
    return found


def _plain(text: str) -> str:
    plain = text.replace('\\"', '"')
    if "\\" not in plain:
        return plain
    import json

    return str(json.loads(f'"{text}"'))


def _is_simple(text: str) -> bool:
    """Whether a marker has few mixtures of "and" and "or", which take Poetry long to simplify."""
    counts = sorted((text.count(" and "), text.count(" or ")))
    return counts[0] <= _MOST_MIXED and counts[1] <= _MOST_ALIKE


def _is_balanced(text: str) -> bool:
    depth = 0
    for one in text if "(" in text or ")" in text else "":
        depth += (one == "(") - (one == ")")
        if depth < 0:
            return False
    return depth == 0
