"""The project's environment: its interpreter, and the packages installed there."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from importlib.metadata import distributions
from typing import TYPE_CHECKING

from poetry_lockguard.errors import LockguardError
from poetry_lockguard.names import normalized
from poetry_lockguard.poetry_api import metadata_cache, package_translation
from poetry_lockguard.poetry_api.imports.environment import EnvError, EnvManager, Python
from poetry_lockguard.poetry_api.imports.local_repositories import InstalledRepository
from poetry_lockguard.poetry_api.project import load
from poetry_lockguard.snapshots.document import Installed
from poetry_lockguard.snapshots.origins import Index, PyPI
from poetry_lockguard.targets.target import Target, current, target

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.metadata import Distribution

    from poetry.core.packages.package import Package

    from poetry_lockguard.exports.bills.licences import Licences
    from poetry_lockguard.exports.derived_file import DerivedFile
    from poetry_lockguard.exports.lock_selection import PlacedPin
    from poetry_lockguard.poetry_api.imports.environment import Env
    from poetry_lockguard.poetry_api.imports.poetry_project import Poetry
    from poetry_lockguard.resolution.project_configurations import SnapshotProject

MARKERS = (
    "implementation_name",
    "implementation_version",
    "os_name",
    "platform_machine",
    "platform_python_implementation",
    "platform_release",
    "platform_system",
    "platform_version",
    "python_full_version",
    "python_version",
    "sys_platform",
)
NOT_COUNTED = frozenset({"pip"})  # every environment has it; Poetry ignores it, too


def running(env: Env) -> Target:
    """Describe an environment's interpreter; UsageError if no target can describe it."""
    markers = {key: str(env.marker_env[key]) for key in MARKERS}  # type: ignore[literal-required]
    accepted = [tag.platform for tag in env.supported_tags if tag.platform != "any"]
    # The bare tag of Linux does not name the C library; the first of the others does.
    first = next((tag for tag in accepted if not tag.startswith("linux_")), accepted[0])
    is_threaded = any(tag.abi == f"{tag.interpreter}t" for tag in env.supported_tags)
    python = f"{markers['python_version']}{'t' if is_threaded else ''}"
    described = target(python, first, markers["implementation_name"])
    return Target(
        python=markers["python_full_version"],
        implementation=described.implementation,
        platform=described.platform,
        markers=dict(sorted(markers.items())),
    )


def interpreter(poetry: Poetry) -> Target:
    """Describe the interpreter that the project is, or would be, installed for.

    It is that of the project's environment, else the one from which Poetry would create one. It may
    differ from the interpreter that runs Poetry. Values of a single machine (``platform_release``,
    ``platform_version``) are left out, so that identical machines agree.
    """
    env = EnvManager(poetry).get()
    if env.is_venv():
        return _without_machine(running(env))
    preferred = Python.get_preferred_python(poetry.config).patch_version.text
    here = current()
    if preferred == here.python:
        return _without_machine(here)
    return target(preferred, here.platform)


def _without_machine(found: Target) -> Target:
    markers = {**found.markers, "platform_release": "", "platform_version": ""}
    return replace(found, markers=markers)


def found(env: Env, project: SnapshotProject) -> dict[str, Installed]:
    """Return what is installed, by normalized name, without the project itself."""
    metadata_cache.invalidate_metadata_cache()
    own = {*NOT_COUNTED, str(project.poetry.package.name)}
    repository = InstalledRepository.load(env)
    system = {one.name for one in repository.system_site_packages}
    return {
        str(package.name): _recorded(package, project)
        for package in repository.packages
        if str(package.name) not in own and package.name not in system
    }


def licences(file: DerivedFile) -> dict[str, Licences]:
    """Return the licences of a file's packages, as far as they are installed, by package URL.

    There are none without the library that writes them, or an environment that Poetry can find.
    """
    try:
        from poetry_lockguard.exports.bills.licences import declared_licences
        from poetry_lockguard.exports.bills.lock_cyclonedx import package_url

        keys = {package_url(one): _as_installed(one) for one in file.pins}
        found = {key: one.metadata for key, one in _distributions(file)}
        return {url: declared_licences(found[key]) for url, key in keys.items() if key in found}
    except ModuleNotFoundError:
        return {}


def _as_installed(one: PlacedPin) -> tuple[str, str, bool]:
    """Return a pin's name and version, and whether it comes from an address."""
    return one.pin.name, one.pin.version, not isinstance(one.entry.source, (Index, PyPI))


def _distributions(file: DerivedFile) -> Iterator[tuple[tuple[str, str, bool], Distribution]]:
    """Yield what is installed, by name, version, and whether it was installed from an address."""
    try:
        root = EnvManager(load(file.manifest, disable_plugins=True)).get().path
    except (EnvError, LockguardError, OSError):
        return
    folders = [*root.glob("lib*/python*/site-packages"), root / "Lib" / "site-packages"]
    for one in distributions(path=[str(folder) for folder in folders]):
        with contextlib.suppress(KeyError, TypeError, ValueError, OSError):
            is_direct = one.read_text("direct_url.json") is not None
            yield (normalized(one.metadata["Name"]), one.version, is_direct), one


def _recorded(package: Package, project: SnapshotProject) -> Installed:
    version = package.version.text
    if not package.is_direct_origin():
        return Installed(version=version)
    try:
        return Installed(
            version=version, source=package_translation.source(package, project.folder)
        )
    except LockguardError:  # with credentials, or on another drive: a snapshot cannot contain it
        return Installed(version=version)
