"""Whether two markers hold in the same environments, as poetry-core understands them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.freshness.locked_package import parsed_marker

if TYPE_CHECKING:
    from poetry.core.version.markers import BaseMarker


def overlap(one: str, other: str, python_versions: str) -> bool | None:
    """Return None if two markers exclude each other on these Pythons.

    Otherwise, return whether one of them holds wherever the other does.
    """
    python = _of_pythons(python_versions)
    left = parsed_marker(one).intersect(python)
    right = parsed_marker(other).intersect(python)
    if left.intersect(right).is_empty():
        return None
    return _is_within(left, right) or _is_within(right, left)


def _is_within(inner: BaseMarker, outer: BaseMarker) -> bool:
    return inner.intersect(outer.invert()).is_empty()


def _of_pythons(python_versions: str) -> BaseMarker:
    from poetry.core.constraints.version import parse_constraint
    from poetry.core.packages.utils.utils import create_nested_marker

    try:
        constraint = parse_constraint(python_versions)
    except ValueError:
        return parsed_marker("")
    return parsed_marker(create_nested_marker("python_version", constraint))
