"""Decides whether two notations of a part of a lock's entry mean the same for a project.

Poetry's releases write the same constraint, marker or order of dependencies in different ways. So
values are compared here: constraints by the versions that they allow, markers by the environments
of the project in which they are true, extras and files as sets.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from packaging.utils import canonicalize_name

from poetry_lockguard.lockfile import notation
from poetry_lockguard.lockfile.samples import samples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from poetry.core.constraints.version import VersionConstraint
    from poetry.core.version.markers import BaseMarker

    from poetry_lockguard.lockfile.samples import Sample

    Entry = Mapping[str, Any]

_DIRECT = ("path", "file", "url", "git", "branch", "tag", "rev", "subdirectory")
_REQUIREMENT = re.compile(
    r"\s*(?P<name>[A-Za-z0-9][\w.-]*)\s*(?:\[(?P<extras>[^\]]*)\])?\s*(?P<rest>.*)"
)
_EXTRA = re.compile(r"""\bextra\s*==\s*["']([^"']*)["']""")
_HASH = re.compile(r"(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})")


def markers_by_group(entry: Entry, groups: Iterable[str]) -> dict[str, BaseMarker]:
    """Return the markers under which an entry of format 2.1 is installed for each of ``groups``."""
    written = entry.get("markers", "")
    if isinstance(written, str):
        return dict.fromkeys(map(canonicalize_name, groups), notation.marker(written))
    texts = {canonicalize_name(group): text for group, text in written.items()}
    return {name: notation.marker(texts.get(name, "")) for name in map(canonicalize_name, groups)}


def total_marker(entry: Entry) -> BaseMarker:
    """Return the marker of an entry of format 2.1 over all groups, without extras."""
    from poetry.core.version.markers import MarkerUnion

    found = markers_by_group(entry, entry.get("groups", ())).values()
    return (
        MarkerUnion.of(*(part.without_extras() for part in found)) if found else notation.marker("")
    )


def same_groups(old: Entry, new: Entry) -> bool:
    """Whether two entries of format 2.1 have the same groups."""
    return groups(old) == groups(new)


def groups(entry: Entry) -> frozenset[str]:
    """Return an entry's groups, normalized."""
    return frozenset(map(canonicalize_name, entry.get("groups", ())))


def same_group_markers(old: Entry, new: Entry, python: VersionConstraint) -> bool:
    """Whether the markers of ``old`` are right for all groups of ``new``, and name no others."""
    written = old.get("markers", "")
    if isinstance(written, dict) and {*map(canonicalize_name, written)} - groups(new):
        return False
    before = markers_by_group(old, new.get("groups", ()))
    after = markers_by_group(new, new.get("groups", ()))
    return all(notation.same_markers(before[name], after[name], python) for name in after)


class Need(NamedTuple):
    """One constraint on a dependency: where it applies, and what it requires there.

    ``origin`` are the keys of a git, path or URL dependency with their values, ``source`` is the
    name of the only index that may be used.
    """

    where: BaseMarker
    versions: VersionConstraint
    extras: frozenset[str]
    origin: tuple[tuple[str, str], ...]
    optional: bool = False
    source: str = ""

    @property
    def without_extras(self) -> Need:
        """The same need in any choice of extras."""
        return self._replace(where=self.where.without_extras())


@functools.lru_cache(maxsize=8192)
def _plain_need(text: str) -> Need:
    return Need(notation.marker(""), notation.constraint(text), frozenset(), ())


def needs(value: Any) -> tuple[Need, ...]:
    """Parse the value of one dependency in an entry. Raises UnreadableError."""
    return tuple(_need(part) for part in (value if isinstance(value, list) else [value]))


def _need(value: Any) -> Need:
    if isinstance(value, str):
        return _plain_need(value)
    where = _where(value)
    return Need(
        where=where,
        versions=notation.constraint(str(value.get("version", "*"))),
        extras=frozenset(map(canonicalize_name, value.get("extras", ()))),
        origin=tuple((key, str(value[key])) for key in _DIRECT if key in value),
        optional=bool(value.get("optional")) and "extra" not in str(where),
    )


