"""Installs one configuration of a snapshot, independently of the manifest and the lock.

Poetry's installer gets a lock with exactly the configuration's packages, for its environment and
without markers. The rest is what users know: it verifies hashes, skips installed packages, and
removes others with ``--sync``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from poetry.core.packages.dependency_group import MAIN_GROUP, DependencyGroup

from poetry_lockguard.installing.poetry_installer import InstallRequest, install
from poetry_lockguard.poetry_api import package_translation
from poetry_lockguard.poetry_api.imports.environment import EnvManager
from poetry_lockguard.poetry_api.imports.packages import Locker
from poetry_lockguard.snapshots.origins import Directory, Git, Index, LocalFile, PyPI, Url

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from cleo.io.io import IO
    from poetry.core.packages.package import Package

    from poetry_lockguard.index.network import Network
    from poetry_lockguard.installing.build_pool import BuildPins
    from poetry_lockguard.installing.poetry_installer import InstallOutcome
    from poetry_lockguard.mirrors.failover import Endpoint
    from poetry_lockguard.poetry_api.imports.application import Application
    from poetry_lockguard.poetry_api.imports.environment import Env
    from poetry_lockguard.poetry_api.imports.poetry_project import Poetry
    from poetry_lockguard.snapshots.document import PackageEntry
    from poetry_lockguard.snapshots.origins import SnapshotSource

    Pins = Mapping[str, PackageEntry]
    Packages = Mapping[str, Package]
    Requirements = Mapping[str, Sequence[str]]


class SnapshotLocker(Locker):
    """A locker whose lock is the pins of one configuration."""

    def __init__(self, poetry: Poetry, pins: Pins, folder: Path) -> None:
        super().__init__(poetry.locker.lock, poetry.pyproject.data)
        self._pins = {
            "package": [_info(name, pin, folder) for name, pin in sorted(pins.items())],
            "metadata": {"lock-version": "2.1", "python-versions": "*", "content-hash": ""},
        }

    @property
    def lock_data(self) -> dict[str, Any]:
        """The pins as a lock's data."""
        return self._pins

    def is_locked(self) -> bool:
        """Return True: there always is a lock."""
        return True

    def is_fresh(self) -> bool:
        """Return True: the manifest is not consulted."""
        return True


def _info(name: str, pin: PackageEntry, folder: Path) -> dict[str, Any]:
    source, develop = _source(pin.source, folder)
    return {
        "name": name,
        "version": pin.version,
        "optional": False,
        "python-versions": "*",
        "groups": [MAIN_GROUP],
        "files": [{"file": file, "hash": digest} for file, digest in sorted(pin.files.items())],
        **({"source": source} if source else {}),
        **({"develop": develop} if develop is not None else {}),
    }


def _source(source: SnapshotSource, folder: Path) -> tuple[dict[str, str], bool | None]:
    match source:
        case PyPI():
            return {}, None
        case Index(name=name, url=url):
            return {"type": "legacy", "url": url, "reference": name}, None
        case Git(url=url, commit=commit, reference=reference, subdirectory=below):
            at = {"reference": reference or commit or "HEAD", "resolved_reference": commit or ""}
            address = package_translation.repository(url, folder)
            return {"type": "git", "url": address, **at, **_below(below)}, False
        case Url(url=url, subdirectory=below):
            return {"type": "url", "url": url, **_below(below)}, None
        case LocalFile(path=path, subdirectory=below):
            return {"type": "file", "url": os.path.realpath(folder / path), **_below(below)}, None
        case Directory(path=path, editable=editable):
            return {"type": "directory", "url": os.path.realpath(folder / path)}, editable


def _below(subdirectory: str | None) -> dict[str, str]:
    return {} if subdirectory is None else {"subdirectory": subdirectory}


def environment(poetry: Poetry, io: IO, *, make: bool) -> Env:
    """Return the environment to install into; create a missing one if requested."""
    manager = EnvManager(poetry, io=io)
    return manager.create_venv() if make else manager.get()


def unverified(pins: Pins) -> Iterator[tuple[str, str]]:
    """Yield the pins of archives that have no hash, and why they cannot be verified."""
    for name, pin in sorted(pins.items()):
        if pin.reason is not None and not isinstance(pin.source, Directory):
            yield f"{name} {pin.version}", pin.reason


def reproduce(  # noqa: PLR0913, PLR0917 - as ``install``, and what to install
    application: Application,
    poetry: Poetry,
    pins: Pins,
    folder: Path,
    options: tuple[tuple[str, ...], bool, Network],
    io: IO,
    only: Endpoint | None = None,
    builds: BuildPins | None = None,
) -> InstallOutcome:
    """Install these pins; ``options`` are Poetry's own, whether to sync, and the network's.

    Everything comes from the endpoint ``only``, if there is one, and is built with ``builds``.
    """
    tokens, sync, network = options
    if only is not None:
        poetry.set_pool(only.pool)
    poetry.config.merge({"installer": {"re-resolve": False}})
    poetry.set_locker(SnapshotLocker(poetry, pins, folder))
    if not poetry.package.has_dependency_group(MAIN_GROUP):
        poetry.package.add_dependency_group(DependencyGroup(MAIN_GROUP))
    request = InstallRequest(
        tokens=(*tokens, f"--only={MAIN_GROUP}"),
        network=network,
        sync=sync,
        only=only,
        builds=builds,
    )
    return install(application, poetry, request, io)
