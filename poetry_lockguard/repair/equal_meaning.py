"""Whether two ways to write a part of a lock's entry mean the same for a project.

Poetry's releases write one constraint, marker or order of dependencies in different ways. What
is compared here are values: constraints by the versions they allow, markers by the environments of
the project in which they hold, extras and files as sets.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from poetry_lockguard.repair.samples import samples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from poetry.core.constraints.version import Version, VersionConstraint
    from poetry.core.version.markers import BaseMarker

    from poetry_lockguard.repair.samples import Sample

    Entry = Mapping[str, Any]

_DIRECT = ("path", "file", "url", "git", "branch", "tag", "rev", "subdirectory")
_REQUIREMENT = re.compile(
    r"\s*(?P<name>[A-Za-z0-9][\w.-]*)\s*(?:\[(?P<extras>[^\]]*)\])?\s*(?P<rest>.*)"
)
_EXTRA = re.compile(r"""\bextra\s*==\s*["']([^"']*)["']""")
_HASH = re.compile(r"(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})")


class UnreadableError(ValueError):
    """A constraint or marker that Poetry could not read either."""


@functools.lru_cache(maxsize=8192)
def constraint(text: str) -> VersionConstraint:
    """Parse a constraint on versions. Raises UnreadableError."""
    from poetry.core.constraints.version import parse_constraint
    from poetry.core.constraints.version.exceptions import ParseConstraintError

    try:
        return parse_constraint(text or "*")
    except ParseConstraintError as error:
        raise UnreadableError(str(error)) from error


@functools.lru_cache(maxsize=8192)
def marker(text: str) -> BaseMarker:
    """Parse a marker; none holds everywhere. Raises UnreadableError."""
    from poetry.core.version.markers import AnyMarker, parse_marker

    if not text or text == "*":
        return AnyMarker()
    try:
        return parse_marker(text)
    except Exception as error:  # poetry-core's parser has exceptions of its own kind
        raise UnreadableError(str(error)) from error


def same_constraints(old: str, new: str, within: VersionConstraint | None = None) -> bool:
    """Whether two constraints allow the same versions; only those ``within`` count, if given."""
    if old == new:
        return True
    one, other = constraint(old), constraint(new)
    if _are_equal(one, other):
        return True
    return within is not None and _are_equal(one.intersect(within), other.intersect(within))


def _are_equal(one: VersionConstraint, other: VersionConstraint) -> bool:
    """Compare ranges by their ends.

    By what they allow, ``>1,<2 || >2`` and ``>1,!=2`` are two things: ``2.dev1`` and ``2.post1``
    are in one of them alone. But with the one an older Poetry wrote down the other.
    """
    return one == other or _ends(one) == _ends(other)


def _ends(versions: VersionConstraint) -> list[tuple[Any, ...]]:
    return [
        (_end(one.min), _end(one.max), one.include_min, one.include_max)
        for one in versions.flatten()
    ]


def _end(version: Version | None) -> Version | None:
    """Take ``2.dev0`` for ``2``: that is how Poetry holds where a range ends before it."""
    from poetry.core.constraints.version import Version

    if version is None or not version.text.endswith(".dev0"):
        return version
    return Version.parse(version.text.removesuffix(".dev0"))


def same_markers(old: BaseMarker, new: BaseMarker, python: VersionConstraint) -> bool:
    """Whether two markers hold in the same environments of the project."""
    if old == new:
        return True
    drawn = samples([old, new], python)
    return drawn is not None and all(old.validate(one) == new.validate(one) for one in drawn)


def markers_by_group(entry: Entry, groups: Iterable[str]) -> dict[str, BaseMarker]:
    """Return the markers under which an entry of format 2.1 is installed for each of ``groups``."""
    written = entry.get("markers", "")
    if isinstance(written, str):
        return dict.fromkeys(map(canonicalize_name, groups), marker(written))
    texts = {canonicalize_name(group): text for group, text in written.items()}
    return {name: marker(texts.get(name, "")) for name in map(canonicalize_name, groups)}


def total_marker(entry: Entry) -> BaseMarker:
    """Return the environments for which an entry of format 2.1 is there at all, extras apart."""
    from poetry.core.version.markers import MarkerUnion

    found = markers_by_group(entry, entry.get("groups", ())).values()
    return MarkerUnion.of(*(one.without_extras() for one in found)) if found else marker("")


def same_groups(old: Entry, new: Entry) -> bool:
    """Whether two entries of format 2.1 are in the same groups."""
    return groups(old) == groups(new)


def groups(entry: Entry) -> frozenset[str]:
    """Return an entry's groups, normalized."""
    return frozenset(map(canonicalize_name, entry.get("groups", ())))


def same_group_markers(old: Entry, new: Entry, python: VersionConstraint) -> bool:
    """Whether the markers that ``old`` writes would do for all groups of ``new``, and no others."""
    written = old.get("markers", "")
    if isinstance(written, dict) and {*map(canonicalize_name, written)} - groups(new):
        return False
    before = markers_by_group(old, new.get("groups", ()))
    after = markers_by_group(new, new.get("groups", ()))
    return all(same_markers(before[name], after[name], python) for name in after)


@dataclass(frozen=True, slots=True)
class Need:
    """One constraint on a dependency: of where it holds, what is asked for.

    ``origin`` are the keys of a git, path or URL dependency with their values, ``source`` is the
    name of the index that alone may answer.
    """

    where: BaseMarker
    versions: VersionConstraint
    extras: frozenset[str]
    origin: tuple[tuple[str, str], ...]
    optional: bool = False
    source: str = ""

    @property
    def without_extras(self) -> Need:
        """The same need, whoever asks for which extra."""
        return replace(self, where=self.where.without_extras())


