"""Loads poetry-core without what plain projects do not need of it, in half the time.

poetry-core builds a parser from a grammar for the first marker, and another for the first
requirement. For one function on paths it loads ``urllib.request``, and so TLS, HTTP and e-mail.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING

from poetry_lockguard.manifest import certain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry.core.version.markers import BaseMarker
    from poetry.core.version.requirements import Requirement

_TOKEN = re.compile(
    r"""(?P<name>[a-z_]{2,40}) ?(?P<operator>[<>=!~]{1,2}) ?["'](?P<value>[^"']{0,999})["']"""
    r"""|\(|\)|and|or"""
)
_HEAD = re.compile(r"(?P<name>[\w.-]+) ?(?:\[(?P<extras>[^\]]+)\])? ?(?P<clauses>.*)", re.ASCII)
_PATHS = "urllib.request"


def load() -> None:
    """Load poetry-core so that it starts quickly, and reads what is certain without its grammars.

    Does nothing if poetry-core's markers are imported already, because other modules may hold
    the functions that this replaces.
    """
    if "poetry.core.version.markers" not in sys.modules:
        _read_plain_texts()
        _load_without_requests()


def _read_plain_texts() -> None:
    """Replace what reads markers and requirements; before 2.1, poetry-core reads all itself."""
    from poetry.core.version import markers, requirements

    if not hasattr(requirements, "parse_requirement"):
        return
    by_grammar, whole_by_grammar = markers.parse_marker, requirements.parse_requirement

    @cache
    def parse_marker(marker: str) -> BaseMarker:
        return plain_marker(marker) or by_grammar(marker)

    @cache
    def parse_requirement(requirement_string: str) -> Requirement:
        return plain_requirement(requirement_string) or whole_by_grammar(requirement_string)

    markers.parse_marker = parse_marker
    requirements.parse_requirement = parse_requirement


def _load_without_requests() -> None:
    """Import poetry-core's utilities while a function stands for ``urllib.request``."""
    if _PATHS in sys.modules:
        return
    paths = ModuleType(_PATHS)
    paths.url2pathname = _path_of_url  # type: ignore[attr-defined]
    sys.modules[_PATHS] = paths
    try:
        import poetry.core.packages.utils.utils  # noqa: F401
    except ImportError:  # another release needs more of it, and imports it when it is asked
        pass
    finally:
        del sys.modules[_PATHS]


def _path_of_url(url: str) -> str:
    from urllib.request import url2pathname

    return url2pathname(url)


def plain_marker(text: str) -> BaseMarker | None:
    """Return what poetry-core's ``parse_marker`` does; None if the text is not plain."""
    from poetry.core.version.markers import union

    if not text or not certain.is_marker(text):
        return None
    return union(*_alternatives(_TOKEN.finditer(text)))


def _alternatives(tokens: Iterator[re.Match[str]]) -> list[BaseMarker]:
    """Return the parts of a marker that "or" joins, up to the end or a closing parenthesis."""
    from poetry.core.version.markers import MarkerUnion, MultiMarker, SingleMarker

    groups: list[list[BaseMarker]] = [[]]
    for token in tokens:
        if token["name"]:
            condition = f"{token['operator']} {token['value']}"
            groups[-1].append(SingleMarker(token["name"], condition))
        elif token[0] == "(":
            groups[-1].append(MarkerUnion(*_alternatives(tokens)))
        elif token[0] == "or":
            groups.append([])
        elif token[0] == ")":
            break
    return [group[0] if len(group) == 1 else MultiMarker(*group) for group in groups]


def plain_requirement(text: str) -> Requirement | None:
    """Return what poetry-core's ``parse_requirement`` does; None if the text is not plain."""
    from poetry.core.constraints.version import parse_constraint
    from poetry.core.version.requirements import Requirement

    head, _, marker = text.partition(";")
    parts = _HEAD.fullmatch(head.strip(" ")) if certain.is_requirement(text) else None
    if parts is None:
        return None
    clauses = parts["clauses"].strip("()").split(",")
    made = Requirement.__new__(Requirement)
    made.name, made.url = parts["name"], None
    made.extras = [name.strip(" ") for name in (parts["extras"] or "").split(",") if name]
    made.pretty_constraint = ",".join(clause.strip(" ") for clause in clauses) or "*"
    made.constraint = parse_constraint(made.pretty_constraint)
    made.marker = plain_marker(marker.strip(" "))
    return made
