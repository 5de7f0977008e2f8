"""Installs one configuration of a snapshot, and nothing else has a say: not the manifest, no lock.

Poetry's installer gets a lock that holds exactly the configuration's packages, in its environment
and without markers. All it then does is what users know: it verifies hashes, skips what is there,
removes on ``--sync``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from poetry.core.packages.dependency_group import MAIN_GROUP, DependencyGroup
from poetry.packages.locker import Locker
from poetry.utils.env import EnvManager

from poetry_lockguard.bridge import roots, translate, verifying
from poetry_lockguard.bridge.environments import TargetEnv
from poetry_lockguard.bridge.install import InstallRequest, install
from poetry_lockguard.bridge.library import seen, sight
from poetry_lockguard.snapshots.sources import Directory, File, Git, Index, PyPI, Url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from cleo.io.io import IO
    from packaging.utils import NormalizedName
    from poetry.console.application import Application
    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.package import Package
    from poetry.poetry import Poetry
    from poetry.utils.env import Env

    from poetry_lockguard.bridge.install import Installed
    from poetry_lockguard.bridge.network import Network
    from poetry_lockguard.snapshots.document import ConfigurationEntry, PackageEntry, Snapshot
    from poetry_lockguard.snapshots.sources import SnapshotSource
    from poetry_lockguard.snapshots.usage import Key

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
        """Tell Poetry that there is a lock."""
        return True

    def is_fresh(self) -> bool:
        """Tell Poetry to go on: the manifest is not asked."""
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
            address = translate.repository(url, folder)
            return {"type": "git", "url": address, **at, **_below(below)}, False
        case Url(url=url, subdirectory=below):
            return {"type": "url", "url": url, **_below(below)}, None
        case File(path=path, subdirectory=below):
            return {"type": "file", "url": os.path.realpath(folder / path), **_below(below)}, None
        case Directory(path=path, editable=editable):
            return {"type": "directory", "url": os.path.realpath(folder / path)}, editable


def _below(subdirectory: str | None) -> dict[str, str]:
    return {} if subdirectory is None else {"subdirectory": subdirectory}


def environment(poetry: Poetry, io: IO, *, make: bool) -> Env:
    """Give the environment to install into; make it, where there is none yet, if asked to."""
    manager = EnvManager(poetry, io=io)
    return manager.create_venv() if make else manager.get()


def incomplete(
    snapshot: Snapshot,
    names: Iterable[str],
    folder: Path,
    known: Mapping[Key, Package] | None = None,
) -> Iterator[tuple[str, str, str]]:
    """Give every requirement that no pin of a configuration meets: which one's, and whose it is.

    ``known`` are packages to take in place of what the snapshot says of their pins.
    """
    made = {**(known or {})}
    for name in names:
        wholes = {}
        for one, pin in verifying.of(snapshot, name).items():
            key = one, pin.pin
            if key not in made:
                made[key] = translate.package(one, pin, folder)
            wholes[one] = made[key]
        entry, requirements = snapshot.configurations[name], snapshot.project.requirements
        for parent, text in _unmet(entry, requirements, wholes, folder):
            yield name, parent, text


def _unmet(
    entry: ConfigurationEntry, requirements: Requirements, wholes: Packages, folder: Path
) -> Iterator[tuple[str, str]]:
    markers = TargetEnv(entry.target.markers, folder).marker_env
    here = sight(markers)
    wanted = frozenset(canonicalize_name(extra) for extra in entry.extras)
    environment = {**markers, "extra": {*wanted}}
    own = (
        translate.dependency(text, folder)
        for group in entry.groups
        for text in requirements.get(group, ())
    )
    packages = {name: seen(whole, here) for name, whole in wholes.items()}
    ahead = [("the project", one) for one in own if roots.applies(one, wanted, environment)]
    ahead += ((name, one) for name in packages for one in _asked(packages[name], frozenset()))
    reached: set[tuple[str, frozenset[NormalizedName]]] = set()
    found = set()
    while ahead:
        parent, one = ahead.pop()
        held = packages.get(str(one.name))
        if held is None or not one.constraint.allows(held.version):
            found.add((parent, translate.requirement(one, folder)))
        elif (str(one.name), one.extras) not in reached:
            reached.add((str(one.name), one.extras))
            ahead += ((str(one.name), each) for each in _asked(packages[str(one.name)], one.extras))
    yield from sorted(found)


def _asked(package: Package, extras: frozenset[NormalizedName]) -> Iterator[Dependency]:
    """Give the requirements of a package, and of some of its extras."""
    return (one for one in package.requires if not one.in_extras or extras & {*one.in_extras})


def unverified(pins: Pins) -> Iterator[tuple[str, str]]:
    """Give the pins of archives that nothing seals, and why."""
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
) -> Installed:
    """Install these pins; ``options`` are Poetry's own, whether to sync, and the network's."""
    tokens, sync, network = options
    poetry.config.merge({"installer": {"re-resolve": False}})
    poetry.set_locker(SnapshotLocker(poetry, pins, folder))
    if not poetry.package.has_dependency_group(MAIN_GROUP):
        poetry.package.add_dependency_group(DependencyGroup(MAIN_GROUP))
    request = InstallRequest(tokens=(*tokens, f"--only={MAIN_GROUP}"), network=network, sync=sync)
    return install(application, poetry, request, io)
