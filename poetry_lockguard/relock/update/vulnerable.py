"""Which pins of a lock have an advisory, and the lowest versions without one."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from poetry.core.constraints.version import Version

from poetry_lockguard.errors import UsageError
from poetry_lockguard.freshness.policed import advisories_of
from poetry_lockguard.policy.enforcement import ignored
from poetry_lockguard.relock.update.lifting import HeldDown

if TYPE_CHECKING:
    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.policy.advisories import Advisories
    from poetry_lockguard.settings import Settings

_CANDIDATES = 3  #: fixed versions of one package that are tried


def vulnerable(
    manifest: Manifest, lock: Lock, settings: Settings
) -> tuple[dict[str, tuple[str, ...]], list[HeldDown]]:
    """Return the lowest fixed versions by package, and the pins for which none is known.

    Raises UsageError if the policy names no advisories.
    """
    policy = settings.policy
    names = {pin.name for pin in lock.pins}
    advisories = None if policy is None else advisories_of(manifest, policy, names)
    if policy is None or advisories is None:
        raise UsageError(
            "--security: no advisories are configured; name the OSV records as `advisories` in"
            " [tool.lockguard.policy]"
        )
    without = ignored(policy, datetime.now(timezone.utc).date())
    found: dict[str, tuple[str, ...]] = {}
    held = []
    for pin in lock.pins:
        hits = [
            one
            for one in advisories.affecting(pin.name, pin.version)
            if without.isdisjoint(one.names)
        ]
        if not hits:
            continue
        fixes = _fixes(advisories, pin.name, pin.version, without)
        ids = ", ".join(one.id for one in hits)
        if pin.source is not None and pin.source.kind != "legacy":
            reason = f"{ids}; it comes from a {pin.source.kind} source, change it there"
            held.append(HeldDown(package=pin.name, reason=reason))
        elif fixes:
            found[pin.name] = max(found.get(pin.name, fixes), fixes, key=_first)
        else:
            held.append(HeldDown(package=pin.name, reason=f"no version without {ids} is known"))
    return found, held


def _first(versions: tuple[str, ...]) -> Version:
    return Version.parse(versions[0])


def _fixes(
    advisories: Advisories, name: str, version: str, without: frozenset[str]
) -> tuple[str, ...]:
    found: list[str] = []
    fix = advisories.lowest_fix(name, version, ignored=without)
    while fix is not None and len(found) < _CANDIDATES:
        found.append(fix)
        fix = advisories.lowest_fix(name, fix, ignored=without)
    return tuple(found)
