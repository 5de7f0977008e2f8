"""Compares two locks, package by package, and in the data of the lock itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from poetry_lockguard.lockfile.notation import (
    is_same_constraint,
    is_same_dependency,
    is_same_extras,
    is_same_marker,
)
from poetry_lockguard.lockfile.pin_pairs import age, has_same_version, is_same, pairs, repeated
from poetry_lockguard.plurals import counted
from poetry_lockguard.urls import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.lockfile.document import Lock, Pin, Source

Wanted = tuple["str | dict[str, Any]", ...]
GROUPS_SINCE = (2, 1)  # the first lock format with groups and markers


class Place(NamedTuple):
    """Who gets a pin, and where: the marker of every group, or an empty string."""

    markers: tuple[tuple[str, str], ...]
    optional: bool = False


class Versions(NamedTuple):
    """All versions at which two locks pin a package, oldest first, with the marker of each.

    ``before`` and ``after`` are the groups of all of them together, if both locks have groups.
    """

    old: tuple[tuple[str, str], ...]
    new: tuple[tuple[str, str], ...]
    before: Place | None = None
    after: Place | None = None


class Change(NamedTuple):
    """One difference of one package; ``kind`` is one of ``outcomes.CHANGE_KINDS``.

    ``old`` and ``new`` are versions, with the source if it is not PyPI, or the text of the changed
    groups, markers, metadata or files; ``None`` stands for nothing. ``notation`` is a different
    text with the same meaning. ``before`` and ``after`` are set if groups or markers changed;
    ``versions`` if the number of versions at which the package is pinned changed. ``named`` is what
    people are told of an added or removed pin of an index, with its name in place of the URL, or of
    a pin from the same place as before under another name.
    """

    package: str
    kind: str
    old: str | None
    new: str | None
    before: Place | None = None
    after: Place | None = None
    versions: Versions | None = None
    named: str | None = None


class LockChange(NamedTuple):
    """One difference of the locks themselves; ``key`` is a key of ``[metadata]``."""

    key: str
    old: str | None
    new: str | None


def changes(old: Lock | None, new: Lock | None) -> tuple[Change, ...]:
    """Return the changes of pins between two locks, sorted by package; ``None`` is a missing lock.

    Groups and markers are compared if the formats of both locks have them.
    """
    has_groups = all(lock is None or _format(lock) >= GROUPS_SINCE for lock in (old, new))
    python = (new and new.python_versions) or "*"
    several = _several(old, new, has_groups=has_groups)
    again = {id(pin) for lock in (old, new) for pin in repeated(lock)}
    return tuple(
        change._replace(versions=several.get(change.package))
        for before, after in pairs(old, new)
        for change in (
            _repetition(before, after)
            if {id(before), id(after)} & again and None in (before, after)
            else _differences(before, after, python, has_groups=has_groups)
        )
    )


def _repetition(old: Pin | None, new: Pin | None) -> Iterator[Change]:
    """Yield the change of an entry that one of the locks has twice."""
    if old is not None:
        yield _change("notation", old, f"{old.version} twice", f"{old.version} once")
    elif new is not None:
        yield _change("notation", new, f"{new.version} once", f"{new.version} twice")


def _several(old: Lock | None, new: Lock | None, *, has_groups: bool) -> dict[str, Versions]:
    """Return the packages in both locks that are pinned at different numbers of versions."""
    before, after = _pins_by_name(old), _pins_by_name(new)
    return {
        name: Versions(
            old=_with_markers(before[name]),
            new=_with_markers(after[name]),
            before=_of_all(before[name]) if has_groups else None,
            after=_of_all(after[name]) if has_groups else None,
        )
        for name in before
        if name in after and len(before[name]) != len(after[name])
    }


def _with_markers(pins: list[Pin]) -> tuple[tuple[str, str], ...]:
    return tuple((pin.version, _joined(_by_group(pin))) for pin in pins)


def _of_all(pins: list[Pin]) -> Place:
    """Return the groups that get any of these pins; each has its own markers."""
    groups = sorted({group for pin in pins for group in pin.groups})
    is_optional = all(pin.optional for pin in pins)
    return Place(markers=tuple((group, "") for group in groups), optional=is_optional)


def _pins_by_name(lock: Lock | None) -> dict[str, list[Pin]]:
    found: dict[str, list[Pin]] = {}
    again = {id(pin) for pin in repeated(lock)}
    for pin in sorted(lock.pins if lock else (), key=age):
        if id(pin) not in again:
            found.setdefault(pin.name, []).append(pin)
    return found


def lock_changes(old: Lock | None, new: Lock | None) -> tuple[LockChange, ...]:
    """Return the changes of two locks' own data; nothing if one of them is missing."""
    if old is None or new is None:
        return ()
    values = {
        "lock-version": (old.lock_version, new.lock_version),
        "python-versions": (old.python_versions, new.python_versions),
        "extras": (_extras_beside(old, new), _extras_beside(new, old)),
        "content-hash": (old.content_hash, new.content_hash),
    }
    return tuple(
        LockChange(key=key, old=before or None, new=after or None)
        for key, (before, after) in values.items()
        if before != after
    )


