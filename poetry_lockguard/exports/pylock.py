"""``pylock.toml`` (PEP 751) for one configuration, or for several in one file.

The file lists its environments, so it cannot be installed elsewhere. With several configurations,
each package's marker says where it belongs, including extras and groups:
``packaging.pylock.Pylock.select`` with a configuration's environment, extras and groups gives
exactly its packages. Only files that install in one of the configurations are listed.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, cast

from poetry_lockguard.errors import LockguardError
from poetry_lockguard.exports import marker_literals, toml_text
from poetry_lockguard.exports.configuration_markers import Distinctions, numbers
from poetry_lockguard.exports.outcome import Export, Exported, Refused
from poetry_lockguard.exports.pin_selection import used
from poetry_lockguard.snapshots.origins import Directory, Git

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from packaging.pylock import Package
    from packaging.utils import NormalizedName

    from poetry_lockguard.exports.outcome import Places
    from poetry_lockguard.exports.pin_selection import Used
    from poetry_lockguard.snapshots.document import ConfigurationEntry, Snapshot

    Chosen = Mapping[str, ConfigurationEntry]

CREATED_BY = "poetry-lockguard"
NO_PYLOCK = (
    "pylock.toml needs packaging 26.0 or newer beside Poetry; run"
    " `poetry self add 'packaging>=26'`, or export requirements instead"
)


def pylock(snapshot: Snapshot, names: Iterable[str], places: Places) -> Export:
    """Write the ``pylock.toml`` of these configurations, or return every reason against it.

    Raises LockguardError when the installed ``packaging`` cannot write such files.
    """
    chosen = {name: snapshot.configurations[name] for name in sorted({*names})}
    distinctions = Distinctions([*chosen.values()])
    pins = [*used(snapshot, [*chosen.values()])]
    reasons = [
        *_early(chosen),
        *_indistinct([*chosen], distinctions, pins),
        *_unserved([*chosen], pins),
    ]
    packages: list[Package] = []
    if not reasons:
        packages, reasons = _packages(pins, distinctions, places)
    if reasons:
        return Refused(tuple(reasons))
    text = toml_text.dumps(_document(chosen, distinctions, packages))
    return Exported(text=text, notes=tuple(_notes(pins)))


def _packages(
    pins: Sequence[Used], distinctions: Distinctions, places: Places
) -> tuple[list[Package], list[str]]:
    try:
        from poetry_lockguard.exports.pylock_packages import Part, UnfitError, package
    except ModuleNotFoundError as error:
        raise LockguardError(NO_PYLOCK) from error
    made: list[Package] = []
    reasons: list[str] = []
    for pin in pins:
        part = Part(
            name=cast("NormalizedName", pin.name),
            entry=pin.entry,
            marker=distinctions.marker(pin.used_in),
            files=pin.files,
        )
        try:
            made.append(package(part, places))
        except UnfitError as error:
            reasons.append(f"{pin.name} {pin.entry.version}: {error}")
    return made, reasons


def _early(chosen: Chosen) -> Iterator[str]:
    """Yield the configurations for a pre-release of a Python whose release is also there.

    To PEP 440, ``3.14.0rc1`` is not ``<3.14.0``.
    """
    splits = marker_literals.patches([*chosen.values()])
    for name, entry in chosen.items():
        own = marker_literals.python(entry)
        for split in splits:
            if own < split and own.release == split.release:
                yield (
                    f"{name}: no environment marker distinguishes Python {own} from {split};"
                    " export them one by one"
                )


def _indistinct(
    names: Sequence[str], distinctions: Distinctions, pins: Sequence[Used]
) -> Iterator[str]:
    """Name the configurations that differ, though no marker can distinguish them."""
    found: dict[tuple[int, int], list[str]] = {}
    for pin in pins:
        for number in numbers(pin.used_in):
            for other in numbers(distinctions.alike(number) & ~pin.used_in):
                pair = (min(number, other), max(number, other))
                found.setdefault(pair, []).append(pin.name)
    for (number, other), packages in sorted(found.items()):
        differing = ", ".join(dict.fromkeys(packages))
        yield (
            f"{names[number]} and {names[other]} differ in {differing}, and no environment marker"
            " tells them apart; export them one by one"
        )


def _unserved(names: Sequence[str], pins: Sequence[Used]) -> Iterator[str]:
    for pin in pins:
        if pin.unserved:
            where = ", ".join(names[number] for number in numbers(pin.unserved))
            yield (
                f"{pin.name} {pin.entry.version}: none of its files can be installed in {where},"
                " and there is no source distribution"
            )


def _notes(pins: Sequence[Used]) -> Iterator[str]:
    trees = [pin.name for pin in pins if isinstance(pin.entry.source, Git | Directory)]
    if 0 < len(trees) < len(pins):
        yield (
            f"uv installs this file; pip 26 does not, as there is no hash of {', '.join(trees)}:"
            " for pip, export requirements"
        )


def _document(
    chosen: Chosen, distinctions: Distinctions, packages: Sequence[Package]
) -> Mapping[str, Any]:
    """Build the file with ``packaging.pylock``, and have it validated there."""
    from packaging.markers import Marker
    from packaging.pylock import Pylock
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    oldest = min(marker_literals.python(entry) for entry in chosen.values())
    file = Pylock(
        lock_version=Version("1.0"),
        environments=[Marker(marker) for marker in distinctions.environments()],
        requires_python=SpecifierSet(f">={oldest}"),
        **_choices(chosen),
        created_by=CREATED_BY,
        packages=packages,
        tool={"lockguard": {"configurations": [*chosen]}},
    )
    document = file.to_dict()
    Pylock.from_dict(document)  # what ``validate`` does, without making the table again
    return document


def _choices(chosen: Chosen) -> dict[str, Any]:
    """Name what can be chosen at install time, which ``packaging`` insists on.

    This includes a file for one configuration, which is selected by its extras and groups. ``main``
    is the default group, and can also be named. If a configuration does not have it, it is listed
    among the other groups, too. PEP 751 advises against that for a default group, but otherwise
    uv cannot request it together with another group.
    """
    sets = [{*entry.groups} for entry in chosen.values()]
    everywhere = {"main"}.intersection(*sets)
    return {
        "extras": sorted({extra for entry in chosen.values() for extra in entry.extras}) or None,
        "dependency_groups": sorted({*itertools.chain(*sets)} - everywhere) or None,
        "default_groups": ["main"],
    }
