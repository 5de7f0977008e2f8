"""How many examples a drawn test tries, and how many cases of a test an older Poetry gets."""

from __future__ import annotations

from poetry.core.constraints.version import Version

from poetry_lockguard.running import running_poetry

_NEWEST = Version.parse("2.5")
_SHARE = 5
_OLDER = 3  # every third case runs with one older minor, so that each case runs with some of them


def _is_newest() -> bool:
    return Version.parse(running_poetry()) >= _NEWEST


def examples(count: int) -> int:
    """Return all of them for the newest Poetry, and a fifth for each older one.

    The contract tests run once for each minor, so that together they draw as many.
    """
    return count if _is_newest() else max(1, count // _SHARE)


def is_sampled(case: int, cases: int) -> bool:
    """Return whether the running Poetry tries this case of a test; the newest tries all.

    Older minors share the cases of a test: every third one each, beginning with another.
    """
    minor = Version.parse(running_poetry()).minor or 0
    return _is_newest() or (case + minor) % min(cases, _OLDER) == 0
