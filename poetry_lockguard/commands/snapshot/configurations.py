"""Chooses configurations: named, declared, described by options, or this interpreter's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.commands.snapshot.snapshot_command import split_names
from poetry_lockguard.errors import UsageError
from poetry_lockguard.nearest_names import suggestion
from poetry_lockguard.shown_paths import shown
from poetry_lockguard.snapshots.entry_configurations import of_snapshot
from poetry_lockguard.targets.configuration import (
    MAIN,
    Configuration,
    Wish,
    configuration,
    configuration_of,
)
from poetry_lockguard.targets.declared import bounds, declared_configurations
from poetry_lockguard.targets.platforms import short_name
from poetry_lockguard.targets.values import check_python, mistakes_of_value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from poetry_lockguard.commands.snapshot.snapshot_command import SnapshotBaseCommand
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.resolution.project_configurations import SnapshotProject
    from poetry_lockguard.settings import Settings
    from poetry_lockguard.snapshots.document import Snapshot
    from poetry_lockguard.targets.target import Target
    from poetry_lockguard.targets.values import Bounds

AXES = ("python", "platform", "implementation", "extras", "groups")


def declared(manifest: Manifest, settings: Settings) -> dict[str, Configuration]:
    """Return the configurations of the settings, by name."""
    return declared_configurations(manifest, settings)


def asked_for(command: SnapshotBaseCommand, snapshot: Snapshot | None) -> list[Configuration]:
    """Return the named or described configurations, else all declared, else this interpreter's."""
    names = [*split_names(command.option("config"))]
    described = [axis for axis in AXES if command.option(axis)]
    if names and described:
        raise UsageError(f"--config and --{described[0]} cannot be combined; remove one")
    known = declared(command.manifest, command.settings)
    if names:
        return named(names, {**of_snapshot(snapshot), **known}, command.project)
    if described:
        return [_described(command)]
    return [*known.values()] or [this_one(command.project)]


def named(
    names: Iterable[str], known: dict[str, Configuration], project: SnapshotProject
) -> list[Configuration]:
    """Look configurations up; the UsageError for an unknown name lists the nearest names."""
    found = {}
    for name in names:
        if name in known:
            found[name] = known[name]
        elif name == "current":
            found[name] = this_one(project)
        elif (current := _this_one_by_name(name, project)) is not None:
            found[name] = current
        else:
            near = suggestion(name, known, none="none is declared")
            raise UsageError(
                f"{shown(project.manifest.path)}: no such configuration: {name}{near}"
                " (see [tool.lockguard.matrix])"
            )
    return [*found.values()]


def this_one(project: SnapshotProject) -> Configuration:
    """Return the configuration of the project's interpreter, if the project allows its Python."""
    target = _interpreter(project)
    _must_be_allowed("--python", target.python, "python", bounds(project.manifest))
    return configuration_of(target)


def _this_one_by_name(name: str, project: SnapshotProject) -> Configuration | None:
    """Return the configuration of the project's interpreter if it has this name."""
    try:
        current = this_one(project)
    except UsageError:
        return None
    return current if current.name == name else None


def _interpreter(project: SnapshotProject) -> Target:
    from poetry_lockguard.resolution.installed_packages import interpreter

    return interpreter(project.poetry)


def _described(command: SnapshotBaseCommand) -> Configuration:
    limits = bounds(command.manifest)
    groups = tuple(split_names(command.option("groups"))) or MAIN
    extras = tuple(split_names(command.option("extras")))
    for axis in ("python", "platform", "implementation"):
        if command.option(axis):
            _must_be_allowed(f"--{axis}", command.option(axis), axis, limits)
    _must_be_allowed("--groups", groups, "groups", limits)
    _must_be_allowed("--extras", extras, "extras", limits)
    target = _interpreter(command.project)
    if not any(command.option(axis) for axis in ("python", "platform", "implementation")):
        return configuration_of(target, groups=groups, extras=extras)
    wish = Wish(
        python=command.option("python") or target.minor,
        platform=command.option("platform") or short_name(target.platform),
        implementation=command.option("implementation") or "cpython",
        groups=groups,
        extras=extras,
    )
    check_python(wish.python, limits)
    return configuration(wish)


def _must_be_allowed(place: str, value: object, axis: str, limits: Bounds) -> None:
    for mistake in mistakes_of_value(axis, value, place, limits):
        raise UsageError(mistake)
