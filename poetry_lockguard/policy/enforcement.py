"""What in a lock or a snapshot a policy forbids. Plain values in, problems out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from poetry_lockguard.outcomes import Problem, Severity
from poetry_lockguard.printable import tamed
from poetry_lockguard.urls import authority, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from poetry_lockguard.policy.advisories import Advisories, Advisory
    from poetry_lockguard.policy.terms import Ignore, Policy

HOST, DENIED, ADVISORY, TOO_YOUNG = "host", "denied", "advisory", "too-young"
CODES = frozenset({HOST, DENIED, ADVISORY, TOO_YOUNG})
_REMOTE = frozenset({"git", "url"})


class Judged(NamedTuple):
    """A pin, as far as a policy is concerned; ``url`` is empty for a pin of an index."""

    name: str
    version: str
    kind: str = ""
    url: str = ""
    line: int | None = None
    file: str = "poetry.lock"


def problems(
    policy: Policy,
    pins: Iterable[Judged],
    *,
    declared: frozenset[str],
    advisories: Advisories | None,
    today: date,
) -> Iterator[Problem]:
    """Yield what the policy forbids; ``declared`` are the hosts of declared sources."""
    for pin in pins:
        yield from _host(policy, pin, declared)
        yield from _denied(policy, pin)
        if advisories is not None:
            yield from _advised(policy, pin, advisories, today)


def _host(policy: Policy, pin: Judged, declared: frozenset[str]) -> Iterator[Problem]:
    if policy.hosts is None or pin.kind not in _REMOTE:
        return
    host = authority(pin.url)
    if host is None or host in declared or any(_covers(one, host) for one in policy.hosts):
        return
    where = tamed(shown(pin.url))
    yield _problem(
        pin,
        HOST,
        f"locked at {pin.version} from {where}, a host that the policy does not allow; take it"
        " from another source, or add the host to hosts in [tool.lockguard.policy]",
        locked=where,
    )


def _covers(allowed: str, host: str) -> bool:
    return host.endswith(allowed[1:]) if allowed.startswith("*.") else host == allowed


def _denied(policy: Policy, pin: Judged) -> Iterator[Problem]:
    for ban in policy.deny:
        if ban.covers(pin.name, pin.version):
            is_whole = not str(ban.versions)
            advice = "remove what needs it" if is_whole else f"run `lockguard update {pin.name}`"
            yield _problem(
                pin,
                DENIED,
                f"locked at {pin.version}, which the policy denies ({ban.text}); {advice}",
            )


def _advised(policy: Policy, pin: Judged, advisories: Advisories, today: date) -> Iterator[Problem]:
    found = advisories.affecting(pin.name, pin.version)
    if not found:
        return
    fix = advisories.lowest_fix(pin.name, pin.version, ignored=ignored(policy, today))
    for advisory in found:
        ignore = next((one for one in policy.ignore if one.id in advisory.names), None)
        yield _advisory(pin, advisory, ignore, fix, today)


def unused_ignores(
    policy: Policy, pins: Iterable[Judged], advisories: Advisories, today: date
) -> Iterator[Problem]:
    """Yield a note for each ignored identifier that no advisory of these pins has."""
    if not policy.ignore:
        return
    affecting = [one for pin in pins for one in advisories.affecting(pin.name, pin.version)]
    names = {name for advisory in affecting for name in advisory.names}
    for ignore in policy.ignore:
        if ignore.id not in names:
            over = "" if ignore.holds(today) else f" until {ignore.until}, which has passed"
            yield Problem(
                code=ADVISORY,
                severity=Severity.NOTE,
                message=f"pyproject.toml: the policy ignores {tamed(ignore.id, 60)}{over}, and no"
                " pin is affected by it; remove it from ignore",
                file="pyproject.toml",
            )


def ignored(policy: Policy, today: date) -> frozenset[str]:
    """Return the identifiers of the advisories that do not count today."""
    return frozenset(one.id for one in policy.ignore if one.holds(today))


def _advisory(
    pin: Judged, advisory: Advisory, ignore: Ignore | None, fix: str | None, today: date
) -> Problem:
    finding = f"{pin.version} {_described(advisory)}"
    if ignore is not None and ignore.holds(today):
        return _problem(pin, ADVISORY, f"{finding}; {_until(ignore)}", severity=Severity.NOTE)
    lapsed = "" if ignore is None else f"; it was ignored until {ignore.until}, which has passed"
    advice = f"run `lockguard update {pin.name}=={fix}`" if fix else _without_fix(advisory)
    fixed = f"; fixed in {', '.join(advisory.fixed)}" if advisory.fixed else ""
    return _problem(pin, ADVISORY, f"{finding}{fixed}{lapsed}; {advice}")


def _described(advisory: Advisory) -> str:
    what = "is malware" if advisory.is_malware else "has a known vulnerability"
    names = ", ".join(tamed(name, 60) for name in (advisory.id, *advisory.aliases[:4]))
    summary = f": {tamed(advisory.summary, 160)}" if advisory.summary else ""
    return f"{what} ({names}){summary}"


def _until(ignore: Ignore) -> str:
    end = f" until {ignore.until}" if ignore.until else ""
    reason = f": {tamed(ignore.reason)}" if ignore.reason else ""
    return f"ignored{end}{reason}"


def _without_fix(advisory: Advisory) -> str:
    if advisory.is_malware:
        return "remove what needs it, and do not install from this lock"
    return (
        "no fixed version is known: remove what needs it, or add it to ignore in"
        " [tool.lockguard.policy] until a day"
    )


def _problem(
    pin: Judged,
    code: str,
    what: str,
    *,
    severity: Severity = Severity.ERROR,
    locked: str | None = None,
) -> Problem:
    return Problem(
        code=code,
        severity=severity,
        message=f"{pin.name}: {what}",
        package=pin.name,
        locked=pin.version if locked is None else locked,
        line=pin.line,
        file=pin.file,
    )
