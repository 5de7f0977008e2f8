"""Changes of groups and markers in words: ``no longer in main``, ``for all Pythons now``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from poetry_lockguard.plurals import enumerated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from poetry_lockguard.lockfile.changes import Change, Place, Versions

_VARIABLE = re.compile(r"\b(\w+)(?=\s*(?:[<>=!~]|in\b|not\b))")
_SHORT = 60  # characters of a marker that is told beside a version
_PYTHONS = {"python_version", "python_full_version"}


def said(change: Change) -> str:
    """Return in words what a change of groups or markers means."""
    if change.before is None or change.after is None:
        return f"{change.old or 'none'} -> {change.new or 'none'}"
    words = _groups if change.kind == "groups" else _markers
    return words(change.before, change.after)


def versions(change: Versions) -> str:
    """Return in words which versions of a package are locked now, where, and for which groups."""
    parts = [f"{_versions_now(change)} (was {', '.join(version for version, _ in change.old)})"]
    if change.before is not None and change.after is not None:
        parts += [words] if (words := _groups(change.before, change.after)) else []
    return "; ".join(parts)


def _versions_now(change: Versions) -> str:
    if len(change.new) > 1:
        return f"{len(change.new)} versions now, {', '.join(_for_whom(change.new))}"
    ((version, marker),) = change.new
    return f"one version{'' if marker else _all_of(old for _, old in change.old)} now, {version}"


def _for_whom(pins: Iterable[tuple[str, str]]) -> list[str]:
    """Return the versions, each with its marker if all have one and none is long."""
    found = [*pins]
    if not all(0 < len(marker) <= _SHORT for _, marker in found):
        return [version for version, _ in found]
    return [f"{version} for {_plain(marker)}" for version, marker in found]


def _all_of(markers: Iterable[str]) -> str:
    """Return for whom a version without marker is, by what markers told apart before."""
    variables = {*_VARIABLE.findall(" and ".join(markers))}
    if not variables:
        return ""
    return " for all Pythons" if variables <= _PYTHONS else " for all"


def _groups(before: Place, after: Place) -> str:
    old, new = ({group for group, _ in place.markers} for place in (before, after))
    removed, added = sorted(old - new), sorted(new - old)
    parts = []
    if removed and added and (len(removed) == len(added) == 1 or not old & new):
        parts.append(f"now in {enumerated(added)} (was in {enumerated(removed)})")
    else:
        parts += [f"now also in {enumerated(added)}"] if added else []
        parts += [f"no longer in {enumerated(removed)}"] if removed else []
    if before.optional != after.optional:
        parts.append("optional now" if after.optional else "no longer optional")
    return "; ".join(parts)


def _markers(before: Place, after: Place) -> str:
    old, new = dict(before.markers), dict(after.markers)
    shared = [group for group in new if group in old]
    if not shared:
        return _marker_change(_any(old.values()), _any(new.values()))
    by_words: dict[str, list[str]] = {}
    for group in shared:
        if old[group] != new[group]:
            by_words.setdefault(_marker_change(old[group], new[group]), []).append(group)
    if len(by_words) == 1 and len(next(iter(by_words.values()))) == len(new):
        return next(iter(by_words))
    return "; ".join(f"in {enumerated(groups)} {words}" for words, groups in by_words.items())


def _marker_change(old: str, new: str) -> str:
    first, second = _conjuncts(old), _conjuncts(new)
    shared = [part for part in first if part in second]
    was, now = (" and ".join(one for one in side if one not in shared) for side in (first, second))
    if was and now and len(" and ".join(shared)) > _SHORT:
        still = _plain(" and ".join(shared))
        return f"for {_plain(now)} now (was for {_plain(was)}); still for {still}"
    if new:
        return f"for {_plain(new)} now (was {f'for {_plain(old)}' if old else 'for all'})"
    variables = {*_VARIABLE.findall(old)}
    return f"for all{' Pythons' if variables <= _PYTHONS else ''} now (was {_plain(old)})"


def _conjuncts(marker: str) -> list[str]:
    """Return the parts that a marker joins by ``and``; the marker itself if it is an ``or``."""
    parts, depth = [""], 0
    for word in re.split(r"( and | or |[()])", marker):
        depth += {"(": 1, ")": -1}.get(word, 0)
        if depth == 0 and word == " or ":
            return [marker]
        if depth == 0 and word == " and ":
            parts.append("")
        else:
            parts[-1] += word
    return parts


def _any(markers: Iterable[str]) -> str:
    texts = sorted({*markers})
    return " or ".join(texts) if all(texts) else ""


def _plain(marker: str) -> str:
    """Return a marker without quotes, and with ``python`` for what it calls python_version."""
    return re.sub(r"\bpython_(full_)?version\b", "python", marker).replace('"', "")
