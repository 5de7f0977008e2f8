"""Decides whether two constraints or markers of a lock mean the same, compared as values."""

from __future__ import annotations

import re
from functools import cache
from itertools import islice, product
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_ATOM = re.compile(r"""(\w+)\s*(===|==|~=|!=|<=|>=|<|>|not\s+in\b|in\b)\s*(["'])(.*?)\3""")
_GLUE = re.compile(r"(?:[()\s]|\band\b|\bor\b)*")
_PYTHONS = {"python_version", "python_full_version"}
_TEXTS = {
    "sys_platform",
    "platform_system",
    "platform_machine",
    "platform_python_implementation",
    "implementation_name",
    "os_name",
}
_ORDERED = {"<", "<=", ">", ">=", "~="}
_MOST = 3000  # environments to try; with more, only poetry-core's comparison decides


@cache
def is_same_constraint(old: str, new: str) -> bool:
    """Whether both allow the same versions."""
    if old == new:
        return True
    from poetry.core.constraints.version import parse_constraint

    try:
        before, after = parse_constraint(old), parse_constraint(new)
    except ValueError:
        return False
    return before.allows_all(after) and after.allows_all(before)


@cache
def is_same_marker(old: str, new: str, python: str = "*") -> bool:
    """Whether both are true in the same environments, of the Pythons that ``python`` allows.

    Every environment that the comparisons in the two markers distinguish is tried. If there are
    unusual comparisons, or too many, only markers that poetry-core calls equal are the same.
    """
    if old == new:
        return True
    from poetry.core.version.markers import parse_marker

    try:
        before, after = parse_marker(old), parse_marker(new)
    except Exception:  # noqa: BLE001 - poetry-core's parser raises private errors
        return False
    if before == after:
        return True
    tried = [*islice(_environments(f"{old} {new}", python), _MOST + 1)]
    if not tried or len(tried) > _MOST:
        return False
    return all(before.validate(env) == after.validate(env) for env in tried)


def _environments(text: str, python: str) -> Iterator[dict[str, str]]:
    """Yield the environments that comparisons in ``text`` distinguish; none if one is unusual."""
    atoms = [(name, " ".join(how.split()), value) for name, how, _, value in _ATOM.findall(text)]
    if not _GLUE.fullmatch(_ATOM.sub(" ", text)) or not all(map(_is_plain, atoms)):
        return
    names = sorted({name for name, _, _ in atoms} & _TEXTS)
    choices = [_texts(name, atoms) for name in names]
    for full in _pythons(atoms, python):
        short = ".".join(full.split(".")[:2])
        base = {"python_version": short, "python_full_version": full}
        for values in product(*choices):
            yield {**base, **dict(zip(names, values, strict=True))}


def _is_plain(atom: tuple[str, str, str]) -> bool:
    name, how, value = atom
    if name in _PYTHONS:
        return bool(re.fullmatch(r"\d+(\.\d+)*(\.\*)?([, |]+\d+(\.\d+)*)*", value))
    return name in _TEXTS and how not in _ORDERED


def _texts(name: str, atoms: list[tuple[str, str, str]]) -> list[str]:
    named = {
        part
        for other, how, value in atoms
        if other == name
        for part in ([value] if how in {"==", "!=", "==="} else re.split(r"[ ,|]+", value))
    }
    return [*sorted(named - {""}), "something-else"]


def _pythons(atoms: list[tuple[str, str, str]], python: str) -> list[str]:
    """Return a Python for every interval between the named ones, within the range."""
    named = " ".join([python, *(value for name, _, value in atoms if name in _PYTHONS)])
    minors = {(2, 7), (3, 0)}
    patches = {0, 1}
    for number in re.findall(r"\d+(?:\.\d+)*", named):
        parts = [int(part) for part in number.split(".")]
        minors |= {
            (parts[0], minor)
            for near in (parts[1] if len(parts) > 1 else 0,)
            for minor in (near - 1, near, near + 1)
            if minor >= 0
        }
        if len(parts) > 2:  # noqa: PLR2004 - a patch release
            patches |= {max(parts[2] - 1, 0), parts[2], parts[2] + 1}
    minors |= {(major + 1, 0) for major, _ in minors}
    every = [f"{major}.{minor}.{patch}" for major, minor in minors for patch in patches]
    return sorted(full for full in every if _allows(python, full))


def _allows(python: str, full: str) -> bool:
    from poetry.core.constraints.version import Version, parse_constraint

    try:
        return parse_constraint(python).allows(Version.parse(full))
    except ValueError:
        return True


def is_same_dependency(
    old: str | dict[str, Any], new: str | dict[str, Any], python: str = "*"
) -> bool:
    """Whether two entries of ``[package.dependencies]`` require the same."""
    before, after = _table(old), _table(new)
    texts = {"version", "markers", "extras"}
    return (
        is_same_constraint(before.get("version", "*"), after.get("version", "*"))
        and is_same_marker(before.get("markers", ""), after.get("markers", ""), python)
        and {*before.get("extras", ())} == {*after.get("extras", ())}
        and _without(before, texts) == _without(after, texts)
    )


def _table(entry: str | dict[str, Any]) -> dict[str, Any]:
    return {"version": entry} if isinstance(entry, str) else entry


def _without(table: dict[str, Any], keys: set[str]) -> dict[str, Any]:
    """Return the rest of a table, without flags that are false."""
    return {key: value for key, value in table.items() if key not in keys and value is not False}


def is_same_extras(old: dict[str, tuple[str, ...]], new: dict[str, tuple[str, ...]]) -> bool:
    """Whether both have the same extras with the same requirements, in any order."""
    return {name: {*items} for name, items in old.items()} == {
        name: {*items} for name, items in new.items()
    }
