"""Whether a lock has several pins of a package where an install takes one.

Of two entries for the same environments, Poetry installs one after the other: whoever adds a second
one chooses what is installed. Poetry itself writes several versions for different environments.
A plain ``check`` of such a lock pays for what is imported here, so messages import what they need.
"""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING

from poetry_lockguard.lockfile.damage import NEXT_STEP
from poetry_lockguard.lockfile.fast.exclusive_markers import are_exclusive
from poetry_lockguard.lockfile.fast.header import parts
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.names import normalized
from poetry_lockguard.outcomes import Problem, Severity
from poetry_lockguard.printable import tamed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry.core.constraints.version import VersionConstraint

    from poetry_lockguard.lockfile.document import Lock, Pin
    from poetry_lockguard.manifest.document import Manifest

CODE = "duplicate-pin"


def duplicated(
    manifest: Manifest, content: bytes
) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """Return what is wrong with a readable lock in which a package has several pins.

    First the pins that it repeats, then those for the same environments. Only the pins in question
    are parsed of a lock that is written as Poetry writes it, unless one is wrong.
    """
    found = parts(content)
    if found is not None:
        names = Counter(map(_name_of, found.packages))
        several = [text for text in found.packages if names[_name_of(text)] > 1]
        if not any(_duplicates(manifest, parse(found.only(several)))):
            return (), ()
    return _duplicates(manifest, parse(content))


def _name_of(package: str) -> str:
    """Return the normalized name in the text of a package, of which it is the first line."""
    return normalized(package.partition("\n")[0].removeprefix('name = "').removesuffix('"'))


def _duplicates(manifest: Manifest, lock: Lock) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    return (*repeated(lock),), (*rivals(manifest, lock),)


def repeated(lock: Lock) -> Iterator[Problem]:
    """Yield each pin with two entries: a warning if both are equal, as Poetry 1.7 wrote them."""
    first: dict[tuple[str, str, object], Pin] = {}
    for pin in lock.pins:
        other = first.setdefault((pin.name, pin.version, pin.source), pin)
        if other is pin:
            continue
        is_equal = other.raw == pin.raw
        yield Problem(
            code=CODE,
            severity=Severity.WARNING if is_equal else Severity.ERROR,
            message=(
                f"{pin.name}: locked at {_shown(pin)} twice"
                f"{'' if is_equal else ', with different contents'}"
            ),
            package=pin.name,
            locked=pin.version,
            line=pin.line,
        ).with_next_step(NEXT_STEP)


def rivals(manifest: Manifest, lock: Lock) -> Iterator[Problem]:
    """Yield each pin that is installed in the same environments as another version (format 2.1).

    It is an error if one of them is for none but environments of the other. Poetry writes such
    pins for requirements whose markers name an extra, and where an exact requirement applies in a
    part of the environments of another one, as below torch. These are warnings.
    """
    for pins in _by_name(lock).values():
        for one, other in combinations(pins, 2):
            if (one.version, one.source) == (other.version, other.source):
                continue
            is_one_within = _overlap(one, other, lock.python_versions)
            if is_one_within is not None:
                is_certain = is_one_within and not (
                    _names_extras(manifest) or _are_both_wanted(manifest, lock, one, other)
                )
                yield _rivalry(one, other, is_certain=is_certain)
                break


def dispensable(manifest: Manifest, lock: Lock) -> list[Pin]:
    """Return the rivals in whose place each requirement allows another version in the lock."""
    names = {problem.package for problem in rivals(manifest, lock)}
    found = []
    for name, pins in _by_name(lock).items():
        if name in names:
            versions = {pin.version for pin in pins}
            try:
                needed = _needed(manifest, lock, name, versions)
            except ValueError:  # what cannot be read may need any of them
                continue
            found += [pin for pin in pins if pin.version not in needed]
    return found


