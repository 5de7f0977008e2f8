"""Which derived files are certainly what the lock gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from poetry_lockguard import files
from poetry_lockguard.exports.file_seal import (
    is_as_made,
    sealed,
    unsealed,
    with_line_feeds,
    without_serial,
)
from poetry_lockguard.exports.marker_trees import OddMarkerError
from poetry_lockguard.exports.quick import installer_files, placing
from poetry_lockguard.exports.quick.index_pins import quick_lock
from poetry_lockguard.file_sets import is_interrupted
from poetry_lockguard.lockfile.lock_bytes import read as read_lock
from poetry_lockguard.names import normalized

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from poetry_lockguard.exports.quick.index_pins import QuickLock
    from poetry_lockguard.exports.quick.placing import MarkedPin
    from poetry_lockguard.manifest.document import Manifest


def in_step(manifest: Manifest) -> frozenset[str]:
    """Return the files of ``[tool.lockguard.exports]`` that are certainly in step with the lock."""
    if is_interrupted(manifest.lock_path):
        return frozenset()
    lock = quick_lock(read_lock(manifest.lock_path))
    if lock is None:
        return frozenset()
    exports = manifest.settings["exports"].items()
    return frozenset(name for name, table in exports if _is_certain(manifest, lock, name, table))


def _is_certain(manifest: Manifest, lock: QuickLock, name: str, table: Mapping[str, Any]) -> bool:
    """Whether the file of this name is certainly what the lock gives."""
    if "config" in table:
        return False
    try:
        text = with_line_feeds(files.read(manifest.folder / name).decode())
        return _is_in_step(manifest, lock, table, text)
    except (OSError, OddMarkerError, ValueError):
        return False


def _is_in_step(manifest: Manifest, lock: QuickLock, table: Mapping[str, Any], text: str) -> bool:
    """Whether this text is certainly what the lock gives for a file."""
    groups = {*map(normalized, table.get("groups", ()))}
    extras = {*map(normalized, table.get("extras", ()))}
    if not (groups <= lock.groups | _groups(manifest) and extras <= lock.extras):
        return False
    is_for_everybody = table["format"] == "pylock" and not groups and not extras
    if is_for_everybody:
        pins = placing.for_everybody(lock.pins)
    else:
        pins = placing.chosen(lock.pins, groups or {placing.MAIN}, extras)
    if table["format"] == "cyclonedx":
        return _is_bill(manifest, pins, text)
    if table["format"] == "pylock":
        offered = (
            (_extras(manifest), _groups(manifest) - {placing.MAIN})
            if is_for_everybody
            else ((), ())
        )
        return _is_pylock(lock, pins, offered, text)
    return text == _expected(table["format"], pins)


def _is_bill(manifest: Manifest, pins: Sequence[MarkedPin], text: str) -> bool:
    """Whether a text is the document of these pins, whatever licences it has for them."""
    from poetry_lockguard.exports.quick.bill import bill, without_licences

    bare = without_serial(text)
    if bare is None:
        return False
    name = manifest.name or manifest.folder.absolute().name
    return without_licences(bare) == bill(name, pins, bare)


def _is_pylock(
    lock: QuickLock,
    pins: Sequence[MarkedPin],
    offered: tuple[Collection[str], Collection[str]],
    text: str,
) -> bool:
    """Whether a text is the ``pylock.toml`` of these pins, whatever addresses it has for files."""
    names = {one.pin.name for one in pins if one.pin.url is None}
    pypi = installer_files.known_index(text, names)
    expected = installer_files.pylock(lock, pins, *offered, pypi)
    body, count = installer_files.without_addresses(unsealed(text))
    number = sum(len(one.pin.wheels) + len(one.pin.archives) for one in pins)
    return body == expected and count == number and is_as_made(text)


def _expected(form: str, pins: Sequence[MarkedPin]) -> str | None:
    """Return the text of a file, or None if that is not certain."""
    if form == "constraints":
        return sealed(installer_files.constraints(pins))
    body = installer_files.requirements(pins)
    return None if body is None else sealed(body)


def _extras(manifest: Manifest) -> set[str]:
    """Return the extras that a manifest declares, in either table."""
    tables = manifest.project.get("optional-dependencies"), manifest.poetry.get("extras")
    return {normalized(name) for table in tables for name in table or ()}


def _groups(manifest: Manifest) -> set[str]:
    """Return the groups that a manifest declares, in any table, and main."""
    tables = manifest.data.get("dependency-groups"), manifest.poetry.get("group")
    found = {normalized(name) for table in tables for name in table or ()}
    return {placing.MAIN} | found | ({"dev"} if manifest.poetry.get("dev-dependencies") else set())
