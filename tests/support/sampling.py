"""How many examples a drawn test tries."""

from __future__ import annotations

from poetry.core.constraints.version import Version

from poetry_lockguard.running import running_poetry

_NEWEST = Version.parse("2.5")
_SHARE = 5


def examples(count: int) -> int:
    """Return all of them for the newest Poetry, and a fifth for each older one.

    The contract tests run once for each minor, so that together they draw as many.
    """
    is_newest = Version.parse(running_poetry()) >= _NEWEST
    return count if is_newest else max(1, count // _SHARE)
