"""A bundle, opened to be installed: its folder, and whether it has what a configuration needs."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from poetry_lockguard import files
from poetry_lockguard.errors import UsageError
from poetry_lockguard.exports.bundles.bundle_contents import SNAPSHOT, bundle_contents
from poetry_lockguard.installing.bundle_archive import unpack
from poetry_lockguard.installing.bundle_downloads import missing
from poetry_lockguard.shown_paths import shown
from poetry_lockguard.snapshots.format.reader import parse
from poetry_lockguard.snapshots.origins import LocalFile
from poetry_lockguard.snapshots.selection import select

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from poetry_lockguard.snapshots.document import PackageEntry, Snapshot
    from poetry_lockguard.snapshots.format.reader import Reading


@dataclass(frozen=True, slots=True)
class OpenedBundle:
    """A bundle's folder; ``path`` is what the user named."""

    path: Path
    folder: Path

    @property
    def snapshot(self) -> Path:
        """The snapshot's file."""
        return self.folder / SNAPSHOT

    def reading(self) -> Reading:
        """Read the snapshot; messages name it by what the user named."""
        return parse(files.read(self.snapshot), _where(self.path))

    def flaws(self, snapshot: Snapshot, config: str) -> list[str]:
        """Return a line for each file that the configuration needs and the bundle lacks."""
        contents = bundle_contents(select(snapshot, [config]), [config])
        return [
            *(f"{self.path}: {flaw}" for flaw in contents.flaws),
            *(
                f"{self.path}: {file.name} is missing or damaged;"
                " `poetry lockguard bundle` completes the bundle"
                for file in missing(self.folder, contents.files)
            ),
        ]

    def located(self, pins: Mapping[str, PackageEntry]) -> dict[str, PackageEntry]:
        """Return the pins, with the local archives where they are in the bundle."""
        return {name: self._located(pin) for name, pin in pins.items()}

    def _located(self, pin: PackageEntry) -> PackageEntry:
        if not isinstance(pin.source, LocalFile):
            return pin
        path = self.folder / Path(pin.source.path).name
        return replace(pin, source=replace(pin.source, path=str(path.absolute())))


@contextmanager
def opened(path: Path) -> Iterator[OpenedBundle]:
    """Open a bundle: a folder, or an archive, which is unpacked into a temporary folder."""
    if path.is_dir():
        if not (path / SNAPSHOT).is_file():
            raise UsageError(f"{path}: not a bundle: it has no {SNAPSHOT}")
        yield OpenedBundle(path, path.absolute())
        return
    if not path.is_file():
        raise UsageError(f"{path}: no such bundle; make one with `poetry lockguard bundle`")
    with tempfile.TemporaryDirectory(prefix="lockguard-bundle-") as name:
        unpack(path, Path(name), lambda content: _names(content, path))
        yield OpenedBundle(path, Path(name))


def _names(content: bytes, path: Path) -> list[str]:
    """Return the names of the files that the snapshot of a packed bundle asks for."""
    snapshot = parse(content, _where(path)).snapshot
    return [one.name for one in bundle_contents(snapshot, snapshot.configurations).files]


def _where(path: Path) -> str:
    return f"{shown(path)}/{SNAPSHOT}"
