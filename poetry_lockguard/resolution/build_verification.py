"""Checks that what a snapshot pins to build packages suffices for that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from poetry_lockguard.exports.pin_selection import build_entries, builds_of, unpinned
from poetry_lockguard.outcomes import Problem, Severity
from poetry_lockguard.poetry_api import package_translation
from poetry_lockguard.poetry_api.target_env import TargetEnv, holds
from poetry_lockguard.resolution.build_resolution import is_built
from poetry_lockguard.snapshots.document import ROOT
from poetry_lockguard.snapshots.usage import pins

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from poetry_lockguard.snapshots.document import (
        ConfigurationEntry,
        PackageEntry,
        Resolved,
        Snapshot,
    )


def build_problems(
    snapshot: Snapshot, names: Iterable[str], own: tuple[str, ...], folder: Path, file: str
) -> Iterator[Problem]:
    """Yield the build requirements of these configurations that their pins do not satisfy.

    ``own`` are the project's. A configuration that pins none is as older versions made it.
    """
    for name in names:
        entry = snapshot.configurations[name]
        if not any(entry.builds):
            continue
        for needer, requirement, pin in _unmet(snapshot, entry, own, folder):
            yield Problem(
                code="build-unpinned",
                message=_message(needer, requirement, pin),
                severity=Severity.WARNING if pin is None else Severity.ERROR,
                package=str(canonicalize_name(requirement.partition(" ")[0])),
                requested=requirement,
                locked=None if pin is None else pin.version,
                file=file,
            ).in_configuration(name)


def _message(needer: str, requirement: str, pin: Resolved | None) -> str:
    what = "no pin is there for" if pin is None else f"the pin {pin.version} does not fit"
    whom = "the project" if needer == ROOT else needer
    return (
        f"{what} {requirement}, with which {whom} is built;"
        " `poetry lockguard snapshot create` pins it"
    )


def _unmet(
    snapshot: Snapshot, entry: ConfigurationEntry, own: tuple[str, ...], folder: Path
) -> Iterator[tuple[str, str, Resolved | None]]:
    """Yield who needs what, and the pin that does not fit; None if there is no pin."""
    held = pins(snapshot)
    needs = {ROOT: own} if own else {}
    for name, one in entry.packages.items():
        pin = held[name, (one.version, one.source)]
        if pin.build_requires and is_built(name, pin, entry.target):
            needs[name] = pin.build_requires
    for name, texts in needs.items():
        build = builds_of(entry, name)
        for text in unpinned(texts, build, entry.target.environment):
            yield name, text, build.get(canonicalize_name(Requirement(text).name))
    for build in entry.builds:
        yield from _open(build, build_entries(snapshot, build), entry, folder)


def _open(
    build: Mapping[str, Resolved],
    entries: Mapping[str, PackageEntry],
    entry: ConfigurationEntry,
    folder: Path,
) -> Iterator[tuple[str, str, Resolved | None]]:
    """Yield what pins of one set require, or are built with, and the set lacks."""
    environment = {**TargetEnv(entry.target.environment, folder).marker_env, "extra": frozenset()}
    for name, pin in sorted(entries.items()):
        if pin.build_requires and is_built(name, pin, entry.target):
            for text in unpinned(pin.build_requires, build, entry.target.environment):
                yield name, text, build.get(canonicalize_name(Requirement(text).name))
        for text in pin.dependencies:
            place = f"packages.{name} ({pin.version}): dependencies"
            one = package_translation.readable(place, text, folder)
            if one.in_extras or not holds(one.marker, environment):
                continue
            found = entries.get(str(one.name))
            if found is None or not one.constraint.allows(
                package_translation.package(str(one.name), found, folder).version
            ):
                yield name, text, build.get(str(one.name))
