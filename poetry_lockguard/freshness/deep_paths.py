"""Whether a path dependency still is what the lock holds of it: Poetry's hash never looks there."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from poetry_lockguard.errors import ManifestError
from poetry_lockguard.manifest.document import read
from poetry_lockguard.manifest.requirements import declaration
from poetry_lockguard.outcomes import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.freshness.held import Held
    from poetry_lockguard.freshness.situation import Situation
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.manifest.requirement import Requirement

_ADVICE = {
    Severity.ERROR: "`poetry lockguard fix` looks at it again",
    Severity.WARNING: "`poetry lock` brings its entry up to date",  # fix leaves a fresh lock alone
}
_ABSENT = "is not there, so it cannot be compared; put it there before locking again"
_VERSION_PLUGINS = ("poetry-dynamic-versioning", "versioneer", "setuptools_scm", "setuptools-git")


def problems(here: Situation) -> Iterator[Problem]:
    """Give ``path-dependency`` for each folder whose own manifest moved on.

    An error is what an install would come out wrong by: a new requirement that the lock does not
    hold, one that the pins no longer fit, another name. A warning is what only dates the lock: a
    dropped or loosened requirement, another version, a folder that is not here (an install with
    ``--no-directory`` does not need it).
    """
    for pins in here.pins.values():
        for held in pins:
            source = held.pin.source
            if source is not None and source.kind == "directory":
                if (here.manifest.folder / source.url).is_dir():
                    for severity, reason in _differences(here, held, source.url):
                        yield _problem(held, severity, f"{reason}; {_ADVICE[severity]}")
                else:
                    yield _problem(held, Severity.WARNING, _ABSENT)


def _problem(held: Held, severity: Severity, reason: str) -> Problem:
    source = held.pin.source
    where = source.url if source is not None else held.name
    return Problem(
        code="path-dependency",
        severity=severity,
        message=f"{held.name}: {where} {reason}",
        package=held.name,
        locked=held.pin.version,
        line=held.pin.line,
    )


def _differences(here: Situation, held: Held, url: str) -> Iterator[tuple[Severity, str]]:
    path = here.manifest.folder / url / "pyproject.toml"
    if not path.is_file():
        return
    try:
        manifest = read(path)
        if _is_read_by_poetry(manifest):
            yield from _identity(held, manifest)
            yield from _requirements(here, held, manifest)
    except ManifestError as error:
        if "not a Poetry project" not in str(error):
            yield Severity.ERROR, f"cannot be read ({error})"


def _is_read_by_poetry(manifest: Manifest) -> bool:
    """Say whether Poetry reads this manifest itself, as ``PyProjectTOML.is_poetry_project`` does.

    It asks the build backend of any other project, which nobody here will run.
    """
    project = manifest.project
    static = project.get("name") and project.get("version") and not project.get("dynamic")
    return bool(manifest.poetry or static)


def _identity(held: Held, manifest: Manifest) -> Iterator[tuple[Severity, str]]:
    if manifest.name is not None and canonicalize_name(manifest.name) != held.name:
        yield Severity.ERROR, f"is called {manifest.name} now"
    version = manifest.project.get("version") or manifest.poetry.get("version")
    tools = manifest.data.get("tool", {})
    if isinstance(version, str) and not any(plugin in tools for plugin in _VERSION_PLUGINS):
        try:
            differs = Version(version) != Version(held.pin.version)
        except InvalidVersion:
            return
        if differs:
            yield Severity.WARNING, f"is version {version} now, locked at {held.pin.version}"


def _requirements(
    here: Situation, held: Held, manifest: Manifest
) -> Iterator[tuple[Severity, str]]:
    main = [each for each in declaration(manifest).requirements if each.group == "main"]
    times = Counter(requirement.name for requirement in main)
    features = held.expanded(_asked_of(here, held.name))
    for requirement in main:
        if not _is_expected(here, requirement, features):
            continue
        if requirement.name not in held.pin.dependencies:
            yield Severity.ERROR, f"needs {requirement.text} now, which its lock entry lacks"
        elif times[requirement.name] == 1 and not _agrees(held, requirement):
            fits = any(
                pin.allows_version(requirement.dependency)
                for pin in here.pins.get(requirement.name, ())
            )
            severity = Severity.WARNING if fits else Severity.ERROR
            yield (
                severity,
                f"needs {requirement.text} now, locked with {_locked(held, requirement)}",
            )
    for name in held.pin.dependencies:
        if name not in times:
            yield Severity.WARNING, f"no longer needs {name}"


def _asked_of(here: Situation, name: str) -> set[str]:
    """Give the extras that anyone asks of a pin: what no one asked for, Poetry drops."""
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


def _is_expected(here: Situation, requirement: Requirement, features: frozenset[str]) -> bool:
    if requirement.name in here.never_locked or requirement.marker.is_empty():
        return False
    if not here.declared.python.allows_any(requirement.python_constraint):
        return False
    return not requirement.is_optional or not features.isdisjoint(requirement.in_extras)


def _agrees(held: Held, requirement: Requirement) -> bool:
    """Compare versions; where a requirement is bound to a place, its name has to do."""
    if requirement.origin is not None:
        return True
    try:
        locked = [each for each in held.dependencies if each.name == requirement.name]
    except ValueError:
        return True
    return any(
        each.is_direct_origin() or each.constraint == requirement.constraint for each in locked
    )


def _locked(held: Held, requirement: Requirement) -> str:
    return ", ".join(
        f"({each.pretty_constraint})" for each in held.dependencies if each.name == requirement.name
    )
