"""``requirements.txt`` and ``constraints.txt`` straight from a lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.exports import constraints_txt, requirements_txt
from poetry_lockguard.exports.file_seal import sealed
from poetry_lockguard.exports.lock_entries import whole
from poetry_lockguard.exports.outcome import Export, Exported, Refused
from poetry_lockguard.exports.pin_selection import Used
from poetry_lockguard.snapshots.compatible_files import installable
from poetry_lockguard.snapshots.origins import Directory, Index, PyPI

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from poetry_lockguard.exports.lock_selection import PlacedPin
    from poetry_lockguard.exports.outcome import Places
    from poetry_lockguard.targets.target import Target


def requirements_of_lock(
    pins: Sequence[PlacedPin], places: Places, target: Target | None
) -> Export:
    """Write the ``requirements.txt`` of these pins, or return every reason against it."""
    found = [(one, _used(one, target)) for one in pins]
    reasons = [reason for _, pin in found for reason in requirements_txt.unfit(pin)]
    if reasons:
        return Refused(tuple(reasons))
    used = [pin for _, pin in found]
    notes = [*_notes(used)]
    lines = [*(f"# {note}" for note in notes), *requirements_txt.indexes(used)]
    for one, pin in found:
        hashes = [] if notes else sorted(requirements_txt.hashes(pin))
        lines.append(" \\\n    ".join([_line(one, pin, places), *hashes]))
    return Exported(text=sealed("".join(f"{line}\n" for line in lines)), notes=tuple(notes))


def constraints_of_lock(pins: Sequence[PlacedPin]) -> Export:
    """Write the ``constraints.txt`` of these pins."""
    lines = []
    for one in pins:
        text = constraints_txt.constraint(whole(one.pin.name, one.entry))
        lines.append(f"{text} ; {one.marker}" if one.marker else text)
    return Exported(text=sealed("".join(f"{line}\n" for line in lines)))


def _used(one: PlacedPin, target: Target | None) -> Used:
    used = whole(one.pin.name, one.entry)
    if target is None or not isinstance(one.entry.source, PyPI | Index) or not one.entry.files:
        return used
    files = installable(one.pin.name, one.entry, target)
    unserved = 0 if files.names else 1
    return Used(name=used.name, entry=used.entry, used_in=1, unserved=unserved, files=files)


def _notes(used: Sequence[Used]) -> Iterator[str]:
    hashless = [
        f"{pin.name} ({why})" for pin in used if (why := requirements_txt.why_hashless(pin))
    ]
    if hashless:
        yield f"without hashes, because pip checks all or none; without one: {', '.join(hashless)}"


def _line(one: PlacedPin, pin: Used, places: Places) -> str:
    text = requirements_txt.line(pin, places)
    if not one.marker:
        return text
    if isinstance(one.entry.source, Directory):
        text = text.removeprefix("-e ")  # pip takes no marker after an editable one
    return f"{text} ; {one.marker}"
