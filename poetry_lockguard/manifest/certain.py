"""Recognizes versions, constraints, markers, requirements and addresses that Poetry surely reads.

A text that matches is one that Poetry reads, and does so quickly. If it does not match, that only
means that Poetry has to be asked. Patterns are compiled on first use and kept short, because
compiling is slow.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

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

# Markers and addresses that are beyond doubt.
_NUMBERS = r"[0-9]{1,40}(?:\.[0-9]{1,40}){0,40}"
_ATOM = (
    rf'(?:python_(?:full_)?version ?(?:[<>]=?|[!=]=) ?"{_NUMBERS}"'
    rf'|python_(?:full_)?version ?~= ?"{_NUMBERS}\.[0-9]{{1,40}}"'
    rf'|python_version ?[!=]= ?"{_NUMBERS}\.\*"'
    r"|python_full_version ?(?:[<>]=?|[!=]=)"
    r' ?"[0-9]{1,40}(?:\.[0-9]{1,40}){2}(?:a|b|rc)[0-9]{1,40}"'
    r"|(?:os_name|sys_platform|platform_(?:machine|system|python_implementation)"
    r'|implementation_name|extra) ?[!=]= ?"[\w.+-]+")'
)
NAME = r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?"
_MOST_MIXED, _MOST_ALIKE = 3, 40
_PATH = r"[\w./~+-]+"
_LONGEST = 1000
_ARCHIVES = (
    *(".zip", ".whl", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tar.xz", ".txz"),
    *(".tlz", ".tar.lz", ".tar.lzma"),
)
_PLAIN = frozenset("0123456789.*<>=!^~, |")
_OPERATORS = ("==", "!=", "~=", "<", ">")


@cache
def version() -> re.Pattern[str]:
    """Return the pattern of a pin's version."""
    return re.compile(_VERSION)


@cache
def constraint() -> re.Pattern[str]:
    """Return the pattern of a version constraint."""
    return re.compile(rf"{_CLAUSE}(?:(?:, ?| \|\| ){_CLAUSE}){{0,99}}")


@cache
def is_constraint(text: str) -> bool:
    """Whether a version constraint is certainly one."""
    return constraint().fullmatch(text) is not None


@cache
def is_python_range(text: str) -> bool:
    """Whether a range of Pythons is certainly one in which a Python can be."""
    return (
        is_constraint(text)
        and _PLAIN.issuperset(text)
        and all(
            _fit_together([clause.strip(" ") for clause in part.split(",")])
            for part in text.split("||")
            if "," in part
        )
    )


@cache
def _marker() -> re.Pattern[str]:
    return re.compile(rf"(?:\(*{_ATOM}\)*(?: (?:and|or) (?!\Z)|\Z))+")


@cache
def is_marker(text: str) -> bool:
    """Whether a marker is certainly one, and simple for Poetry; an empty one is."""
    if "'" in text and '"' not in text:
        text = text.replace("'", '"')
    return not text or (
        _marker().fullmatch(text) is not None and _is_balanced(text) and _is_simple(text)
    )


@cache
def _address() -> re.Pattern[str]:
    return re.compile(
        r"(?:https?|ssh)://(?:[\w.-]+@)?[\w.-]+(?::[0-9]+)?/[\w./~+%@=-]*"
        rf"|(?:[\w.-]+@[\w.-]+:)?{_PATH}",
        re.ASCII,
    )


@cache
def is_address(text: str) -> bool:
    """Whether an address is certainly one of a file or a repository, or a path."""
    return _address().fullmatch(text) is not None


@cache
def _repository() -> re.Pattern[str]:
    part = r"[\w.~-]+"
    server = rf"(?:https?|ssh)://(?:[\w.-]+@)?[\w.-]+(?::[0-9]+)?/(?:{part}/)*"
    short = rf"[\w.-]+@[\w.-]+:(?:{part}/)+"  # for Poetry, a folder is a must
    return re.compile(rf"(?:{server}|{short}){part}", re.ASCII)


@cache
def is_repository(text: str) -> bool:
    """Whether an address is certainly one of a repository on a server."""
    return _repository().fullmatch(text) is not None


@cache
def is_url(text: str) -> bool:
    """Whether an address is certainly one of a file on a server."""
    return text.startswith(("https://", "http://")) and is_address(text)


def is_archive(name: str) -> bool:
    """Whether Poetry takes a name that a PEP 508 requirement begins with for a file, and fails."""
    return "." in name and name.lower().endswith(_ARCHIVES)


@cache
def _head() -> re.Pattern[str]:
    """Return the pattern of what comes before a requirement's marker."""
    extras = rf"\[ ?{NAME}(?:, ?{NAME})* ?\]"
    return re.compile(rf"(?P<name>{NAME}) ?(?:{extras})? ?(?P<clauses>\([^()]+\)|[^()]*)", re.ASCII)


@cache
def is_requirement(text: str) -> bool:
    """Whether a manifest's requirement (PEP 508) is certainly one that some version fulfills."""
    head, found, marker = text.partition(";")
    match = _head().fullmatch(head.strip(" ")) if len(head) < _LONGEST else None
    if match is None or is_archive(match["name"]):
        return False
    if not (is_marker(marker.strip(" ")) if marker.strip(" ") else not found):
        return False
    clauses = match["clauses"].strip("()").strip(" ")
    return not clauses or _fit_together([clause.strip(" ") for clause in clauses.split(",")])


def _fit_together(clauses: Sequence[str]) -> bool:
    """Whether clauses are certain, and certainly some version fits all of them."""
    if not all(clause.startswith(_OPERATORS) and is_constraint(clause) for clause in clauses):
        return False
    if len(clauses) == 1:
        return "|" not in clauses[0]
    lower, upper = _bounds(clauses, ">"), _bounds(clauses, "<")
    others = [clause for clause in clauses if clause[0] not in "<>"]
    return (
        len(lower) <= 1
        and len(upper) <= 1
        and None not in {*lower, *upper}
        and all(clause.startswith("!=") and not clause.endswith("*") for clause in others)
        and not any("|" in clause for clause in clauses)
        and (not (lower and upper) or _is_below(lower[0], upper[0]))
    )


def _bounds(clauses: Sequence[str], sign: str) -> list[tuple[int, ...] | None]:
    """Return the numbers of the bounds with this sign; None for one that is not just numbers."""
    return [_numbers(clause.lstrip("<>= ")) for clause in clauses if clause[0] == sign]


def _numbers(text: str) -> tuple[int, ...] | None:
    parts = text.split(".")
    return tuple(map(int, parts)) if all(map(str.isdecimal, parts)) else None


def _is_below(lower: tuple[int, ...] | None, upper: tuple[int, ...] | None) -> bool:
    """Whether one release comes before another, if zeros at the end do not count."""
    if lower is None or upper is None:
        return False
    width = max(len(lower), len(upper))
    one, other = (numbers + (0,) * (width - len(numbers)) for numbers in (lower, upper))
    return one < other


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
