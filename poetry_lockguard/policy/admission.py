"""Which releases of an index a policy lets into a lock, by their age and their names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from packaging.version import Version

from poetry_lockguard.plurals import first_few
from poetry_lockguard.policy.enforcement import ignored
from poetry_lockguard.policy.osv import parsed_version
from poetry_lockguard.policy.terms import ERROR
from poetry_lockguard.printable import tamed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from poetry_lockguard.policy.advisories import Advisories
    from poetry_lockguard.policy.terms import Policy

_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|\+00:?00)?", re.IGNORECASE
)
_SHOWN = 8  # releases that a message lists
BANNED, YOUNG, AGELESS = "denied", "too young", "of unknown age"


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """A policy applied while a lock is made.

    ``kept`` are the releases (see ``release``) that the old lock has: their age and their
    advisories do not matter here, since nothing is brought in with them.
    ``advisories`` returns those of a package, if the policy names any.
    ``refused`` collects what was not admitted, by name, with version and reason.
    """

    policy: Policy
    now: datetime
    kept: frozenset[tuple[str, str]] = frozenset()
    advisories: Callable[[str], Advisories | None] = lambda _: None
    refused: dict[str, dict[str, str]] = field(default_factory=dict)

    def admits(self, name: str, version: str, uploaded: Callable[[], Iterable[str | None]]) -> bool:
        """Whether a release may be locked; ``uploaded`` returns when its files were uploaded."""
        reason = self._flaw(name, version, uploaded)
        if reason is not None:
            self.refused.setdefault(name, {})[version] = reason
        return reason is None

    def _flaw(
        self, name: str, version: str, uploaded: Callable[[], Iterable[str | None]]
    ) -> str | None:
        if any(ban.covers(name, version) for ban in self.policy.deny):
            return BANNED
        if release(name, version) in self.kept:
            return None
        if advisory := self._advisory(name, version):
            return advisory
        if self.policy.min_age is None:
            return None
        is_young = is_younger(self.policy, map(moment, uploaded()), self.now)
        if is_young is None:
            return AGELESS if self.policy.min_age_unknown == ERROR else None
        return YOUNG if is_young else None

    def _advisory(self, name: str, version: str) -> str | None:
        """Return the first advisory for a release that counts today, if any."""
        found = self.advisories(name)
        without = ignored(self.policy, self.now.date())
        hits = found.affecting(name, version) if found is not None else ()
        return next((tamed(one.id, 60) for one in hits if without.isdisjoint(one.names)), None)


def release(name: str, version: str) -> tuple[str, str]:
    """Return a release as ``kept`` holds it, however its version is written."""
    from packaging.utils import canonicalize_version

    return name, canonicalize_version(version)


def is_younger(policy: Policy, uploaded: Iterable[datetime | None], now: datetime) -> bool | None:
    """Whether any file was uploaded too recently; None if the time of none is known.

    An attacker can add a file to an old release, so the newest file counts.
    """
    known = [one for one in uploaded if one is not None]
    if not known or policy.min_age is None:
        return None
    return max(known) > now - policy.min_age


def moment(text: object) -> datetime | None:
    """Return the time in an index's ``upload-time`` (PEP 700); None for anything else."""
    found = _MOMENT.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    try:
        *whole, fraction = found.groups("0")
        micro = int(fraction[:6].ljust(6, "0"))
        year, month, day, hour, minute, second = map(int, whole)
        return datetime(year, month, day, hour, minute, second, micro, tzinfo=timezone.utc)
    except ValueError:
        return None


def refusals(admission: Admission, chosen: Iterable[tuple[str, str]] = ()) -> str:
    """Return in one line which releases were not admitted, and why; empty if none matters.

    Of each package that is the newest one, unless a newer one was ``chosen`` (names and versions).
    """
    newest = {name: max(map(_order, versions)) for name, versions in admission.refused.items()}
    for name, version in chosen:
        if name in newest and _order(version) > newest[name]:
            del newest[name]
    listed = [
        f"{name} {version} ({admission.refused[name][version]})"
        for name, (_, version) in sorted(newest.items())
    ]
    return f"not allowed by the policy: {first_few(listed, _SHOWN)}" if listed else ""


def _order(version: str) -> tuple[Version, str]:
    return parsed_version(version) or Version("0"), version