def _extras_beside(lock: Lock, other: Lock) -> str:
    """Return the extras of a lock that the other one does not have, or not with the same names."""
    return _extras(
        {name: names for name, names in lock.extras.items() if other.extras.get(name) != names}
    )


def _format(lock: Lock) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", lock.lock_version or ""))


def _differences(
    old: Pin | None, new: Pin | None, python: str, *, has_groups: bool
) -> Iterator[Change]:
    if old is None or new is None:
        if new is not None:
            made = Change(package=new.name, kind="added", old=None, new=_identity(new))
            yield made._replace(named=_with_index(new))
        if old is not None:
            made = Change(package=old.name, kind="removed", old=_identity(old), new=None)
            yield made._replace(named=_with_index(old))
        return
    if _place(old.source) != _place(new.source) or (
        has_same_version(old, new) and old.source != new.source
    ):
        moved = _change("re-sourced", new, *_identities(old, new))
        yield moved._replace(named=_other_name(old, new))
    elif not has_same_version(old, new):
        kind = "upgraded" if age(old) < age(new) else "downgraded"
        yield _change(kind, new, old.version, new.version)
    if has_groups:
        yield from _places(old, new, python)
    elif old.optional != new.optional:
        words = ("required", "optional")
        yield _change("groups", new, words[old.optional], words[new.optional])._replace(
            before=Place(markers=(), optional=old.optional),
            after=Place(markers=(), optional=new.optional),
        )
    if is_same(old, new):
        yield from _inner_differences(old, new, python)


def _places(old: Pin, new: Pin, python: str) -> Iterator[Change]:
    """Yield the changes in who gets a pin, and where."""
    before, after = _groups(old), _groups(new)
    if before != after:
        yield _placed("groups", old, new, before, after)
    texts = _markers(old), _markers(new)
    if _has_other_markers(old, new, python):
        yield _placed("markers", old, new, *texts)
    elif _has_other_markers(old, new, None):
        yield _change("notation", new, *texts)


def is_for_same(old: Pin, new: Pin, python: str) -> bool:
    """Whether two pins are for the same groups and environments, however that is written."""
    same_groups = {*old.groups} == {*new.groups} and old.optional == new.optional
    return same_groups and not _has_other_markers(old, new, python)


def _placed(kind: str, old: Pin, new: Pin, before: str, after: str) -> Change:
    change = _change(kind, new, before, after)
    return change._replace(before=_who(old), after=_who(new))


def _who(pin: Pin) -> Place:
    return Place(markers=tuple(sorted(_by_group(pin).items())), optional=pin.optional)


def _inner_differences(old: Pin, new: Pin, python: str) -> Iterator[Change]:
    """Yield the changes in one version from one source, which should never change."""
    changed, respelled = _differing(old, new, python)
    if changed:
        yield _change("metadata", new, _metadata(old, changed), _metadata(new, changed))
    if {*old.files} != {*new.files}:
        yield _change("files", new, *_files(old, new))
    if respelled:
        yield _change("notation", new, _metadata(old, respelled), _metadata(new, respelled))


def _change(kind: str, pin: Pin, old: str, new: str) -> Change:
    return Change(package=pin.name, kind=kind, old=old or None, new=new or None)


def _identity(pin: Pin, *, further: str = "") -> str:
    source = pin.source
    if source is None:
        return pin.version
    commit = source.resolved_reference
    parts = [source.kind, shown(source.url)]
    if source.subdirectory:
        parts.append(f"in {source.subdirectory}")
    if commit:
        parts.append(f"at {commit[:12]}")
    return f"{pin.version} ({' '.join(parts)}{further})"


def _with_index(pin: Pin) -> str | None:
    """Return a pin's version and the name of its index; None if it is from elsewhere."""
    source = pin.source
    if source is None or source.kind != "legacy" or not source.reference:
        return None
    return f"{pin.version} from {source.reference}"


def _identities(old: Pin, new: Pin) -> tuple[str, str]:
    """Describe two pins; if all else is equal, with the source's name or the reference."""
    before, after = _identity(old), _identity(new)
    if before != after:
        return before, after
    return _identity(old, further=_named(old)), _identity(new, further=_named(new))


