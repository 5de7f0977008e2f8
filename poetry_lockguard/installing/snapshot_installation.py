"""Implements ``install --snapshot``: the environment matches the snapshot, or exit code 1."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from poetry_lockguard.installing.snapshot_choice import (
    Chosen,
    GroupChoice,
    drift_warning,
    not_created,
)
from poetry_lockguard.installing.snapshot_manifest import manifest_text
from poetry_lockguard.outcomes import Exit
from poetry_lockguard.settings import parse as parse_settings
from poetry_lockguard.snapshots.entry_configurations import from_entry
from poetry_lockguard.snapshots.environment_comparison import installed
from poetry_lockguard.snapshots.format.canonical import Seal
from poetry_lockguard.snapshots.interpreter_match import NoMatchError, NothingFitsError, the_one
from poetry_lockguard.snapshots.local_files import absent
from poetry_lockguard.snapshots.origins import Directory, LocalFile
from poetry_lockguard.snapshots.store import read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cleo.io.io import IO

    from poetry_lockguard.index.network import Network
    from poetry_lockguard.installing.build_pool import BuildPins
    from poetry_lockguard.installing.bundle_installation import OpenedBundle
    from poetry_lockguard.installing.created_configuration import CreatedConfiguration
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.mirrors.failover import Endpoint
    from poetry_lockguard.outcomes import Problem
    from poetry_lockguard.poetry_api.imports.application import Application
    from poetry_lockguard.resolution.configuration_resolver import ResolvedConfiguration
    from poetry_lockguard.resolution.preferences import Preferences
    from poetry_lockguard.resolution.project_configurations import SnapshotProject
    from poetry_lockguard.snapshots.document import PackageEntry, Snapshot
    from poetry_lockguard.snapshots.format.reader import Reading
    from poetry_lockguard.snapshots.interpreter_match import DefaultConfiguration
    from poetry_lockguard.targets.configuration import Configuration
    from poetry_lockguard.targets.target import Target

#: venv and virtualenv put them into new environments, depending on their version
_SEEDED = frozenset(("setuptools", "wheel"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReproductionRequest:
    """What to reproduce, and how."""

    manifest: Manifest
    file: str | None
    config: str | None
    partial: bool
    sync: bool
    dry_run: bool
    tokens: tuple[str, ...]
    network: Network
    has_manifest: bool = True
    groups: GroupChoice = field(default_factory=GroupChoice)
    declared: Mapping[str, Configuration] = field(default_factory=dict)
    bundle: OpenedBundle | None = None
    default: DefaultConfiguration | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduced:
    """The result of a reproduction; ``code`` is the exit code."""

    code: Exit
    file: str
    config: str | None = None
    problems: Sequence[Problem] = ()
    failures: Sequence[str] = ()
    reasons: Sequence[str] = ()


class _Refused(Exception):  # noqa: N818 - an answer, not an error
    """Nothing is installed; the arguments are the reasons."""


def reproduce(
    request: ReproductionRequest, application: Application, io: IO, warn: Callable[[str], None]
) -> Reproduced:
    """Install one configuration from the snapshot alone, and check the result."""
    path = _path(request)
    file = str(path if request.bundle is None else request.bundle.path)
    try:
        return _reproduced(request, path, file, (application, io, warn))
    except _Refused as refusal:
        return Reproduced(code=Exit.FOUND, file=file, reasons=refusal.args)


def _reproduced(
    request: ReproductionRequest,
    path: Path,
    file: str,
    poetry: tuple[Application, IO, Callable[[str], None]],
) -> Reproduced:
    from poetry_lockguard.installing import reproduction
    from poetry_lockguard.resolution import installed_packages

    application, io, warn = poetry
    reading = _usable(request, path, file)
    project = _project(request, reading, path, warn)
    env = reproduction.environment(project.poetry, io, make=not request.dry_run)
    running = installed_packages.running(env)
    chosen = _to_install(request, reading, (project, path, running), warn)
    options = (request.tokens, request.sync, request.network)
    only = _endpoint(request, reading, project)
    result = reproduction.reproduce(
        application,
        project.poetry,
        chosen.pins,
        project.folder,
        options,
        io,
        only,
        chosen.builds,
    )
    problems: tuple[Problem, ...] = ()
    if not request.dry_run and result.code == 0:
        here = installed_packages.found(env, project)
        found = installed(chosen.entry, here, chosen.name, path.name)
        skipped = _skipped(request, chosen) | (_SEEDED - chosen.entry.packages.keys())
        problems = tuple(one for one in found if one.package not in skipped)
    done = result.code == 0 and not problems
    return Reproduced(
        code=Exit.OK if done else Exit.FOUND,
        file=file,
        config=chosen.name,
        problems=problems,
        failures=result.failures,
        reasons=_advice(problems),
    )


def _usable(request: ReproductionRequest, path: Path, file: str) -> Reading:
    """Read the snapshot; refuse a wrong seal and a configuration that is not to be created."""
    reading = _read(request, path)
    if reading.seal is not Seal.OK:
        raise _Refused(f"{file}: nothing was installed: {reading.flaw}")
    if not _is_to_create(request, reading):
        if request.config is not None:
            reading.entry(request.config)  # before an environment is created in vain
    elif not request.partial:
        advice = "or create it while it is installed, with --partial"
        raise _Refused(f"{not_created(file, str(request.config))}; {advice}")
    return reading


def _project(
    request: ReproductionRequest, reading: Reading, path: Path, warn: Callable[[str], None]
) -> SnapshotProject:
    """Load the project, and warn if its manifest asks for something else than the snapshot."""
    from poetry_lockguard.resolution.project_configurations import SnapshotProject

    text = None if request.has_manifest else manifest_text(reading.snapshot)
    project = SnapshotProject(request.manifest, _folder(request, path), text)
    if request.has_manifest:
        for warning in drift_warning(reading.snapshot.project, project.project(), path.name):
            warn(warning)
    return project


def _to_install(
    request: ReproductionRequest,
    reading: Reading,
    place: tuple[SnapshotProject, Path, Target],
    warn: Callable[[str], None],
) -> Chosen:
    """Choose the configuration, created now if need be; refuse what must not be installed."""
    from poetry_lockguard.installing import created_configuration

    project, path, running = place
    made = _created(request, reading, project, warn)
    whole = made.chosen if made else _chosen(request, reading, project, running, warn)
    snapshot = made.snapshot if made else reading.snapshot
    if made:
        whole = replace(whole, builds=_builds(snapshot, whole.name, project))
    chosen = whole.only(request.groups)
    _refuse_untrusted(request, snapshot, chosen, path)
    chosen = _in_bundle(request, snapshot, chosen)
    _refuse_absent(request, chosen, path)
    if made and not request.dry_run:
        created_configuration.write(made, path, reading, warn)
    project.declare_sources([from_entry(chosen.name, chosen.entry)])
    return chosen


def _is_to_create(request: ReproductionRequest, reading: Reading) -> bool:
    """Return whether the named configuration is declared, but not in the snapshot yet."""
    return request.config in request.declared and (
        request.config not in reading.snapshot.configurations
    )


def _path(request: ReproductionRequest) -> Path:
    if request.bundle is not None:
        return request.bundle.snapshot
    if request.file:
        return Path(request.file)
    settings = parse_settings(request.manifest.settings, str(request.manifest.path))
    return request.manifest.folder / settings.snapshot


def _read(request: ReproductionRequest, path: Path) -> Reading:
    """Read the snapshot; that of a bundle is named by the path that the user gave."""
    if request.bundle is None:
        return read(path)
    return request.bundle.reading()


def _folder(request: ReproductionRequest, path: Path) -> Path:
    """Return the folder that the snapshot's paths start from; that of a bundle was elsewhere."""
    return path.absolute().parent if request.bundle is None else request.manifest.folder


