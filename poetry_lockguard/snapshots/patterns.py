"""What ``remove`` takes: names, globs and ranges of versions.

``matrix``, ``mat*``, ``matrix==1.0``, ``matrix<2``, ``matrix@^1.0``, ``*==1.0``: a name in any
spelling, and after it, if anything, a constraint as Poetry understands it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from poetry_lockguard.errors import UsageError

if TYPE_CHECKING:
    from poetry.core.constraints.version import VersionConstraint

_PATTERN = re.compile(r"\s*([\w.*?\[\]!-]+?)\s*(?:(?=[<>=~^(]|!=)|@|$)\s*\(?([^()]*)\)?\s*")


@dataclass(frozen=True, slots=True)
class Pattern:
    """Some pins: by the text the user wrote, the glob of a name, and a constraint."""

    text: str
    glob: str
    constraint: VersionConstraint

    def fits(self, name: str, version: str) -> bool:
        """Return whether this pin is meant; pre-releases count as any other version."""
        from poetry.core.constraints.version import Version

        return fnmatchcase(name, self.glob) and self.constraint.allows(Version.parse(version))


def pattern(text: str) -> Pattern:
    """Parse one pattern; raise UsageError if it is invalid."""
    from poetry.core.constraints.version import parse_constraint

    match = _PATTERN.fullmatch(text)
    if match is None:
        raise UsageError(f"{text!r}: not a pattern; write a name, a glob, or name==version")
    glob, range_ = match.groups()
    try:
        constraint = parse_constraint(range_ or "*")
    except ValueError as error:
        raise UsageError(
            f"{text!r}: {range_!r} is not a range of versions; write it as in pyproject.toml"
        ) from error
    return Pattern(text, canonicalize_name(glob), constraint)