def _other_name(old: Pin, new: Pin) -> str | None:
    """Say what the place of a pin is called now, if nothing else about it changed."""
    if old.source is None or new.source is None or _identity(old) != _identity(new):
        return None
    names = old.source.reference or "unnamed", new.source.reference or "unnamed"
    if new.source.kind != "git":
        return f"{new.version} from source {names[1]} now (was {names[0]}), at the same address"
    return f"{new.version} at reference {names[1]} now (was {names[0]}), of the same commit"


def _named(pin: Pin) -> str:
    if pin.source is None:
        return ""
    what = "reference" if pin.source.kind == "git" else "source"
    return f", {what} {pin.source.reference or 'unnamed'}"


def _place(source: Source | None) -> tuple[str | None, ...] | None:
    return None if source is None else (source.kind, source.url, source.subdirectory)


def _groups(pin: Pin) -> str:
    return ", ".join(sorted(pin.groups)) + (" (optional)" if pin.optional else "")


def _by_group(pin: Pin) -> dict[str, str]:
    if isinstance(pin.markers, dict):
        return {**dict.fromkeys(pin.groups, ""), **pin.markers}
    return dict.fromkeys(pin.groups, pin.markers or "")


def _has_other_markers(old: Pin, new: Pin, python: str | None) -> bool:
    """Whether the markers differ in meaning or, without ``python``, in their text."""
    before, after = _by_group(old), _by_group(new)
    shared = {*before} & {*after}
    if not shared:
        return _differ(_joined(before), _joined(after), python)
    return any(_differ(before[group], after[group], python) for group in shared)


def _differ(old: str, new: str, python: str | None) -> bool:
    return old != new if python is None else not is_same_marker(old, new, python)


def _joined(markers: dict[str, str]) -> str:
    """Return one marker that is true if any of these is."""
    texts = sorted({*markers.values()})
    if not texts or not all(texts):
        return ""
    return texts[0] if len(texts) == 1 else " or ".join(f"({text})" for text in texts)


def _markers(pin: Pin) -> str:
    if isinstance(pin.markers, dict):
        return ", ".join(f"{group}: {marker}" for group, marker in sorted(pin.markers.items()))
    return pin.markers or ""


def _differing(old: Pin, new: Pin, python: str) -> tuple[list[str], list[str]]:
    """Return how the entries of two pins differ: in meaning, and only in notation."""
    found: list[tuple[str, bool]] = []
    if old.python_versions != new.python_versions:
        same = is_same_constraint(old.python_versions, new.python_versions)
        found.append(("python", same))
    for name in sorted({*old.dependencies, *new.dependencies}):
        before, after = old.dependencies.get(name, ()), new.dependencies.get(name, ())
        if before != after:
            found.append((f"on {name}", _is_same_list(before, after, python)))
    if old.extras != new.extras:
        found.append(("extras", is_same_extras(old.extras, new.extras, python)))
    return [what for what, same in found if not same], [what for what, same in found if same]


def _is_same_list(old: Wanted, new: Wanted, python: str) -> bool:
    """Whether two lists of constraints require the same, in any order."""
    left = [*new]
    for entry in old:
        equal = next((other for other in left if is_same_dependency(entry, other, python)), None)
        if equal is None:
            return False
        left.remove(equal)
    return not left


def _metadata(pin: Pin, about: list[str]) -> str:
    """Return the parts of a pin's metadata that ``about`` names, as text."""
    parts = [f"python {pin.python_versions}"] if "python" in about else []
    for name, wanted in sorted(pin.dependencies.items()):
        if f"on {name}" in about:
            parts.append(f"{name} {' or '.join(map(_constraint, wanted))}")
    if pin.extras and "extras" in about:
        parts.append(f"extras {_extras(pin.extras)}")
    return ", ".join(parts)


def _constraint(wanted: str | dict[str, Any]) -> str:
    if isinstance(wanted, str):
        return wanted
    where = next((str(wanted[key]) for key in ("git", "url", "path") if key in wanted), "*")
    text = str(wanted.get("version", shown(where)))
    return f"{text} ; {wanted['markers']}" if wanted.get("markers") else text


def _extras(extras: dict[str, tuple[str, ...]]) -> str:
    return ", ".join(f"{name} [{', '.join(items)}]" for name, items in sorted(extras.items()))


def _files(old: Pin, new: Pin) -> tuple[str, str]:
    """Return the files whose hash changed; if none did, the numbers of files."""
    before = {file.name: file.hash for file in old.files}
    after = {file.name: file.hash for file in new.files}
    changed = sorted(name for name in before if after.get(name, before[name]) != before[name])
    if not changed:
        return _count(before), _count(after)
    return tuple(  # type: ignore[return-value]  # two comprehensions over a pair give a pair
        ", ".join(f"{name} {hashes[name]}" for name in changed) for hashes in (before, after)
    )


def _count(files: dict[str, str]) -> str:
    return counted(len(files), "file")
