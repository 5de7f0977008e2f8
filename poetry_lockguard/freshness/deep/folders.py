"""Whether a path dependency has changed since it was locked: Poetry's hash does not cover that."""

from __future__ import annotations

import os
from collections import Counter
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import Version

from poetry_lockguard.errors import ManifestError, NotPoetrysError
from poetry_lockguard.lockfile.damage import NEXT_STEP, LockDamage
from poetry_lockguard.lockfile.fast.excerpt import of_folders
from poetry_lockguard.manifest.document import parse, read_text
from poetry_lockguard.manifest.requirement import same_marker
from poetry_lockguard.manifest.requirements import declaration
from poetry_lockguard.outcomes import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry.core.packages.dependency import Dependency

    from poetry_lockguard.freshness.locked_package import LockedPackage
    from poetry_lockguard.freshness.project_state import ProjectState
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.manifest.requirement import Requirement
    from poetry_lockguard.manifest.requirements import Declaration

_UPDATE = {
    Severity.ERROR: "run `poetry lockguard fix -r` to update its entry",
    Severity.WARNING: "run `poetry lock` to update its entry",  # fix leaves a fresh lock alone
}
_ABSENT = "does not exist, so it cannot be compared; restore it before locking again"
_VERSION_PLUGINS = ("poetry-dynamic-versioning", "versioneer", "setuptools_scm", "setuptools-git")


def broken(manifest: Manifest, content: bytes) -> tuple[Problem, ...]:
    """Return the errors of the folders whose manifests can be read.

    Raises ManifestError if poetry-core cannot read the project's own.
    """
    found = changes(manifest, content, unreadable=Severity.WARNING)
    return tuple(problem for problem in found if problem.severity is Severity.ERROR)


def changes(
    manifest: Manifest,
    content: bytes,
    *,
    dated: Severity = Severity.WARNING,
    unreadable: Severity = Severity.ERROR,
) -> tuple[Problem, ...]:
    """Return the ``problems`` of a lock that may be damaged; first only its folders are parsed.

    Raises ManifestError if poetry-core cannot read the project's own manifest.
    """
    found = partial(_found, manifest, dated=dated, unreadable=unreadable)
    return found(of_folders(content)) and found(content)


def _found(manifest: Manifest, content: bytes, **severities: Severity) -> tuple[Problem, ...]:
    from poetry_lockguard.freshness.project_state import project_state
    from poetry_lockguard.lockfile.parse import parse as parse_lock

    try:
        state = project_state(manifest, parse_lock(content))
    except LockDamage:
        return ()
    return (*problems(state, **severities),)


def problems(
    here: ProjectState,
    *,
    dated: Severity = Severity.WARNING,
    unreadable: Severity = Severity.ERROR,
) -> Iterator[Problem]:
    """Yield ``path-dependency`` for each folder whose own manifest moved on.

    An error is what an install would come out wrong by: a new requirement that the lock does not
    hold, one that the pins no longer fit, another name. What only dates the lock is ``dated``: a
    dropped or loosened requirement, another version. A folder that is not here is never more than
    a warning: an install with ``--no-directory`` does not need it. A manifest that cannot be read
    is ``unreadable``.
    """
    for held, url in _folders(here):
        if _is_absent(here, url):
            yield _absent(held)
            continue
        try:
            for breaks, reason in _differences(here, held, url):
                severity = Severity.ERROR if breaks else dated
                advice = NEXT_STEP if breaks else _UPDATE[dated]
                yield _problem(held, severity, reason).with_next_step(advice)
        except NotPoetrysError:
            continue
        except ManifestError as error:
            reason = f"cannot be read ({error})"
            yield _problem(held, unreadable, reason).with_next_step(NEXT_STEP)


def absent(here: ProjectState) -> Iterator[Problem]:
    """Yield the ``path-dependency`` warning of each folder that is not there."""
    return (_absent(held) for held, url in _folders(here) if _is_absent(here, url))


def _folders(here: ProjectState) -> Iterator[tuple[LockedPackage, str]]:
    for pins in here.pins.values():
        for held in pins:
            source = held.pin.source
            if source is not None and source.kind == "directory":
                yield held, source.url


def _is_absent(here: ProjectState, url: str) -> bool:
    return not (here.manifest.folder / url).is_dir()


def _absent(held: LockedPackage) -> Problem:
    return _problem(held, Severity.WARNING, _ABSENT)


def _problem(held: LockedPackage, severity: Severity, reason: str) -> Problem:
    source = held.pin.source
    where = source.url if source is not None else held.name
    return Problem(
        code="path-dependency",
        severity=severity,
        message=f"{where} {reason}",
        package=held.name,
        locked=held.pin.version,
        line=held.pin.line,
    ).about(held.name)


