"""What is different between two locks, package by package, and what of the lock itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from poetry_lockguard.lockfile.pin_pairs import age, has_same_version, is_same, pairs
from poetry_lockguard.urls import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.lockfile.document import Lock, Pin, Source

KINDS = (
    "added",
    "removed",
    "upgraded",
    "downgraded",
    "re-sourced",
    "groups",
    "markers",
    "metadata",
    "files",
)
GROUPS_SINCE = (2, 1)  # the lock format that holds groups and markers


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference of one package; ``kind`` is one of ``KINDS``.

    ``old`` and ``new`` are versions, with the source where it is not PyPI, or the text of the
    groups, markers, metadata or files that changed; ``None`` where there was or is nothing.
    """

    package: str
    kind: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockChange:
    """One difference of the locks themselves; ``key`` is the key of ``[metadata]``."""

    key: str
    old: str | None
    new: str | None


def changes(old: Lock | None, new: Lock | None) -> tuple[Change, ...]:
    """Compare the pins of two locks, sorted by package; ``None`` is a lock that is not there.

    Groups and markers are compared where both locks are of a format that has them.
    """
    has_groups = all(lock is None or _format(lock) >= GROUPS_SINCE for lock in (old, new))
    return tuple(
        change
        for before, after in pairs(old, new)
        for change in _differences(before, after, has_groups=has_groups)
    )


def lock_changes(old: Lock | None, new: Lock | None) -> tuple[LockChange, ...]:
    """Compare what two locks say of themselves: nothing, when one of them is not there."""
    if old is None or new is None:
        return ()
    said = {
        "lock-version": (old.lock_version, new.lock_version),
        "python-versions": (old.python_versions, new.python_versions),
        "extras": (_extras(old.extras), _extras(new.extras)),
        "content-hash": (old.content_hash, new.content_hash),
    }
    return tuple(
        LockChange(key=key, old=before or None, new=after or None)
        for key, (before, after) in said.items()
        if before != after
    )


def _format(lock: Lock) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", lock.lock_version or ""))


def _differences(old: Pin | None, new: Pin | None, *, has_groups: bool) -> Iterator[Change]:
    if old is None or new is None:
        if new is not None:
            yield Change(package=new.name, kind="added", old=None, new=_identity(new))
        if old is not None:
            yield Change(package=old.name, kind="removed", old=_identity(old), new=None)
        return
    if _place(old.source) != _place(new.source) or (
        has_same_version(old, new) and old.source != new.source
    ):
        yield _change("re-sourced", new, _identity(old), _identity(new))
    elif not has_same_version(old, new):
        kind = "upgraded" if age(old) < age(new) else "downgraded"
        yield _change(kind, new, old.version, new.version)
    if has_groups and _groups(old) != _groups(new):
        yield _change("groups", new, _groups(old), _groups(new))
    if has_groups and _has_other_markers(old, new):
        yield _change("markers", new, _markers(old), _markers(new))
    if is_same(old, new):
        yield from _inner_differences(old, new)


def _inner_differences(old: Pin, new: Pin) -> Iterator[Change]:
    """Compare what one version of one source says of itself: that should never change."""
    metadata = _metadata(old, new), _metadata(new, old)
    if any(metadata):
        yield _change("metadata", new, *metadata)
    if {*old.files} != {*new.files}:
        yield _change("files", new, *_files(old, new))


def _change(kind: str, pin: Pin, old: str, new: str) -> Change:
    return Change(package=pin.name, kind=kind, old=old or None, new=new or None)


def _identity(pin: Pin) -> str:
    source = pin.source
    if source is None:
        return pin.version
    commit = source.resolved_reference
    parts = [source.kind, shown(source.url)]
    if source.subdirectory:
        parts.append(f"in {source.subdirectory}")
    if commit:
        parts.append(f"at {commit[:12]}")
    return f"{pin.version} ({' '.join(parts)})"


def _place(source: Source | None) -> tuple[str | None, ...] | None:
    return None if source is None else (source.kind, source.url, source.subdirectory)


def _groups(pin: Pin) -> str:
    return ", ".join(sorted(pin.groups)) + (" (optional)" if pin.optional else "")


def _by_group(pin: Pin) -> dict[str, str]:
    if isinstance(pin.markers, dict):
        return pin.markers
    return dict.fromkeys(pin.groups, pin.markers or "")


def _has_other_markers(old: Pin, new: Pin) -> bool:
    before, after = _by_group(old), _by_group(new)
    if not {*before} & {*after}:
        return {*before.values(), ""} != {*after.values(), ""}
    return any(before[group] != after[group] for group in before if group in after)


def _markers(pin: Pin) -> str:
    if isinstance(pin.markers, dict):
        return ", ".join(f"{group}: {marker}" for group, marker in sorted(pin.markers.items()))
    return pin.markers or ""


def _metadata(pin: Pin, other: Pin) -> str:
    """Return what ``pin`` says otherwise than ``other``: Python range, dependencies, extras."""
    said = []
    if pin.python_versions != other.python_versions:
        said.append(f"python {pin.python_versions}")
    for name, wanted in sorted(pin.dependencies.items()):
        if wanted != other.dependencies.get(name):
            said.append(f"{name} {' or '.join(map(_constraint, wanted))}")
    if pin.extras and pin.extras != other.extras:
        said.append(f"extras {_extras(pin.extras)}")
    return ", ".join(said)


def _constraint(wanted: str | dict[str, Any]) -> str:
    if isinstance(wanted, str):
        return wanted
    where = next((str(wanted[key]) for key in ("git", "url", "path") if key in wanted), "*")
    text = str(wanted.get("version", shown(where)))
    return f"{text} ; {wanted['markers']}" if wanted.get("markers") else text


def _extras(extras: dict[str, tuple[str, ...]]) -> str:
    return ", ".join(f"{name} [{', '.join(items)}]" for name, items in sorted(extras.items()))


def _files(old: Pin, new: Pin) -> tuple[str, str]:
    """Name the files whose hash is another; where there are none, say how many there are."""
    before = {file.name: file.hash for file in old.files}
    after = {file.name: file.hash for file in new.files}
    other = sorted(name for name in before if after.get(name, before[name]) != before[name])
    if not other:
        return _count(before), _count(after)
    return tuple(  # type: ignore[return-value]  # two comprehensions over a pair give a pair
        ", ".join(f"{name} {hashes[name]}" for name in other) for hashes in (before, after)
    )


def _count(files: dict[str, str]) -> str:
    return "1 file" if len(files) == 1 else f"{len(files)} files"
