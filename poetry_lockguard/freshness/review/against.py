"""Compares a lock with the same lock at a git revision: what a reviewer should see first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.freshness.deep.pin_files import own_files
from poetry_lockguard.freshness.review.altered import altered
from poetry_lockguard.lockfile.pin_pairs import age, has_same_version
from poetry_lockguard.outcomes import Problem, Severity
from poetry_lockguard.plurals import first_few
from poetry_lockguard.printable import short_hash, tamed
from poetry_lockguard.urls import authority, comparable, repository, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from poetry_lockguard.freshness.review.altered import Altered
    from poetry_lockguard.lockfile.document import File, Lock, Pin, Source

REPLACED, ALTERED = "content-replaced", "entry-altered"
RE_SOURCED, DOWNGRADED, NEW_HOST = "re-sourced", "downgraded", "new-host"
CODES = frozenset({REPLACED, ALTERED})  #: those that are errors
_ADVICE = "find out why before you trust it, or restore poetry.lock from git"
_SHOWN = 3  # names that a message lists
Identity = tuple[str | None, ...]


def problems(old: Lock, new: Lock, revision: str) -> Iterator[Problem]:
    """Yield what stands out in a lock compared with the one at ``revision``.

    Other content under the same name, version and source is an error. The rest are warnings:
    another source, a lower version, and a host that no pin came from before.
    """
    before = _by_name(old)
    yield from errors(old, new, revision)
    for name, pins in _by_name(new).items():
        if held := before.get(name):
            yield from _resourced(pins, held, revision)
            yield from _downgraded(pins, held, revision)
    yield from _new_hosts(old, new, revision)


def errors(old: Lock, new: Lock, revision: str) -> Iterator[Problem]:
    """Yield only what makes a lock untrusted."""
    before = _by_name(old)
    for pin in new.pins:
        yield from _replaced(pin, before.get(pin.name, ()), new, old, revision)
    for found in altered(old, new):
        yield _altered(found, revision)


def _altered(found: Altered, revision: str) -> Problem:
    what = "its groups or markers are not those"
    if found.needs:
        what = f"it needs {_listed([*found.needs])}, which it did not"
    return _problem(
        found.pin,
        ALTERED,
        f"{what} at {revision}, although nothing else has changed that explains it; {_ADVICE}",
        severity=Severity.ERROR,
    )


def _replaced(
    pin: Pin, before: Iterable[Pin], new: Lock, old: Lock, revision: str
) -> Iterator[Problem]:
    same = [
        one
        for one in before
        if has_same_version(one, pin) and _identity(one.source) == _identity(pin.source)
    ]
    if not same or (pin.source is not None and pin.source.kind == "git"):
        return
    now = hashes(_files(pin, new))
    then = {name: found for one in same for name, found in hashes(_files(one, old)).items()}
    if what := other_content(pin.version, now, then, f"at {revision}"):
        yield _problem(
            pin,
            REPLACED,
            f"{what}, although version and source are the same; {_ADVICE}",
            severity=Severity.ERROR,
        )


def other_content(
    version: str, now: Mapping[str, str], then: Mapping[str, str], where: str
) -> str | None:
    """Return how the hashes of a release's files differ from those ``where``; None if they agree.

    A file that only one side lists does not count, as long as one file is the same.
    """
    changed = sorted(name for name in now if name in then and now[name] != then[name])
    if changed:
        first = changed[0]
        have = "has another hash" if len(changed) == 1 else "have other hashes"
        return (
            f"{_listed(changed)} of {version} {have} than {where}"
            f" ({short_hash(now[first])}, there {short_hash(then[first])})"
        )
    if then and not now:
        return f"no file of {version} has a hash any more, unlike {where}"
    if now and then and {*now.values()}.isdisjoint(then.values()):
        return f"every file of {version} has another hash than {where}"
    return None


def _resourced(pins: list[Pin], before: list[Pin], revision: str) -> Iterator[Problem]:
    known = {_place(one.source) for one in before}
    for pin in pins:
        if _place(pin.source) not in known:
            then = " and ".join(sorted({_called(one.source) for one in before}))
            yield _problem(
                pin,
                RE_SOURCED,
                f"comes from {_called(pin.source)}; at {revision} it came from {then}",
            )


def _downgraded(pins: list[Pin], before: list[Pin], revision: str) -> Iterator[Problem]:
    newest, held = max(pins, key=age), max(before, key=age)
    if age(newest) < age(held):
        yield _problem(
            newest, DOWNGRADED, f"locked at {newest.version}; at {revision} it was {held.version}"
        )


def _new_hosts(old: Lock, new: Lock, revision: str) -> Iterator[Problem]:
    """Yield each host that files come from now and did not before, once."""
    known = {_host(pin) for pin in old.pins}
    found: dict[str, list[Pin]] = {}
    for pin in new.pins:
        host = _host(pin)
        if host is not None and host not in known:
            found.setdefault(host, []).append(pin)
    for host, pins in found.items():
        names = _listed(sorted({pin.name for pin in pins}))
        yield _problem(
            pins[0],
            NEW_HOST,
            f"{names} would be downloaded from {tamed(shown(f'//{host}')[2:])},"
            f" which no pin came from at {revision}",
            subject="",
        )


def _by_name(lock: Lock) -> dict[str, list[Pin]]:
    found: dict[str, list[Pin]] = {}
    for pin in lock.pins:
        found.setdefault(pin.name, []).append(pin)
    return found


def _files(pin: Pin, lock: Lock) -> tuple[File, ...]:
    """Return a pin's own files; before format 2.0 those of all its versions are in one list."""
    return own_files(pin) if lock.lock_version.startswith("1.") else pin.files


def hashes(files: Iterable[File]) -> dict[str, str]:
    """Return the hash of each file; formats before 1.1 have nothing but hashes of SHA-256."""
    return {
        file.name: (file.hash if ":" in file.hash else f"sha256:{file.hash}").lower()
        for file in files
    }


def _place(source: Source | None) -> Identity:
    """Return where a pin comes from, whatever commit of a repository it is."""
    if source is None:
        return (None,)
    return source.kind, comparable(repository(source.url)).removesuffix(".git")


def _identity(source: Source | None) -> Identity:
    commit = None if source is None else source.resolved_reference
    return (*_place(source), commit)


def _host(pin: Pin) -> str | None:
    if pin.source is None or pin.source.kind in {"file", "directory"}:
        return None
    return authority(pin.source.url)


def _called(source: Source | None) -> str:
    if source is None:
        return "PyPI"
    kind = "source" if source.kind == "legacy" else source.kind
    return f"the {kind} {tamed(shown(source.url))}"


def _listed(names: list[str]) -> str:
    return first_few([tamed(name, 120) for name in names], _SHOWN)


def _problem(
    pin: Pin,
    code: str,
    what: str,
    *,
    severity: Severity = Severity.WARNING,
    subject: str | None = None,
) -> Problem:
    subject = f"{pin.name}: " if subject is None else subject
    return Problem(
        code=code,
        severity=severity,
        message=f"{subject}{what}",
        package=pin.name,
        locked=pin.version,
        line=pin.line,
    )