def _where(table: Mapping[str, Any]) -> BaseMarker:
    """Return a dependency's marker; old formats also have ranges of Pythons."""
    where = notation.marker(str(table.get("markers", "")))
    if "python" in table:
        from poetry.core.packages.utils.utils import create_nested_marker

        nested = create_nested_marker("python_version", notation.constraint(str(table["python"])))
        where = where.intersect(notation.marker(nested))
    if "platform" in table:
        where = where.intersect(notation.marker(f'sys_platform == "{table["platform"]}"'))
    return where


class Context(NamedTuple):
    """The environments in which an entry matters.

    ``where`` returns the marker under which it is installed, ``extras`` are those of its extras
    that its dependencies name.
    """

    python: VersionConstraint
    where: Callable[[], BaseMarker]
    extras: frozenset[str]

    def counts(self, sample: Sample) -> bool:
        """Whether a sample has no extras except those that matter."""
        return self.extras.issuperset(map(canonicalize_name, sample["extra"]))


def same_needs(old: Any, new: Any, context: Context) -> bool:
    """Whether two values of one dependency mean the same; ``None`` stands for no dependency.

    They do if they require the same in every environment of the project in which the entry is
    installed, with any choice of the extras that matter. Raises UnreadableError.
    """
    if old == new:
        return True
    before, after = (() if value is None else needs(value) for value in (old, new))
    if len(before) == len(after) and all(need in after for need in before):
        return True
    if _ask_same(before, after, context, None):
        return True
    where = context.where()
    return not where.is_any() and _ask_same(before, after, context, where)


def _ask_same(
    before: Sequence[Need], after: Sequence[Need], context: Context, where: BaseMarker | None
) -> bool:
    markers = [need.where for need in (*before, *after)]
    drawn = samples(markers if where is None else [*markers, where], context.python)
    return drawn is not None and all(
        _asked(before, sample) == _asked(after, sample)
        for sample in drawn
        if context.counts(sample) and (where is None or where.validate(sample))
    )


def _asked(all_needs: Sequence[Need], sample: Sample) -> tuple[Any, ...] | None:
    """Return what is required in one environment; ``None`` for nothing."""
    active = [need for need in all_needs if need.where.validate(sample)]
    if not active:
        return None
    versions = active[0].versions
    for need in active[1:]:
        versions = versions.intersect(need.versions)
    extras = frozenset[str]().union(*(need.extras for need in active))
    origins = frozenset(need.origin for need in active)
    return notation.range_ends(versions), extras, origins, all(need.optional for need in active)


def extras_of_needs(entry: Entry) -> frozenset[str]:
    """Return the extras that the dependencies of an entry name."""
    found: set[str] = set()
    for value in entry.get("dependencies", {}).values():
        for table in value if isinstance(value, list) else [value]:
            if isinstance(table, dict):
                found.update(_EXTRA.findall(str(table.get("markers", ""))))
    return frozenset(map(canonicalize_name, found))


def same_requirements(old: Any, new: Any, *, exactly: bool) -> bool:
    """Whether one extra adds the same in two entries.

    For a package from an index Poetry reads only the names (and their extras) here: the versions
    are in the dependencies. ``exactly`` compares the versions, too.
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
    """Return versions and marker of a requirement in one spelling."""
    versions, _, where = text.partition(";")
    try:
        return str(notation.constraint(versions.strip(" ()"))), str(notation.marker(where.strip()))
    except notation.UnreadableError:
        return versions, where


def keeps_files(old: Sequence[Mapping[str, str]], new: Sequence[Mapping[str, str]]) -> bool:
    """Whether the files of a pin whose version did not change can stay as they are.

    Releases get more files over time, mostly for new Pythons and platforms; that is no reason to
    change what was locked and reviewed. Files are replaced if the lock had none, if a hash changed
    or cannot be checked, or if the index no longer has any of them.
    """
    before = {file["file"]: file["hash"] for file in old}
    after = {file["file"]: file["hash"] for file in new}
    if before == after:
        return True
    if not before or not all(map(_HASH.fullmatch, before.values())):
        return False
    known = before.keys() & after.keys()
    return bool(known) and all(before[name] == after[name] for name in known)
