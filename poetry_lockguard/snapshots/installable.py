"""Which pins of a configuration have no wheel for its target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.outcomes import Problem, Severity
from poetry_lockguard.snapshots import compatible_files
from poetry_lockguard.snapshots.origins import Index, PyPI

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from poetry_lockguard.snapshots.document import PackageEntry
    from poetry_lockguard.targets.configuration import Configuration


def installable(
    configuration: Configuration, pins: Mapping[str, PackageEntry], file: str
) -> Iterator[Problem]:
    """Yield a warning per source build and an error per pin with neither wheel nor source."""
    for name, pin in sorted(pins.items()):
        if not isinstance(pin.source, (PyPI, Index)) or not pin.files:
            continue
        if compatible_files.installable(name, pin, configuration.target).wheels:
            continue
        # Poetry also builds from archives that no standard names, such as .tar.bz2.
        has_source = any(not each.endswith((".whl", ".egg", ".exe")) for each in pin.files)
        what = "would be built from source" if has_source else "has nothing that installs"
        where = f"{name} {pin.version}"
        yield Problem(
            code="no-wheel" if has_source else "not-installable",
            message=f"{where} has no wheel there and {what}"
            if has_source
            else f"{where} {what} there",
            severity=Severity.WARNING if has_source else Severity.ERROR,
            package=name,
            locked=pin.version,
            file=file,
        ).in_configuration(configuration.name)
