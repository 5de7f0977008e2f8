"""What holds for every index, manifest and set of configurations, seen without the resolver."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from index import Index, Server
from index.answers import Face
from packaging.requirements import Requirement
from packaging.version import Version
from walking import follow, walk

from poetry_lockguard.index.network import Network
from poetry_lockguard.manifest.document import read
from poetry_lockguard.resolution.configuration_resolver import ResolvedConfiguration, Unsolvable
from poetry_lockguard.resolution.preferences import Preferences
from poetry_lockguard.resolution.project_configurations import SnapshotProject
from poetry_lockguard.snapshots.assembly import AssembledConfiguration, assemble
from poetry_lockguard.snapshots.document import Snapshot
from poetry_lockguard.snapshots.format.writer import render
from poetry_lockguard.snapshots.merge import Merged, merge
from poetry_lockguard.snapshots.selection import split
from poetry_lockguard.targets.configuration import Configuration, Wish, configuration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from poetry_lockguard.snapshots.document import ConfigurationEntry, PackageEntry

NAMES = ("alpha", "beta", "gamma", "delta")
VERSIONS = ("1.0", "1.1", "2.0")
MARKERS = (
    "",
    " ; python_version < '3.12'",
    " ; sys_platform == 'win32'",
    " ; platform_machine == 'x86_64' and python_version >= '3.12'",
)
TARGETS = tuple(
    configuration(Wish(python=python, platform=platform))
    for python in ("3.11", "3.12")
    for platform in ("linux-x86_64", "linux-i686", "windows-x86_64")
)
UV_PLATFORMS = {
    "linux-x86_64": "x86_64-manylinux_2_28",
    "linux-aarch64": "aarch64-manylinux_2_28",
    "musllinux-x86_64": "x86_64-unknown-linux-musl",
    "macos-arm64": "aarch64-apple-darwin",
    "macos-x86_64": "x86_64-apple-darwin",
    "windows-x86_64": "x86_64-pc-windows-msvc",
}
UV_TARGETS = tuple(
    (configuration(Wish(python=python, platform=platform)), theirs)
    for python in ("3.10", "3.11", "3.12", "3.13")
    for platform, theirs in UV_PLATFORMS.items()
)


@dataclass(frozen=True, slots=True)
class World:
    """An index, and what a project requires of it."""

    releases: tuple[tuple[str, str, tuple[str, ...]], ...]
    requirements: tuple[str, ...]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    def requirement(name: str) -> str:
        constraint = draw(st.sampled_from(["", ">=1.0", ">=1.1", "<2.0", ">=1.0,<2.0"]))
        return f"{name}{constraint}{draw(st.sampled_from(MARKERS))}"

    releases = []
    for number, name in enumerate(NAMES):
        for version in draw(st.lists(st.sampled_from(VERSIONS), min_size=1, unique=True)):
            later = NAMES[number + 1 :]
            needed = (
                draw(st.lists(st.sampled_from(later), unique=True, max_size=2)) if later else []
            )
            releases.append((name, version, tuple(requirement(one) for one in needed)))
    wanted = draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True, max_size=3))
    return World(tuple(releases), tuple(requirement(name) for name in wanted))


class Bench:
    """A project and an index on the loopback interface, for one world."""

    def __init__(self, world: World) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="world-"))
        self.index = Index()
        for name, version, requires in world.releases:
            self.index.add(name, version, requires=requires, sdist=False)
        self.server = Server(self.index, Face())
        self.server.start()
        wanted = ", ".join(f'"{one}"' for one in world.requirements)
        (self.folder / "pyproject.toml").write_text(
            f'[project]\nname = "story"\nversion = "1.0"\nrequires-python = ">=3.10"\n'
            f"dependencies = [{wanted}]\n\n[tool.poetry]\npackage-mode = false\n\n"
            # Poetry keeps what it read of a release by the name of its source
            f'[[tool.poetry.source]]\nname = "{self.folder.name}"\nurl = "{self.server.url}"\n'
        )
        self.project = SnapshotProject(read(self.folder / "pyproject.toml"), self.folder)

    def resolve(
        self,
        chosen: tuple[Configuration, ...],
        previous: Snapshot | None = None,
        newest: frozenset[str] = frozenset(),
    ) -> list[ResolvedConfiguration | Unsolvable]:
        preferences = Preferences(previous, (), self.folder)
        with self.project.indexes(Network(retries=0)) as indexes:
            return indexes.resolve(chosen, preferences, newest=newest)

    def snapshot(
        self, outcomes: list[ResolvedConfiguration | Unsolvable], previous: Snapshot | None = None
    ) -> Snapshot:
        solved = [one for one in outcomes if isinstance(one, ResolvedConfiguration)]
        made = assemble(
            previous, AssembledConfiguration.of(self.project.project(), solved), forgets=True
        )
        assert isinstance(made, Snapshot)
        return made

    def close(self) -> None:
        self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


SETTINGS = settings(
    deadline=None,
    max_examples=int(os.environ.get("LOCKGUARD_EXAMPLES", "8")),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@SETTINGS
@given(worlds())
def test_every_configuration_meets_every_requirement_and_holds_no_more(world: World) -> None:
    bench = Bench(world)
    try:
        snapshot = bench.snapshot(bench.resolve(TARGETS))
        for entry in snapshot.configurations.values():
            assert [*walk(world.requirements, snapshot, entry)] == []
    finally:
        bench.close()


@SETTINGS
@given(worlds(), st.permutations(TARGETS))
def test_order_never_matters_and_a_second_time_changes_nothing(
    world: World, order: list[Configuration]
) -> None:
    bench = Bench(world)
    try:
        first = bench.snapshot(bench.resolve(TARGETS))
        other = bench.snapshot(bench.resolve(tuple(order)))
        again = bench.snapshot(bench.resolve(tuple(order), first), first)
    finally:
        bench.close()

    assert render(first) == render(other)
    assert render(first) == render(again)


@SETTINGS
@given(worlds())
def test_split_by_configuration_and_merged_it_is_the_same(world: World) -> None:
    bench = Bench(world)
    try:
        whole = bench.snapshot(bench.resolve(TARGETS))
    finally:
        bench.close()
    parts = [*split(whole).values()]

    assert not parts or merge(parts) == Merged(whole)


@SETTINGS
@example(
    World(
        (
            ("alpha", "1.0", ("gamma<2.0",)),
            ("gamma", "1.0", ()),
            ("gamma", "1.1", ("delta<2.0",)),
            ("delta", "1.0", ()),
            ("delta", "2.0", ()),
        ),
        ("alpha", "delta"),
    ),
    "delta",
)
@given(worlds(), st.sampled_from(NAMES))
def test_an_upgrade_moves_its_package_and_what_that_forces(world: World, name: str) -> None:
    old = World(
        tuple(one for one in world.releases if one[0] != name or one[1] == _oldest(world, name)),
        world.requirements,
    )
    bench = Bench(old)
    try:
        before = bench.snapshot(bench.resolve(TARGETS))
        for one, version, requires in world.releases:
            if one == name and version != _oldest(world, name):
                bench.index.add(one, version, requires=requires, sdist=False)
        outcomes = bench.resolve(TARGETS, before, frozenset({name}))
        after = bench.snapshot(outcomes, before)
    finally:
        bench.close()

    solved = {one.name for one in outcomes if isinstance(one, ResolvedConfiguration)}
    for key in solved & {*before.configurations}:
        entry = after.configurations[key]
        assert [*walk(world.requirements, after, entry)] == []
        was, now = before.configurations[key].packages, entry.packages
        moved = {one for one in {*was} & {*now} if was[one].version != now[one].version}
        for one in moved - {name}:
            old_pin = before.entry(one, (was[one].version, was[one].source))
            assert _is_forced(one, was, after, entry) or _forbids(old_pin, entry)


def _oldest(world: World, name: str) -> str:
    return min(version for one, version, _ in world.releases if one == name)


def _is_forced(
    name: str, was: Mapping[str, Any], snapshot: Snapshot, entry: ConfigurationEntry
) -> bool:
    """Return whether some package that is there now does not allow the version of before."""
    markers: dict[str, str] = {**entry.target.markers, "extra": ""}
    texts = [
        text
        for one, found in entry.packages.items()
        for text in snapshot.entry(one, (found.version, found.source)).dependencies
    ]
    return any(
        wanted.name == name
        and (wanted.marker is None or wanted.marker.evaluate(dict(markers)))
        and not wanted.specifier.contains(Version(was[name].version))
        for wanted in map(Requirement, texts)
    )


def _forbids(pin: PackageEntry, entry: ConfigurationEntry) -> bool:
    """Return whether the pin of before does not allow some version that is there now."""
    markers: dict[str, str] = {**entry.target.markers, "extra": ""}
    return any(
        wanted.name in entry.packages
        and (wanted.marker is None or wanted.marker.evaluate(dict(markers)))
        and not wanted.specifier.contains(Version(entry.packages[wanted.name].version))
        for wanted in map(Requirement, pin.dependencies)
    )


@pytest.mark.skipif(shutil.which("uv") is None, reason="needs uv, the peer that is compared with")
@settings(SETTINGS, max_examples=4)
@given(worlds(), st.lists(st.sampled_from(UV_TARGETS), min_size=4, max_size=4, unique=True))
def test_the_choice_is_uvs_where_nothing_is_pinned(
    world: World, targets: list[tuple[Configuration, str]]
) -> None:
    """Both take the newest that fits, package by package. They differ only where a conflict lets
    one choose what to hold back: then each holds something back, and both sets are whole.
    """
    bench = Bench(world)
    try:
        outcomes = bench.resolve(tuple(one for one, _ in targets))
        snapshot = bench.snapshot(outcomes)
        for (one, platform), outcome in zip(targets, outcomes, strict=True):
            theirs = _uv(bench, one, platform)
            assert (theirs is None) == isinstance(outcome, Unsolvable)
            if theirs is None or isinstance(outcome, Unsolvable):
                continue
            entry = snapshot.configurations[one.name]
            ours = {name: found.version for name, found in entry.packages.items()}
            if ours != theirs:
                assert not _newest(bench, ours)
                assert not _newest(bench, theirs)
                for chosen in (ours, theirs):
                    requires = _requires(world, chosen)
                    assert [*follow(world.requirements, entry, chosen, requires)] == []
    finally:
        bench.close()


def _requires(world: World, chosen: Mapping[str, str]) -> Callable[[str], tuple[str, ...]]:
    known = {(name, version): requires for name, version, requires in world.releases}
    return lambda name: known[name, chosen[name]]


def _uv(bench: Bench, one: Configuration, platform: str) -> dict[str, str] | None:
    command = ("uv", "pip", "compile", "pyproject.toml", "--quiet", "--no-header", "--no-annotate")
    done = subprocess.run(
        [
            *command,
            *("--python-version", one.target.python, "--python-platform", platform),
            *("--index-url", bench.server.url, "--python", sys.executable),
            *("--refresh", "--format", "requirements.txt"),
        ],
        cwd=bench.folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode:
        return None
    lines = (line.partition("==") for line in done.stdout.splitlines() if "==" in line)
    return {name.strip(): version.split()[0] for name, _, version in lines}


def _newest(bench: Bench, chosen: Mapping[str, str]) -> bool:
    """Return whether nothing was held back."""
    return all(
        version == max(one.release.version for one in bench.index.projects[name])
        for name, version in chosen.items()
    )