def _needed(manifest: Manifest, lock: Lock, name: str, versions: set[str]) -> set[str]:
    """Return the versions that a requirement allows alone."""
    from poetry.core.constraints.version import Version

    parsed = {version: Version.parse(version) for version in versions}
    allowed = [
        {version for version, one in parsed.items() if wanted.allows(one)}
        for wanted in _wanted(manifest, lock, name)
    ]
    return {version for several in allowed if len(several) == 1 for version in several}


def _by_name(lock: Lock) -> dict[str, list[Pin]]:
    found: dict[str, list[Pin]] = {}
    for pin in lock.pins:
        if pin.groups:
            found.setdefault(pin.name, []).append(pin)
    return {name: pins for name, pins in found.items() if len(pins) > 1}


def _overlap(one: Pin, other: Pin, python_versions: str | None) -> bool | None:
    """Return None if two pins are for different environments.

    Otherwise, return whether all environments of one are also environments of the other.
    """
    doubtful = [
        (mine, theirs)
        for mine in _markers(one)
        for theirs in _markers(other)
        if not are_exclusive(mine, theirs)
    ]
    if not doubtful:
        return None
    from poetry_lockguard.freshness.marker_overlap import overlap

    found = [overlap(mine, theirs, python_versions or "*") for mine, theirs in doubtful]
    return None if all(each is None for each in found) else any(found)


def _markers(pin: Pin) -> set[str]:
    """Return the markers under which any group installs a pin, "" for none."""
    match pin.markers:
        case str() as text:
            return {text}
        case dict() as texts:
            by_group = {normalized(group): text for group, text in texts.items()}
            return {by_group.get(normalized(group), "") for group in pin.groups}
        case None:
            return {""}


def _names_extras(manifest: Manifest) -> bool:
    """Whether the marker of a requirement names an extra."""
    from poetry_lockguard.freshness.trust import requirement_tables, requirement_texts

    texts = (text.partition(";")[2] for text in requirement_texts(manifest))
    tables = (str(table.get("markers", "")) for _, table in requirement_tables(manifest))
    return any("extra" in marker for marker in (*texts, *tables))


def _are_both_wanted(manifest: Manifest, lock: Lock, one: Pin, other: Pin) -> bool:
    """Whether each of two versions is allowed by a requirement, and one of these not by another."""
    from poetry.core.constraints.version import Version

    try:
        versions = [Version.parse(pin.version) for pin in (one, other)]
        allowed = {
            tuple(map(wanted.allows, versions)) for wanted in _wanted(manifest, lock, one.name)
        }
    except ValueError:  # one that cannot be read proves nothing
        return False
    return len(allowed) > 1 and all(any(column) for column in zip(*allowed, strict=True))


def _wanted(manifest: Manifest, lock: Lock, name: str) -> Iterator[VersionConstraint]:
    """Yield what versions the pins of a lock and the manifest require of a package."""
    from poetry_lockguard.lockfile.notation import constraint
    from poetry_lockguard.manifest.requirements import requirements

    for pin in lock.pins:
        for needed in pin.dependencies.get(name, ()):
            yield constraint(
                str(needed.get("version", "*") if isinstance(needed, dict) else needed)
            )
    for requirement in requirements(manifest):
        if requirement.name == name:
            yield requirement.constraint


def _rivalry(one: Pin, other: Pin, *, is_certain: bool) -> Problem:
    advice = "; restore poetry.lock from git, or remove the entry that nobody asked for"
    return Problem(
        code=CODE,
        severity=Severity.ERROR if is_certain else Severity.WARNING,
        message=(
            f"{other.name}: locked at {_shown(one)} and {_shown(other)} for the same environments,"
            f" so it is unclear which one is installed{advice if is_certain else ''}"
        ),
        package=other.name,
        locked=other.version,
        line=other.line,
    )


def _shown(pin: Pin) -> str:
    """Return a pin's version, and where it comes from unless that is PyPI."""
    version = tamed(pin.version)
    if pin.source is None:
        return version
    from poetry_lockguard.urls import redact

    return f"{version} ({tamed(pin.source.kind)} {tamed(redact(pin.source.url))})"
