"""Copies poetry-core's packages and dependencies faster than their own ``clone``."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from poetry.core.packages.specification import PackageSpecification

Specification = TypeVar("Specification", bound="PackageSpecification")


def clone(original: Specification) -> Specification:
    """Return a shallow copy without the pickling protocol: this runs many thousand times."""
    copy = object.__new__(type(original))
    copy.__dict__ = original.__dict__.copy()
    return copy