@functools.lru_cache(maxsize=8192)
def _plain_need(text: str) -> Need:
    return Need(marker(""), constraint(text), frozenset(), ())


def needs(value: Any) -> tuple[Need, ...]:
    """Read what an entry says of one dependency. Raises UnreadableError."""
    return tuple(_need(one) for one in (value if isinstance(value, list) else [value]))


def _need(one: Any) -> Need:
    if isinstance(one, str):
        return _plain_need(one)
    where = _where(one)
    return Need(
        where=where,
        versions=constraint(str(one.get("version", "*"))),
        extras=frozenset(map(canonicalize_name, one.get("extras", ()))),
        origin=tuple((key, str(one[key])) for key in _DIRECT if key in one),
        optional=bool(one.get("optional")) and "extra" not in str(where),
    )


def _where(one: Mapping[str, Any]) -> BaseMarker:
    """Return a dependency's marker; old formats have ranges of Pythons, too."""
    where = marker(str(one.get("markers", "")))
    if "python" in one:
        from poetry.core.packages.utils.utils import create_nested_marker

        nested = create_nested_marker("python_version", constraint(str(one["python"])))
        where = where.intersect(marker(nested))
    if "platform" in one:
        where = where.intersect(marker(f'sys_platform == "{one["platform"]}"'))
    return where


@dataclass(frozen=True, slots=True)
class Context:
    """In which environments one entry counts.

    ``where`` gives the marker under which it is installed, ``extras`` are those of its extras
    that anybody asks for.
    """

    python: VersionConstraint
    where: Callable[[], BaseMarker]
    extras: frozenset[str]

    def counts(self, sample: Sample) -> bool:
        """Whether a sample has no other extras than those that count."""
        return self.extras.issuperset(map(canonicalize_name, sample["extra"]))


def same_needs(old: Any, new: Any, context: Context) -> bool:
    """Whether two entries say the same of one dependency; ``None`` is not a dependency at all.

    That is so where they ask for the same in every environment of the project in which the entry
    is there, with none or some of the extras that count. Raises UnreadableError.
    """
    if old == new:
        return True
    before, after = (() if value is None else needs(value) for value in (old, new))
    if len(before) == len(after) and all(one in after for one in before):
        return True
    if _ask_same(before, after, context, None):
        return True
    where = context.where()
    return not where.is_any() and _ask_same(before, after, context, where)


def _ask_same(
    before: Sequence[Need], after: Sequence[Need], context: Context, where: BaseMarker | None
) -> bool:
    markers = [one.where for one in (*before, *after)]
    drawn = samples(markers if where is None else [*markers, where], context.python)
    return drawn is not None and all(
        _asked(before, sample) == _asked(after, sample)
        for sample in drawn
        if context.counts(sample) and (where is None or where.validate(sample))
    )


def _asked(all_needs: Sequence[Need], sample: Sample) -> tuple[Any, ...] | None:
    """Return what is asked for in one environment; ``None`` for nothing."""
    active = [need for need in all_needs if need.where.validate(sample)]
    if not active:
        return None
    versions = active[0].versions
    for need in active[1:]:
        versions = versions.intersect(need.versions)
    extras = frozenset[str]().union(*(need.extras for need in active))
    origins = frozenset(need.origin for need in active)
    return _ends(versions), extras, origins, all(need.optional for need in active)


def extras_of_needs(entry: Entry) -> frozenset[str]:
    """Return the extras that the dependencies of an entry name: those that somebody asks for."""
    found: set[str] = set()
    for value in entry.get("dependencies", {}).values():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                found.update(_EXTRA.findall(str(one.get("markers", ""))))
    return frozenset(map(canonicalize_name, found))


def same_requirements(old: Any, new: Any, *, exactly: bool) -> bool:
    """Whether one extra of an entry brings the same in two entries.

    Poetry looks at the names (and their extras) alone where the package comes from an index: the
    versions are in the dependencies. ``exactly`` compares them, too.
    """
    if old == new:
        return True
    if not (isinstance(old, list) and isinstance(new, list)):
        return False
    return {_requirement(text, exactly=exactly) for text in old} == {
        _requirement(text, exactly=exactly) for text in new
    }


@functools.lru_cache(maxsize=8192)
def _requirement(text: str, *, exactly: bool) -> tuple[Any, ...]:
    match = _REQUIREMENT.fullmatch(text)
    if match is None:
        return (text,)
    asked = (match["extras"] or "").split(",")
    extras = frozenset(canonicalize_name(extra.strip()) for extra in asked if extra.strip())
    named = (canonicalize_name(match["name"]), extras)
    return (*named, _rest(match["rest"])) if exactly else named


def _rest(text: str) -> tuple[str, str]:
    """Bring versions and marker of a requirement into one spelling."""
    versions, _, where = text.partition(";")
    try:
        return str(constraint(versions.strip(" ()"))), str(marker(where.strip()))
    except UnreadableError:
        return versions, where


def keeps_files(old: Sequence[Mapping[str, str]], new: Sequence[Mapping[str, str]]) -> bool:
    """Whether the files of a pin that did not move can stay as they are.

    Releases get more files over time, for new Pythons and platforms mostly; that is no reason to
    change what was locked and reviewed. Files are replaced where there were none, where one of
    them has another hash now, where a hash is none that can be checked, or where none is the
    index's any more.
    """
    before = {one["file"]: one["hash"] for one in old}
    after = {one["file"]: one["hash"] for one in new}
    if before == after:
        return True
    if not before or not all(map(_HASH.fullmatch, before.values())):
        return False
    known = before.keys() & after.keys()
    return bool(known) and all(before[name] == after[name] for name in known)
