"""Explains why a git, URL or path requirement cannot be read, whatever error Poetry raises."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from poetry_lockguard.errors import LockguardError
from poetry_lockguard.index.failures import SourceFailure, recognised
from poetry_lockguard.poetry_api.imports.repository_errors import PackageNotFoundError
from poetry_lockguard.urls import redact

if TYPE_CHECKING:
    from collections.abc import Callable

    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.package import Package

    Search = Callable[[Dependency], Package]

#: Poetry's messages for a path that does not exist; see ``PathDependency`` in poetry-core
_NO_PATH = re.compile(
    r"(?:Path |Directory )?(?P<path>.+) for (?P<name>\S+)"
    r" (?:does not exist|does not seem to be a Python package|is a \w+, expected a \w+)"
)
_LINE = 500  # characters that still fit a readable line


class UnreadOrigin(Exception):  # noqa: N818 - a result: other configurations may not need the requirement
    """A git, URL or path requirement cannot be read; the message says which one, and why."""


def telling(search: Search, unread: dict[str, UnreadOrigin]) -> Search:
    """Make a search for git, URL and path requirements fail uniformly; ``unread`` records it.

    Failures of an index are raised unchanged: the next endpoint may succeed.
    """

    def told(dependency: Dependency) -> Package:
        if (known := unread.get(str(dependency))) is not None:
            raise known
        try:
            return search(dependency)
        except (SourceFailure, LockguardError, PackageNotFoundError):
            raise
        except Exception as error:  # Poetry raises many kinds of errors here
            answer = UnreadOrigin(f"{dependency.pretty_name} cannot be read: {_reason(error)}")
            unread[str(dependency)] = answer
            raise answer from error

    return told


def _reason(error: Exception) -> str:
    if failure := recognised(error):
        return str(failure)
    text = one_line(error)
    remedy = remedy_of(error)
    return f"{text}; {remedy}" if remedy else text


def remedy_of(error: Exception) -> str | None:
    """Return what to do about a path that does not exist; None for any other error."""
    place = _NO_PATH.fullmatch(one_line(error)) if isinstance(error, ValueError) else None
    return f"put {place['name']} at {place['path']}, or drop the requirement" if place else None


def one_line(error: BaseException) -> str:
    """Return an error of Poetry as one line, without credentials."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = " ".join(lines) or type(error).__name__
    return redact(text if len(text) <= _LINE else f"{text[:_LINE]}…")
