"""Judges one lock: a fresh one in milliseconds, a stale one with the reasons."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from poetry_lockguard.errors import ManifestError
from poetry_lockguard.freshness.hash_rules import disagreement
from poetry_lockguard.lockfile.fast.header import LockHeader, header_of, read_header
from poetry_lockguard.lockfile.lock_bytes import read
from poetry_lockguard.manifest.content_hash import content_hash, is_fresh, rule_for
from poetry_lockguard.manifest.ordinary import is_ordinary
from poetry_lockguard.outcomes import Problem, Severity, Status
from poetry_lockguard.running import running_poetry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from poetry_lockguard.freshness.since import Since
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.policy.terms import Policy
    from poetry_lockguard.settings import Settings

#: the code of a lock that would take poetry-core too long
NOT_EVALUATED = "not-evaluated"
EXPORT_STALE = "export-stale"  #: the code of a derived file that is not what the lock gives
_SECONDS = 20.0  # of the processor, and one more for each _BYTES of the lock
_BYTES = 20_000
_SAID_AGAIN = {"source-unknown", "orphan-pin", "vcs-reference"}  # by the trust check, as errors
_STALE_BY_DEEP_LOOK = {"path-dependency"}


class Verdict(NamedTuple):
    """The result of checking one project's lock.

    ``path`` is the project's folder. ``expected_hash`` is the hash that this Poetry would write
    for the manifest, ``locked_hash`` the one in the lock. ``status`` is the lock's alone;
    ``snapshot`` is the snapshot that was checked too, relative to the project's folder.
    ``since`` is the commit that made the lock stale, if it is known. ``has_exports``: the settings
    name files that are derived from the lock. ``may_hold_folders``: the lock seems to have path
    dependencies.
    """

    path: Path
    name: str | None
    status: Status
    lock_version: str | None = None
    generator: str | None = None
    locked_hash: str | None = None
    expected_hash: str | None = None
    problems: tuple[Problem, ...] = ()
    snapshot: str | None = None
    since: Since | None = None
    has_exports: bool = False
    may_hold_folders: bool = False

    @property
    def is_in_step(self) -> bool:
        """Whether the lock, the snapshot and what is derived from the lock need no fix.

        A missing lock needs none if the settings allow it: it is a note, not an error, then.
        """
        if self.status is Status.MISSING:
            return all(problem.severity is not Severity.ERROR for problem in self.problems)
        return self.status is Status.FRESH and not any(
            problem.severity is Severity.ERROR
            for problem in self.problems
            if problem.file == self.snapshot or problem.code == EXPORT_STALE
        )

    @property
    def rests_on_snapshot(self) -> bool:
        """Whether the snapshot is judged in place of a lock: the settings install from it."""
        return self.status is Status.MISSING and self.snapshot is not None

    @property
    def of_snapshot(self) -> tuple[Problem, ...]:
        """The problems of the snapshot, as opposed to those of the lock."""
        return tuple(problem for problem in self.problems if problem.file == self.snapshot)

    def reviewed(self, found: tuple[Problem, ...]) -> Verdict:
        """Add the problems of a review, of which an error makes the lock untrusted."""
        is_error = any(problem.severity is Severity.ERROR for problem in found)
        known = {(problem.code, problem.package) for problem in found}
        others = [one for one in self.problems if (one.code, one.package) not in known]
        status = Status.UNTRUSTED if is_error else self.status
        return self._replace(status=status, problems=(*found, *others))


def judge(
    manifest: Manifest,
    *,
    deep: bool = False,
    explain: bool = True,
    walk: bool = False,
    poetry_version: str | None = None,
) -> Verdict:
    """Judge the lock beside ``manifest`` as the running Poetry would, or ``poetry_version``.

    ``deep`` also looks for problems that Poetry's own check misses. Without ``explain``, a stale
    lock is reported without the reasons. ``walk`` also looks for pins that nothing needs, and for
    entries that are not as they were committed, as ``deep`` does. Writes nothing and does not use
    the network. Raises LockguardError if the lock cannot be judged.
    """
    version = running_poetry() if poetry_version is None else poetry_version
    verdict = _judged(manifest, version, deep=deep, explain=explain, walk=walk)
    return _for_poetry(verdict, manifest, version)


def _for_poetry(verdict: Verdict, manifest: Manifest, version: str) -> Verdict:
    """Add a warning if the manifest requires another Poetry; others do not pay for the look."""
    if "requires-poetry" not in manifest.poetry:
        return verdict
    from poetry_lockguard.freshness.required_poetry import unmet

    found = unmet(manifest, version)
    return verdict if found is None else verdict._replace(problems=(*verdict.problems, found))


def _judged(manifest: Manifest, version: str, *, deep: bool, explain: bool, walk: bool) -> Verdict:
    settings = _settings(manifest)
    verdict = Verdict(
        path=manifest.folder,
        name=manifest.name,
        status=Status.MISSING,
        expected_hash=_expected_hash(manifest, version),
        has_exports=settings is not None and bool(settings.exports),
    )
    try:
        content = read(manifest.lock_path)
    except FileNotFoundError:
        manifest.must_be_poetrys()
        return _of_loadable(manifest, _missing(verdict, manifest, settings))
    verdict = verdict._replace(may_hold_folders=b'"directory"' in content)
    header = read_header(content) or _whole(content, verdict)
    if isinstance(header, Verdict):
        return _of_loadable(manifest, header)

    verdict = _of_loadable(manifest, _compared(verdict, manifest, header, version, settings))
    if explain and verdict.status is Status.STALE:
        stale = verdict
        verdict = _limited(stale, content, lambda: _explained(stale, manifest, content, version))
    if deep:
        shallow = verdict
        verdict = _limited(
            shallow, content, lambda: _deepened(shallow, manifest, content, settings)
        )
    policy = None if settings is None else settings.policy
    judged = verdict
    if walk or deep:
        verdict = _limited(
            judged, content, lambda: _trusted(judged, manifest, content, policy, walk=True)
        )
    else:
        verdict = _trusted(judged, manifest, content, policy, walk=False)
    if header.repeats:
        single = verdict
        verdict = _limited(single, content, lambda: _with_duplicates(single, manifest, content))
    return beside_head(verdict, content) if walk or deep else verdict


def _limited(verdict: Verdict, content: bytes, work: Callable[[], Verdict]) -> Verdict:
    """Return what ``work`` makes of the verdict, or in due time that it could not be done."""
    from poetry_lockguard.time_limit import TooLongError, within

    try:
        with within(_SECONDS + len(content) / _BYTES):
            return work()
    except TooLongError:
        if NOT_EVALUATED in {problem.code for problem in verdict.problems}:
            return verdict
        message = (
            "poetry.lock: not evaluated: its markers or version ranges, or those of pyproject.toml,"
            " are too complex; give them fewer conditions, or run `poetry lock --regenerate`"
        )
        found = Problem(code=NOT_EVALUATED, message=message)
        return verdict._replace(status=Status.BROKEN, problems=(*verdict.problems, found))


def beside_head(verdict: Verdict, content: bytes) -> Verdict:
    """Add to a verdict what in a lock is not as it was committed, if nothing explains it."""
    if verdict.status not in {Status.FRESH, Status.STALE, Status.BROKEN, Status.UNTRUSTED}:
        return verdict
    from poetry_lockguard.freshness.review.committed import since_head

    judged = verdict
    return _limited(judged, content, lambda: judged.reviewed(since_head(judged.path, content)))


def _settings(manifest: Manifest) -> Settings | None:
    """Parse the settings, if there are any: a project without settings does not pay for them."""
    if not manifest.settings:
        return None
    from poetry_lockguard import settings

    return settings.parse(manifest.settings, str(manifest.path))


def _expected_hash(manifest: Manifest, poetry_version: str) -> str:
    with _hashed(manifest):
        return content_hash(manifest.data, rule_for(poetry_version))


@contextmanager
def _hashed(manifest: Manifest) -> Iterator[None]:
    """Raise ManifestError for a value that Poetry cannot hash, for example a date."""
    try:
        yield
    except TypeError as error:
        raise ManifestError(
            f"{manifest.path}: a requirement has a value that Poetry cannot read"
            f" ({error}); write it as a string"
        ) from error


def _of_loadable(manifest: Manifest, verdict: Verdict) -> Verdict:
    """Return the verdict; raise ManifestError if Poetry would not load the manifest."""
    is_certain = is_ordinary(manifest)
    if not is_certain:
        from poetry_lockguard.manifest.refusals import must_load

        must_load(manifest)
    if not is_certain or verdict.status in {Status.MISSING, Status.BROKEN}:
        from poetry_lockguard.manifest.requirements import declaration

        declaration(manifest)  # a stale lock's requirements are read for its explanation
    return verdict


def _missing(verdict: Verdict, manifest: Manifest, settings: Settings | None) -> Verdict:
    if settings is not None and settings.install == "snapshot":
        return _without_lock(verdict, manifest.folder, settings.snapshot)
    if settings is not None and settings.lock == "optional":
        message = "poetry.lock: no such file; the settings allow that"
        allowed = Problem(code="lock-missing", severity=Severity.NOTE, message=message)
        return verdict._replace(problems=(allowed,))
    from poetry_lockguard.lockfile.damage import NEXT_STEP

    message = f"poetry.lock: no such file; {NEXT_STEP} or `poetry lock`"
    snapshot = "lockguard.lock" if settings is None else settings.snapshot
    if (manifest.folder / snapshot).exists():
        message += f', or set install = "snapshot" in [tool.lockguard] to do with {snapshot} alone'
    return verdict._replace(problems=(Problem(code="lock-missing", message=message),))


def _without_lock(verdict: Verdict, folder: Path, snapshot: str) -> Verdict:
    """Return the verdict on a project that is installed from a snapshot."""
    if (folder / snapshot).exists():
        message = f"poetry.lock: no such file; {snapshot} is installed in its place"
        note = Problem(code="lock-missing", severity=Severity.NOTE, message=message)
        return verdict._replace(problems=(note,), snapshot=snapshot)
    message = f"poetry.lock and {snapshot}: no such files; run `poetry lockguard snapshot create`"
    return verdict._replace(problems=(Problem(code="lock-missing", message=message),))


def _whole(content: bytes, verdict: Verdict) -> LockHeader | Verdict:
    """Return the header by parsing the whole lock, or the verdict if it cannot be read."""
    from poetry_lockguard.lockfile.damage import LockDamage, UnsupportedLock
    from poetry_lockguard.lockfile.parse import parse

    try:
        return header_of(parse(content))
    except UnsupportedLock as damage:
        return verdict._replace(
            status=Status.UNSUPPORTED,
            lock_version=damage.lock_version,
            problems=damage.problems,
        )
    except LockDamage as damage:
        return verdict._replace(status=Status.BROKEN, problems=damage.problems)


def _compared(
    verdict: Verdict,
    manifest: Manifest,
    header: LockHeader,
    poetry_version: str,
    settings: Settings | None,
) -> Verdict:
    locked, generator = header.content_hash, header.generator
    with _hashed(manifest):
        fresh = is_fresh(manifest.data, locked, generator, rule_for(poetry_version))
    rules = disagreement(
        manifest,
        locked,
        generator,
        fresh=fresh,
        min_poetry=settings.min_poetry if settings is not None else None,
    )
    return verdict._replace(
        status=Status.FRESH if fresh else Status.STALE,
        lock_version=header.lock_version,
        generator=generator,
        locked_hash=locked,
        problems=() if rules is None else (rules,),
    )


def _explained(
    verdict: Verdict, manifest: Manifest, content: bytes, poetry_version: str
) -> Verdict:
    """Add the reasons why a lock is stale; the hash rule is an error only if nothing else is."""
    from poetry_lockguard.freshness.explain import explain
    from poetry_lockguard.freshness.history import previous_manifest
    from poetry_lockguard.freshness.since import stale_since
    from poetry_lockguard.lockfile.parse import parse

    lock = parse(content)
    found = explain(manifest, lock, previous_manifest(manifest, lock))
    rules = verdict.problems
    if rules:
        found = tuple(problem for problem in found if problem.code != "content-hash")
    if any(problem.severity is Severity.ERROR for problem in found):
        rules = tuple(problem._replace(severity=Severity.WARNING) for problem in rules)
    since = stale_since(manifest, rule_for(poetry_version))
    return verdict._replace(problems=(*found, *rules), since=since)


def _deepened(
    verdict: Verdict, manifest: Manifest, content: bytes, settings: Settings | None
) -> Verdict:
    from poetry_lockguard.freshness.deep.inspection import deepen
    from poetry_lockguard.lockfile.parse import parse
    from poetry_lockguard.settings import Settings

    found = deepen(manifest, parse(content), settings or Settings())
    errors = {problem.code for problem in found if problem.severity is Severity.ERROR}
    status = verdict.status
    if errors - _STALE_BY_DEEP_LOOK:
        status = Status.BROKEN
    elif errors:
        status = Status.STALE
    return verdict._replace(status=status, problems=(*verdict.problems, *found))


def _with_duplicates(verdict: Verdict, manifest: Manifest, content: bytes) -> Verdict:
    """Add the pins that a lock repeats, and those that it has beside one for the same environments.

    Which entry was added cannot be known, so a lock with the latter is untrusted: a fix might keep
    the wrong one.
    """
    from poetry_lockguard.freshness.duplicate_pins import duplicated

    repeated, rivals = duplicated(manifest, content)
    status = verdict.status
    if any(problem.severity is Severity.ERROR for problem in rivals):
        status = Status.UNTRUSTED
    elif status in {Status.FRESH, Status.STALE} and any(
        problem.severity is Severity.ERROR for problem in repeated
    ):
        status = Status.BROKEN
    return verdict._replace(status=status, problems=(*verdict.problems, *repeated, *rivals))


def _trusted(
    verdict: Verdict, manifest: Manifest, content: bytes, policy: Policy | None, *, walk: bool
) -> Verdict:
    """Call a lock untrusted if it contains what nobody asked for, or what the policy forbids.

    Without a policy, a lock with nothing but PyPI's packages is not parsed for this, unless it is
    not written exactly as Poetry writes it.
    """
    if verdict.status not in {Status.FRESH, Status.STALE, Status.BROKEN}:
        return verdict
    is_plain = b"[package.source]" not in content and read_header(content) is not None
    if is_plain and not walk and policy is None:
        return verdict
    from poetry_lockguard.freshness.trusting import untrusted

    is_fresh = verdict.status is Status.FRESH
    found = untrusted(manifest, content, policy, is_fresh=is_fresh, walk=walk)
    if not found:
        return verdict
    names = {problem.package for problem in found}
    others = [
        problem
        for problem in verdict.problems
        if problem.code not in _SAID_AGAIN or problem.package not in names
    ]
    is_error = any(problem.severity is Severity.ERROR for problem in found)
    status = Status.UNTRUSTED if is_error else verdict.status
    return verdict._replace(status=status, problems=(*found, *others))