def _in_bundle(request: ReproductionRequest, snapshot: Snapshot, chosen: Chosen) -> Chosen:
    """Return what to install with the archives of the bundle; refuse if it lacks any file."""
    if request.bundle is None:
        return chosen
    if flaws := request.bundle.flaws(snapshot, chosen.name):
        raise _Refused(*flaws, "nothing was installed")
    return replace(chosen, pins=request.bundle.located(chosen.pins))


def _endpoint(
    request: ReproductionRequest, reading: Reading, project: SnapshotProject
) -> Endpoint | None:
    """Return the one endpoint to install from, if there is only one."""
    from poetry_lockguard.installing.bundle_endpoint import bundle_endpoint

    if request.bundle is None:
        return None
    every = [entry for entries in reading.snapshot.packages.values() for entry in entries]
    return bundle_endpoint(request.bundle.folder, every, project.poetry.config)


def _refuse_untrusted(
    request: ReproductionRequest, snapshot: Snapshot, chosen: Chosen, path: Path
) -> None:
    """Refuse pins that nobody asked for, or that the policy of the manifest forbids."""
    from poetry_lockguard.resolution.snapshot_trust import reasons

    names = [chosen.name] if chosen.name in snapshot.configurations else []
    found = reasons(request.manifest, snapshot, _folder(request, path), path.name, names)
    if found:
        raise _Refused(*found, "nothing was installed")


def _refuse_absent(request: ReproductionRequest, chosen: Chosen, path: Path) -> None:
    """Refuse missing local files first, because Poetry would only name their absolute path."""
    gone = [
        f"{path}: {chosen.name}: {name} comes from {where}, which is missing; restore it"
        for name, where in absent(chosen.pins, _folder(request, path))
        if name not in _skipped(request, chosen)
    ]
    if gone:
        raise _Refused(*gone, "nothing was installed")


def _skipped(request: ReproductionRequest, chosen: Chosen) -> set[str]:
    """Return what the user asked not to install, and archives that are elsewhere in a bundle."""
    kinds = [
        *([Directory] if "--no-directory" in request.tokens else []),
        *([LocalFile] if request.bundle is not None else []),
    ]
    return {name for name, pin in chosen.pins.items() if isinstance(pin.source, (*kinds,))}


