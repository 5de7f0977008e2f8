"""Decides whether Poetry can read a version, constraint, marker, extra or address of a lock.

Poetry itself is asked only if that is unclear.
"""

from __future__ import annotations

import re
from functools import cache

from poetry_lockguard.lockfile.fast import shape
from poetry_lockguard.manifest import certain
from poetry_lockguard.time_limit import TooLongError, within

_SECONDS = 2.0  # of the processor; the most complex marker of a real lock takes a tenth of one
#: as Poetry reads what is no PEP 508, but with bounds: a long text would take it minutes
_OLD_REQUIREMENT = r"^(.{1,200}?)(?:\[(.{1,200}?)])?(?:\s{1,9}\((.+)\))?$"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


@cache
def is_version(text: str) -> bool:
    """Whether Poetry can read this as a version."""
    if certain.version().fullmatch(text):
        return True
    from poetry.core.constraints.version import Version

    try:
        Version.parse(text)
    except ValueError:  # thousands of digits, too
        return False
    return True


@cache
def is_constraint(text: str) -> bool:
    """Whether Poetry can read this as a version constraint."""
    if certain.constraint().fullmatch(text):
        return True
    from poetry.core.constraints.version import parse_constraint

    try:
        with within(_SECONDS):
            parse_constraint(text)
    except (ValueError, TooLongError):
        return False
    return True


@cache
def is_marker(text: str) -> bool:
    """Return whether Poetry reads this as a marker."""
    return marker_flaw(text) is None


@cache
def marker_flaw(text: str) -> str | None:
    """Return why Poetry does not read this as a marker, or None if it does."""
    if certain.is_marker(text):
        return None
    from poetry.core.version.markers import parse_marker

    try:
        with within(_SECONDS):
            parse_marker(text)
    except TooLongError:
        return "is too complex: Poetry would need very long to read it"
    except Exception:  # noqa: BLE001 - whatever its parser raises, Poetry cannot install
        return "cannot be understood"
    return None


@cache
def is_requirement(text: str) -> bool:
    """Return whether Poetry reads this as a requirement of an extra, as its locker does."""
    if shape.is_requirement(text):
        return True
    from poetry.core.packages.dependency import Dependency
    from poetry.core.version.requirements import InvalidRequirementError

    try:
        with within(_SECONDS):
            Dependency.create_from_pep_508(text)
    except InvalidRequirementError:
        found = re.match(_OLD_REQUIREMENT, text)
        return found is not None and is_constraint(found[3] or "*")
    except (Exception, TooLongError):  # noqa: BLE001 - likewise
        return False
    return True


@cache
def is_repository(url: str) -> bool:
    """Return whether Poetry reads this as the address of a repository."""
    if certain.is_repository(url):
        return True
    from poetry.core.packages.vcs_dependency import VCSDependency

    try:
        VCSDependency("any", "git", url)
    except Exception:  # noqa: BLE001 - likewise
        return False
    return True


@cache
def is_url(text: str) -> bool:
    """Return whether Poetry reads this as the URL of a file."""
    return is_address(text) and _SCHEME.match(text) is not None


@cache
def is_address(text: str) -> bool:
    """Return whether this is a path, or a URL that can be taken apart."""
    if certain.is_address(text):
        return True
    from urllib.parse import urlsplit

    try:
        urlsplit(text)
    except ValueError:
        return False
    return True