def _differences(here: ProjectState, held: LockedPackage, url: str) -> Iterator[tuple[bool, str]]:
    """Yield each difference, and whether an install would come out wrong by it.

    Raises ManifestError if the folder's manifest cannot be read.
    """
    path = here.manifest.folder / url / "pyproject.toml"
    if not path.is_file():
        return
    manifest, declared = _read(Path(os.path.normpath(path)), read_text(path))
    if declared is not None:
        yield from _identity(held, manifest)
        yield from _python(here, held, declared)
        yield from _requirements(here, held, declared)


@lru_cache(maxsize=128)  # many locks of a monorepo contain the same library
def _read(path: Path, text: str) -> tuple[Manifest, Declaration | None]:
    manifest = parse(text, path)
    return manifest, declaration(manifest) if is_read_by_poetry(manifest) else None


def is_read_by_poetry(manifest: Manifest) -> bool:
    """Whether Poetry reads this manifest itself, as ``PyProjectTOML.is_poetry_project`` decides.

    For any other project it runs the build backend, which a check never does.
    """
    project = manifest.project
    static = project.get("name") and project.get("version") and not project.get("dynamic")
    return bool(manifest.poetry or static)


def _identity(held: LockedPackage, manifest: Manifest) -> Iterator[tuple[bool, str]]:
    if manifest.name is not None and canonicalize_name(manifest.name) != held.name:
        yield True, f"is called {manifest.name} now"
    version = manifest.project.get("version") or manifest.poetry.get("version")
    tools = manifest.data.get("tool", {})
    if isinstance(version, str) and not any(plugin in tools for plugin in _VERSION_PLUGINS):
        try:
            differs = Version(version) != Version(held.pin.version)
        except ValueError:
            return
        if differs:
            yield False, f"is version {version} now, locked at {held.pin.version}"


def _python(
    here: ProjectState, held: LockedPackage, declared: Declaration
) -> Iterator[tuple[bool, str]]:
    from poetry.core.constraints.version import parse_marker_version_constraint

    text, locked = declared.python_versions, held.pin.python_versions
    if text == locked or "*" in {text, locked}:
        return
    try:
        was = parse_marker_version_constraint(locked)
    except ValueError:
        return
    if declared.python != was:
        breaks = not declared.python.allows_all(here.declared.python.intersect(was))
        yield breaks, f"is for Python {text} now, locked for {locked}"


def _requirements(
    here: ProjectState, held: LockedPackage, declared: Declaration
) -> Iterator[tuple[bool, str]]:
    main = [each for each in declared.requirements if each.group == "main"]
    times = Counter(requirement.name for requirement in main)
    features = held.expanded(_asked_of(here, held.name))
    for requirement in main:
        if not _is_expected(here, requirement, features):
            continue
        if requirement.name not in held.pin.dependencies:
            yield True, f"needs {requirement.text} now, which its lock entry lacks"
        elif times[requirement.name] == 1 and not _agrees(held, requirement):
            pins = here.pins.get(requirement.name, ())
            fits = any(pin.allows_version(requirement.dependency) for pin in pins)
            yield (
                not fits,
                f"needs {requirement.text} now, locked with {_locked(held, requirement)}",
            )
    for name in held.pin.dependencies:
        if name not in times:
            yield False, f"no longer needs {name}"


def _asked_of(here: ProjectState, name: str) -> set[str]:
    """Return the extras that are requested of a pin: Poetry locks no others."""
    asked = {
        feature
        for requirement in here.declared.requirements
        if requirement.name == name
        for feature in requirement.features
    }
    for pins in here.pins.values():
        for held in pins:
            for needed, features in held.edges(frozenset(held.extras)):
                if needed == name:
                    asked |= features
    return asked


def _is_expected(here: ProjectState, requirement: Requirement, features: frozenset[str]) -> bool:
    if requirement.name in here.never_locked or requirement.marker.is_empty():
        return False
    if not here.declared.python.allows_any(requirement.python_constraint):
        return False
    return not requirement.is_optional or not features.isdisjoint(requirement.in_extras)


def _agrees(held: LockedPackage, requirement: Requirement) -> bool:
    """Compare a requirement with its lock entry; of a direct origin only the name is compared."""
    try:
        locked = [each for each in held.dependencies if each.name == requirement.name]
    except ValueError:
        return True
    return any(_is_same(each, requirement) for each in locked)


def _is_same(locked: Dependency, requirement: Requirement) -> bool:
    is_bound = requirement.origin is not None or locked.is_direct_origin()
    return (
        (is_bound or locked.constraint == requirement.constraint)
        and locked.features == requirement.dependency.features
        and same_marker(locked.marker.without_extras(), requirement.marker.without_extras())
    )


def _locked(held: LockedPackage, requirement: Requirement) -> str:
    return ", ".join(_text(each) for each in held.dependencies if each.name == requirement.name)


def _text(locked: Dependency) -> str:
    extras = f"[{','.join(sorted(locked.features))}] " if locked.features else ""
    marker = "" if locked.marker.is_any() else f" ; {locked.marker}"
    return f"({extras}{locked.pretty_constraint}{marker})"