def _advice(problems: Sequence[Problem]) -> tuple[str, ...]:
    if any(problem.code == "installed-extra" for problem in problems):
        return ("packages are installed that do not belong there; --sync removes them",)
    return ()


def _chosen(
    request: ReproductionRequest,
    reading: Reading,
    project: SnapshotProject,
    running: Target,
    warn: Callable[[str], None],
) -> Chosen:
    """Return what to install; with ``--partial``, resolve unpinned packages from the indexes."""
    from poetry_lockguard.resolution import snapshot_verification
    from poetry_lockguard.targets.configuration import configuration_of

    try:
        name = the_one(reading, running, request.config, warn, request.default)
    except NothingFitsError as error:
        if not request.partial:
            raise _Refused(f"{error}; or complete it here with --partial") from error
        warn(f"WARNING: {error}: completing one for this interpreter, because of --partial")
        return _completed(request, reading, project, configuration_of(running), warn)
    except NoMatchError as error:
        raise _Refused(str(error)) from error
    entry = reading.snapshot.configurations[name]
    pins = snapshot_verification.of(reading.snapshot, name)
    reasons = _reasons(name, pins, project, reading.snapshot)
    if not reasons:
        return Chosen(name, entry, pins, _builds(reading.snapshot, name, project))
    if not request.partial:
        raise _Refused(*reasons, "nothing was installed; --partial completes it, unverified")
    for reason in reasons:
        warn(f"WARNING: {reason}")
    return _completed(request, reading, project, from_entry(name, entry), warn)


def _created(
    request: ReproductionRequest,
    reading: Reading,
    project: SnapshotProject,
    warn: Callable[[str], None],
) -> CreatedConfiguration | None:
    """Return the declared configuration to create, if it is not in the snapshot yet."""
    from poetry_lockguard.installing import created_configuration

    if not _is_to_create(request, reading):
        return None
    preferred = created_configuration.preferences(reading, project)
    named = request.declared[str(request.config)]
    warn(f"WARNING: {not_created(reading.where, named.name)}; creating it here: --partial")
    return created_configuration.created(
        reading, project, _resolved(request, project, named, preferred)
    )


def _reasons(
    name: str,
    pins: Mapping[str, PackageEntry],
    project: SnapshotProject,
    snapshot: Snapshot,
) -> list[str]:
    from poetry_lockguard.installing import reproduction
    from poetry_lockguard.resolution import unmet_requirements

    unmet = [
        f"{config}: none of its pins satisfies {text} (needed by {parent})"
        for config, parent, text in unmet_requirements.incomplete(snapshot, [name], project.folder)
    ]
    unverified = [
        f"{name}: {pin} cannot be verified: {reason}"
        for pin, reason in reproduction.unverified(pins)
    ]
    return [*unmet, *unverified]


def _completed(
    request: ReproductionRequest,
    reading: Reading,
    project: SnapshotProject,
    configuration: Configuration,
    warn: Callable[[str], None],
) -> Chosen:
    """Resolve with the snapshot's pins preferred; what is pinned is installed as pinned."""
    from poetry_lockguard.resolution.preferences import Preferences
    from poetry_lockguard.snapshots.usage import pins as held_pins

    preferred = Preferences(reading.snapshot, (), project.folder)
    outcome = _resolved(request, project, configuration, preferred)
    held = held_pins(reading.snapshot)
    for name, pin in sorted(outcome.pins.items()):
        if (name, pin.pin) not in held:
            warn(f"WARNING: {name} {pin.version} is not pinned by {reading.where}")
    pins = {name: held.get((name, pin.pin), pin) for name, pin in outcome.pins.items()}
    return Chosen(outcome.name, outcome.entry, pins)


def _builds(snapshot: Snapshot, name: str, project: SnapshotProject) -> BuildPins | None:
    """Return what a configuration of the snapshot builds packages with, if it pins that."""
    from poetry_lockguard.installing.build_pool import build_pins

    return build_pins(snapshot, snapshot.configurations[name], project.folder)


def _resolved(
    request: ReproductionRequest,
    project: SnapshotProject,
    configuration: Configuration,
    preferred: Preferences,
) -> ResolvedConfiguration:
    """Resolve one configuration from the indexes; refuse with the reason if that fails."""
    from poetry_lockguard.mirrors.failover import NoEndpointError
    from poetry_lockguard.resolution.configuration_resolver import Unsolvable

    try:
        with project.indexes(request.network) as indexes:
            (outcome,) = indexes.resolve([configuration], preferred)
    except NoEndpointError as error:
        raise _Refused(*(f"{name}: {reason}" for name, reason in error.reasons)) from error
    if isinstance(outcome, Unsolvable):
        raise _Refused(f"{outcome.name}: cannot be resolved: {outcome.reason}")
    return outcome
