"""Which pins of a configuration have no wheel for its target."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from poetry_lockguard.outcomes import Problem, Severity
from poetry_lockguard.snapshots.sources import Index, PyPI

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from packaging.tags import Tag

    from poetry_lockguard.snapshots.document import PackageEntry


def installable(
    configuration: str, pins: Mapping[str, PackageEntry], tags: Iterable[Tag], file: str
) -> Iterator[Problem]:
    """Warn of what would be built from source there; what has neither wheel nor source is wrong."""
    accepted = frozenset(tags)
    for name, pin in sorted(pins.items()):
        if not isinstance(pin.source, (PyPI, Index)) or not pin.files:
            continue
        if any(_tags(each) & accepted for each in pin.files if each.endswith(".whl")):
            continue
        has_source = any(not each.endswith((".whl", ".egg", ".exe")) for each in pin.files)
        what = "would be built from source" if has_source else "has nothing that installs"
        yield Problem(
            code="no-wheel" if has_source else "not-installable",
            message=f"{configuration}: {name} {pin.version} has no wheel for it and {what}"
            if has_source
            else f"{configuration}: {name} {pin.version} {what} there",
            severity=Severity.WARNING if has_source else Severity.ERROR,
            package=name,
            locked=pin.version,
            file=file,
        )


@cache
def _tags(file: str) -> frozenset[Tag]:
    try:
        return parse_wheel_filename(file)[3]
    except InvalidWheelFilename:
        return frozenset()
