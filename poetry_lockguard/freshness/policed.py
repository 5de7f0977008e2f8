"""Reads the input of a policy: the pins of a lock, the declared hosts, and the advisories."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from poetry_lockguard.policy import enforcement
from poetry_lockguard.policy.admission import Admission, release
from poetry_lockguard.policy.enforcement import Judged
from poetry_lockguard.urls import authority

if TYPE_CHECKING:
    from collections.abc import Iterable

    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.outcomes import Problem
    from poetry_lockguard.policy.advisories import Advisories
    from poetry_lockguard.policy.terms import Policy


def forbidden(
    manifest: Manifest,
    policy: Policy,
    pins: Iterable[Judged],
    sources: Iterable[str] = (),
    *,
    are_all: bool = False,
) -> tuple[Problem, ...]:
    """Return what the policy forbids among these pins.

    ``sources`` are the URLs of indexes that are declared elsewhere than in the manifest's table.
    If the pins ``are_all`` that the policy is for, what it ignores without need is noted.
    Raises SettingsError if the policy's advisories cannot be read.
    """
    pins = [*pins]
    advisories = advisories_of(manifest, policy, {pin.name for pin in pins})
    today = datetime.now(tz=timezone.utc).date()
    found = enforcement.problems(
        policy,
        pins,
        declared=_declared_hosts(manifest) | {host for url in sources if (host := authority(url))},
        advisories=advisories,
        today=today,
    )
    if advisories is None or not are_all:
        return (*found,)
    return (*found, *enforcement.unused_ignores(policy, pins, advisories, today))


def advisories_of(manifest: Manifest, policy: Policy, names: Iterable[str]) -> Advisories | None:
    """Return the advisories for packages of these normalized names; None if none are configured."""
    if policy.advisories is None:
        return None
    from poetry_lockguard.policy.advisory_files import load

    return load(manifest.folder / policy.advisories, names)


def admission(manifest: Manifest, policy: Policy, kept: Iterable[tuple[str, str]]) -> Admission:
    """Return what lets releases into a new lock; ``kept`` are names and versions of the old one.

    The advisories are read when a release of a package is first asked for.
    """
    return Admission(
        policy=policy,
        now=datetime.now(tz=timezone.utc),
        kept=frozenset(release(name, version) for name, version in kept),
        advisories=lambda name: advisories_of(manifest, policy, (name,)),
    )


def pins_of(lock: Lock) -> tuple[Judged, ...]:
    """Return the pins of a lock as a policy sees them."""
    return tuple(
        Judged(
            name=pin.name,
            version=pin.version,
            kind=pin.source.kind if pin.source else "",
            url=pin.source.url if pin.source else "",
            line=pin.line,
        )
        for pin in lock.pins
    )


def _declared_hosts(manifest: Manifest) -> frozenset[str]:
    """Return the hosts of the sources that a manifest declares."""
    tables = manifest.poetry.get("source")
    urls = [
        table["url"]
        for table in (tables if isinstance(tables, list) else ())
        if isinstance(table, dict) and isinstance(table.get("url"), str)
    ]
    return frozenset(host for url in urls if (host := authority(url)))
