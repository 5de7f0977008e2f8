"""Reads the configurations that a project declares: the product of axes, and named ones.

All mistakes are collected and raised at once. ``settings.parse`` has already checked keys and
types; the values are checked here.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from poetry_lockguard.settings import settings_error
from poetry_lockguard.targets.configuration import MAIN, Wish, configuration
from poetry_lockguard.targets.platforms import platform
from poetry_lockguard.targets.values import Bounds, mistakes_of_value
from poetry_lockguard.targets.variant import clashing_sources, variant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from poetry_lockguard.targets.configuration import Configuration

AXES: dict[str, list[Any]] = {
    "platform": [],
    "python": [],
    "implementation": ["cpython"],
    "extras": [[]],
    "groups": [[*MAIN]],
    "variant": [""],  # the names of ``matrix.variants``
}

# CI pipelines use it in names of files, artifacts and jobs, in a shell, on any system.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _DeclaredConfiguration:
    """One configuration and the place in the settings that declares it."""

    place: str
    configuration: Configuration


def configurations(
    matrix: Mapping[str, Any],
    single: Mapping[str, Mapping[str, Any]],
    bounds: Bounds,
    where: str = "pyproject.toml",
) -> tuple[Configuration, ...]:
    """Return the configurations of ``[tool.lockguard.matrix]`` and ``….configurations``.

    ``bounds`` are the project's range of Pythons, groups and extras; ``where`` is the file that
    messages name. Raises SettingsError that lists every mistake, one per line.
    """
    mistakes = [*_matrix_mistakes(matrix, bounds), *_single_mistakes(single, bounds)]
    entries: list[_DeclaredConfiguration] = []
    if not mistakes:
        entries = [*_product(matrix, bounds), *_singles(single, bounds)]
        variants = [(entry.place, entry.configuration.variant) for entry in entries]
        mistakes = [
            *_idle_excludes(matrix),
            *_duplicates(entries),
            *dict.fromkeys(clashing_sources(variants)),
        ]
    if mistakes:
        raise settings_error(mistakes, where)
    return tuple(entry.configuration for entry in entries)


def _matrix_mistakes(matrix: Mapping[str, Any], bounds: Bounds) -> Iterator[str]:
    if not matrix:
        return
    for axis, default in AXES.items():
        values = matrix.get(axis, default)
        if not values:
            yield f"matrix.{axis}: expected at least one value"
        for number, value in enumerate(values):
            if axis != "variant":
                yield from mistakes_of_value(axis, value, f"matrix.{axis}[{number}]", bounds)
    yield from _variant_mistakes(matrix.get("variants", {}), bounds)
    yield from _exclude_mistakes(matrix, bounds)


def _exclude_mistakes(matrix: Mapping[str, Any], bounds: Bounds) -> Iterator[str]:
    for number, exclude in enumerate(matrix.get("exclude", ())):
        if not exclude:
            axes = [axis for axis in AXES if axis != "variant" or matrix.get("variants")]
            yield f"matrix.exclude[{number}]: expected at least one of {', '.join(axes)}"
        for axis, value in exclude.items():
            place = f"matrix.exclude[{number}].{axis}"
            if axis != "variant":
                yield from mistakes_of_value(axis, value, place, bounds)
            elif value not in matrix.get("variants", {}):
                known = ", ".join(matrix.get("variants", {})) or "none"
                yield f"{place}: no such variant: {value}; matrix.variants has {known}"


def _variant_mistakes(variants: Mapping[str, Any], bounds: Bounds) -> Iterator[str]:
    for name, table in variants.items():
        place = f"matrix.variants.{name}"
        if not _NAME.fullmatch(name):
            yield f"matrix.variants.{name!r}: not a name; use A-Z, a-z, 0-9, ., _, + and -"
        for key, value in table.items():
            yield from mistakes_of_value(key, value, f"{place}.{key}", bounds)


def _single_mistakes(single: Mapping[str, Mapping[str, Any]], bounds: Bounds) -> Iterator[str]:
    for name, table in single.items():
        if not _NAME.fullmatch(name):
            yield (
                f"configurations.{name!r}: not a name; expected up to 100 of A-Z, a-z, 0-9, ., _, +"
                " and -, the first a letter or a digit"
            )
        for axis in ("platform", "python"):
            if axis not in table:
                yield f"configurations.{name}: {axis} is missing"
        for axis, value in table.items():
            yield from mistakes_of_value(axis, value, f"configurations.{name}.{axis}", bounds)


def _product(matrix: Mapping[str, Any], bounds: Bounds) -> Iterator[_DeclaredConfiguration]:
    for values in _combinations(matrix):
        if not _excluded_by(matrix, values):
            made = _in_variant(matrix, values, bounds)
            yield _DeclaredConfiguration(place="matrix", configuration=made)


def _in_variant(
    matrix: Mapping[str, Any], values: Mapping[str, Any], bounds: Bounds
) -> Configuration:
    """Return one configuration of the product, named after its values and its variant."""
    wish, name = _wish(values, bounds), values["variant"]
    if not name:
        return configuration(wish)
    table = matrix["variants"][name]
    own = replace(
        wish,
        groups=(*wish.groups, *table.get("groups", ())),
        extras=(*wish.extras, *table.get("extras", ())),
        variant=variant(table.get("sources", {}), table.get("constraints", ()), bounds.sources),
    )
    return configuration(own, f"{configuration(wish).name}-{name}")


def _singles(
    single: Mapping[str, Mapping[str, Any]], bounds: Bounds
) -> Iterator[_DeclaredConfiguration]:
    for name, table in single.items():
        made = configuration(_wish(table, bounds), name)
        yield _DeclaredConfiguration(place=f"configurations.{name}", configuration=made)


def _idle_excludes(matrix: Mapping[str, Any]) -> Iterator[str]:
    excluded = [_excluded_by(matrix, values) for values in _combinations(matrix)]
    if excluded and all(excluded):
        yield "matrix.exclude: excludes every configuration"
        return
    for number in sorted({*range(len(matrix.get("exclude", ())))}.difference(*excluded)):
        yield f"matrix.exclude[{number}]: excludes nothing; no configuration has these values"


def _excluded_by(matrix: Mapping[str, Any], values: Mapping[str, Any]) -> set[int]:
    """Return the numbers of the excludes that drop this combination of values."""
    comparable = _comparable(values)
    return {
        number
        for number, exclude in enumerate(matrix.get("exclude", ()))
        if _comparable(exclude).items() <= comparable.items()
    }


def _duplicates(entries: list[_DeclaredConfiguration]) -> Iterator[str]:
    names: dict[str, list[_DeclaredConfiguration]] = defaultdict(list)
    contents: dict[tuple[Any, ...], list[_DeclaredConfiguration]] = defaultdict(list)
    for entry in entries:
        declared = entry.configuration
        names[declared.name.casefold()].append(entry)
        key = (declared.target, declared.groups, declared.extras, declared.variant)
        contents[key].append(entry)
    for entry, *again in names.values():
        for twin in again[:1]:
            name, other = entry.configuration.name, twin.configuration.name
            yield f"{twin.place}: " + (
                f"{name} is declared twice; name each configuration once"
                if name == other
                else f"{other} differs from {name} only in upper and lower case; rename one"
            )
    for same in contents.values():
        first, *others = dict.fromkeys(entry.configuration.name for entry in same)
        for other in others:
            yield f"{same[-1].place}: {other} is the same configuration as {first}; keep one"


def _combinations(matrix: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if matrix:
        axes = [
            [*matrix.get("variants", {})] or default
            if axis == "variant"
            else matrix.get(axis, default)
            for axis, default in AXES.items()
        ]
        for values in itertools.product(*axes):
            yield dict(zip(AXES, values, strict=True))


def _wish(values: Mapping[str, Any], bounds: Bounds) -> Wish:
    return Wish(
        python=values["python"],
        platform=values["platform"],
        implementation=values.get("implementation", "cpython"),
        groups=tuple(values.get("groups", MAIN)),
        extras=tuple(values.get("extras", ())),
        variant=variant(values.get("sources", {}), values.get("constraints", ()), bounds.sources),
    )


def _comparable(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values in a form in which spelling and order do not matter."""
    from packaging.utils import canonicalize_name

    found: dict[str, Any] = {}
    for axis, value in values.items():
        match axis:
            case "platform":
                found[axis] = platform(value).tag
            case "groups" | "extras":
                found[axis] = frozenset(canonicalize_name(name) for name in value)
            case _:
                found[axis] = value
    return found
