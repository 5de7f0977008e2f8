"""Which pins of a lock have an advisory, and the lowest versions without one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from poetry.core.constraints.version import Version

from poetry_lockguard.errors import UsageError
from poetry_lockguard.freshness.policed import advisories_of
from poetry_lockguard.policy.enforcement import ignored

if TYPE_CHECKING:
    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.policy.advisories import Advisories, Advisory
    from poetry_lockguard.settings import Settings

_CANDIDATES = 3  #: fixed versions of one package that are tried


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldDown:
    """A vulnerable pin that could not be lifted, and why."""

    package: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Vulnerable:
    """The pins with an advisory.

    ``lowest`` has the lowest versions without one by package, the lowest first; none if the
    advisories name none. ``held`` are pins that no index can help. ``reasons`` say by package what
    a pin has against it.
    """

    lowest: dict[str, tuple[str, ...]]
    held: tuple[HeldDown, ...]
    reasons: dict[str, str]
    advisories: Advisories
    without: frozenset[str]

    def is_safe(self, name: str, version: str) -> bool:
        """Whether no advisory, apart from the ignored ones, affects a version."""
        return not _hits(self.advisories, name, version, self.without)


def vulnerable(manifest: Manifest, lock: Lock, settings: Settings) -> Vulnerable:
    """Return the pins that have an advisory. Raises UsageError if the policy names none."""
    policy = settings.policy
    names = {pin.name for pin in lock.pins}
    advisories = None if policy is None else advisories_of(manifest, policy, names)
    if policy is None or advisories is None:
        raise UsageError(
            "--security: no advisories are configured; name the OSV records as `advisories` in"
            " [tool.lockguard.policy]"
        )
    without = ignored(policy, datetime.now(timezone.utc).date())
    lowest: dict[str, tuple[str, ...]] = {}
    reasons: dict[str, str] = {}
    held = []
    for pin in lock.pins:
        hits = _hits(advisories, pin.name, pin.version, without)
        if not hits:
            continue
        reasons[pin.name] = ids = ", ".join(one.id for one in hits)
        if pin.source is not None and pin.source.kind != "legacy":
            reason = f"{ids}; it comes from a {pin.source.kind} source, change it there"
            held.append(HeldDown(package=pin.name, reason=reason))
        else:
            fixes = _fixes(advisories, pin.name, pin.version, without)
            lowest[pin.name] = max(lowest.get(pin.name, fixes), fixes, key=_first)
    return Vulnerable(
        lowest=lowest,
        held=tuple(held),
        reasons=reasons,
        advisories=advisories,
        without=without,
    )


def _hits(
    advisories: Advisories, name: str, version: str, without: frozenset[str]
) -> list[Advisory]:
    found = advisories.affecting(name, version)
    return [one for one in found if without.isdisjoint(one.names)]


def _first(versions: tuple[str, ...]) -> Version:
    return Version.parse(versions[0] if versions else "0")


def _fixes(
    advisories: Advisories, name: str, version: str, without: frozenset[str]
) -> tuple[str, ...]:
    found: list[str] = []
    fix = advisories.lowest_fix(name, version, ignored=without)
    while fix is not None and len(found) < _CANDIDATES:
        found.append(fix)
        fix = advisories.lowest_fix(name, fix, ignored=without)
    return tuple(found)
