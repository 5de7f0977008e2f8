"""``[tool.lockguard.policy]`` as values, and the tests that its settings must pass."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from packaging.specifiers import SpecifierSet

UNKNOWN_AGES = WARNING, ERROR = ("warning", "error")
_HOST = re.compile(
    r"(?:\*\.)?(?:[a-z0-9_-]{1,63}\.){0,9}[a-z0-9_-]{1,63}(?::\d{1,5})?|\[[0-9a-f:.]+\]"
)
_AGE = re.compile(r"(\d{1,5}) ?(hour|day|week)s?")
_HOURS = {"hour": 1, "day": 24, "week": 168}
_LONGEST = 500  #: characters of a setting that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban:
    """A package that may not be locked, at all or at some versions; ``text`` is as written."""

    name: str
    versions: SpecifierSet
    text: str

    def covers(self, name: str, version: str) -> bool:
        """Whether this forbids a release, pre-releases and local versions included."""
        if name != self.name:
            return False
        try:
            return self.versions.contains(version, prereleases=True)
        except ValueError:
            return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignore:
    """An advisory that does not count, up to and including the day ``until``."""

    id: str
    until: date | None = None
    reason: str = ""

    def holds(self, today: date) -> bool:
        """Whether this still counts."""
        return self.until is None or today <= self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What may be in a lock.

    ``hosts`` of URL and git pins, besides those of declared sources; None admits any.
    ``advisories`` is the path of OSV records, relative to the manifest. ``min_age_unknown`` is how
    much it matters if the age of a release is not known: ``warning`` or ``error``.
    """

    hosts: tuple[str, ...] | None = None
    min_age: timedelta | None = None
    min_age_unknown: str = WARNING
    deny: tuple[Ban, ...] = ()
    advisories: str | None = None
    ignore: tuple[Ignore, ...] = ()


def policy(table: Mapping[str, Any]) -> Policy:
    """Convert a table whose values passed the tests below."""
    hosts = table.get("hosts")
    return Policy(
        hosts=None if hosts is None else tuple(host.lower() for host in hosts),
        min_age=age(table["min-age"]) if "min-age" in table else None,
        min_age_unknown=table.get("min-age-unknown", WARNING),
        deny=tuple(ban for text in table.get("deny", ()) if (ban := banned(text))),
        advisories=table.get("advisories"),
        ignore=tuple(Ignore(**one) for one in table.get("ignore", ())),
    )


def is_host(value: Any) -> bool:
    """Accept a host, with a port if it is not the scheme's own; ``*.`` covers what is below it."""
    return _is_short(value) and _HOST.fullmatch(value.lower()) is not None


def age(value: Any) -> timedelta | None:
    """Return the time that a text such as ``7 days`` stands for; None for anything else."""
    found = _AGE.fullmatch(value.strip().lower()) if _is_short(value) else None
    return timedelta(hours=int(found[1]) * _HOURS[found[2]]) if found else None


def banned(value: Any) -> Ban | None:
    """Return what a text such as ``urllib3<2.2`` forbids; None for anything else."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    if not _is_short(value):
        return None
    try:
        found = Requirement(value)
    except ValueError:
        return None
    if found.url or found.extras or found.marker:
        return None
    return Ban(name=canonicalize_name(found.name), versions=found.specifier, text=value.strip())


def is_day(value: Any) -> bool:
    """Accept a date of TOML without a time."""
    return isinstance(value, date) and not isinstance(value, datetime)


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST
