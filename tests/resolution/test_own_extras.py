"""Extras that bring other extras of their own package: a snapshot has what Poetry installs."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from index import Index, Server
from index.answers import Face
from installs import installed
from solving import load, project, solve

from poetry_lockguard.index.network import Network
from poetry_lockguard.manifest.document import read
from poetry_lockguard.mirrors.failover import Endpoints
from poetry_lockguard.resolution.configuration_resolver import ResolvedConfiguration
from poetry_lockguard.resolution.lock_resolution import from_lock
from poetry_lockguard.resolution.preferences import Preferences
from poetry_lockguard.resolution.project_configurations import SnapshotProject
from poetry_lockguard.snapshots.assembly import AssembledConfiguration, assemble
from poetry_lockguard.snapshots.document import Snapshot
from poetry_lockguard.targets.configuration import Wish, configuration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from conftest import Result
    from index import Pypi

    from poetry_lockguard.resolution.configuration_resolver import Unsolvable

    Run = Callable[[str, Path], Result]

EXTRAS = ("all", "some", "aws", "gcs")
LIBRARIES = ("boto", "storage", "blob")
MARKERS = ("", " and sys_platform == 'win32'", " and python_version >= '3.11'")
TARGETS = tuple(
    configuration(Wish(python=python, platform=platform))
    for python in ("3.10", "3.12")
    for platform in ("linux-x86_64", "windows-x86_64")
)


@dataclass(frozen=True, slots=True)
class World:
    """What two packages require, and what a project asks of the first."""

    cloud: tuple[str, ...]
    disk: tuple[str, ...]
    wanted: str


@st.composite
def requirements(draw: st.DrawFn, own: str, other: str) -> tuple[str, ...]:
    """What the extras of a package bring: libraries, other extras of it, in circles too."""
    found = []
    for extra in EXTRAS:
        named = draw(st.lists(st.sampled_from(EXTRAS), max_size=2, unique=True))
        brought = [f"{own}[{','.join(named)}]"] if named else []
        brought += draw(st.lists(st.sampled_from((*LIBRARIES, other)), max_size=1))
        marker = draw(st.sampled_from(MARKERS))
        found += [f"{one} ; extra == '{extra}'{marker}" for one in brought]
    return tuple(found)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    asked = st.lists(st.sampled_from(EXTRAS), min_size=1, max_size=2, unique=True)
    brought = f"disk[{','.join(draw(asked))}]"
    return World(
        draw(requirements("cloud", brought)),
        draw(requirements("disk", "blob")),
        f"cloud[{','.join(draw(asked))}]",
    )


@contextmanager
def serving(index: Index) -> Iterator[Server]:
    server = Server(index, Face())
    server.start()
    try:
        yield server
    finally:
        server.stop()


@settings(
    deadline=None,
    max_examples=int(os.environ.get("LOCKGUARD_EXAMPLES", "5")),
    suppress_health_check=[HealthCheck.too_slow],
)
@example(
    World(
        (
            "cloud[some,aws] ; extra == 'all'",
            "cloud[all] ; extra == 'some'",
            "cloud[gcs] ; extra == 'some' and sys_platform == 'win32'",
            "boto ; extra == 'aws'",
            "storage ; extra == 'gcs'",
        ),
        (),
        "cloud[all]",
    )
)
@given(worlds())
def test_what_create_and_sync_make_is_what_poetry_installs(world: World) -> None:
    index = Index()
    declared: dict[str, list[str]] = {extra: [] for extra in EXTRAS}
    index.add("cloud", "1.0", requires=world.cloud, extras=declared, sdist=False)
    index.add("disk", "1.0", requires=world.disk, extras=declared, sdist=False)
    for library in LIBRARIES:
        index.add(library, "1.0", sdist=False)
    with serving(index) as server, tempfile.TemporaryDirectory(prefix="extras-") as name:
        folder = Path(name)
        # Poetry keeps what it read of a release by the name of its source
        source = f'[[tool.poetry.source]]\nname = "{folder.name}"\nurl = "{server.url}"\n'
        project(folder, world.wanted, more=source)
        here = SnapshotProject(read(folder / "pyproject.toml"), folder)
        with here.indexes(Network(retries=0)) as indexes:
            created = indexes.resolve(TARGETS, Preferences(None, (), folder))
        with Endpoints(load(folder), Network(retries=0)) as endpoints:
            lock = endpoints.first(lambda endpoint: solve(load(folder), endpoint))
        again = SnapshotProject(read(folder / "pyproject.toml"), folder)
        synced, unmet = from_lock(again, TARGETS, again.locked())
        snapshot = assemble(None, AssembledConfiguration.of(again.project(), synced), forgets=True)
        assert isinstance(snapshot, Snapshot)
        verified = [again.from_pins(one, again.pins(snapshot, one)) for one in TARGETS]

    expected = [
        {name for name, _, _ in installed(lock, {**target.target.markers}, ("main",), ())}
        for target in TARGETS
    ]
    assert not unmet
    assert names(created) == names(synced) == names(verified) == expected


def names(outcomes: Sequence[ResolvedConfiguration | Unsolvable]) -> list[set[str]]:
    """Return the packages of each configuration; none of one that cannot be resolved."""
    return [
        {*one.entry.packages} if isinstance(one, ResolvedConfiguration) else set()
        for one in outcomes
    ]


def test_a_pin_that_requires_the_project_itself_is_served_by_it(
    run: Run, index: Index, pypi: Pypi, tmp_path: Path
) -> None:
    index.add("server", "1.0", requires=["story>=0.5"])
    index.add("story", "0.9", requires=["alpha"])
    index.add("alpha", "1.0")
    pypi(index, here=True, json=False)
    folder = project(tmp_path / "app", "server")
    assert run("lockguard fix", folder).code == 0

    synced = run("lockguard snapshot sync", folder)
    by_sync = (folder / "lockguard.lock").read_text()
    created = run("lockguard snapshot create --fresh", folder)

    assert (synced.code, created.code) == (0, 0), synced.err + created.err
    assert '"story": [' not in by_sync
    assert '"story": [' not in (folder / "lockguard.lock").read_text()


@pytest.mark.parametrize("form", ["requirements", "constraints", "pylock"])
def test_so_the_pins_can_be_exported_and_bundled(
    form: str, run: Run, index: Index, pypi: Pypi, tmp_path: Path
) -> None:
    index.add("server", "1.0", requires=["Story>=0.5"])
    pypi(index, here=True)
    more = "\n[tool.lockguard.configurations.one]\npython = '3.11'\nplatform = 'linux-x86_64'\n"
    folder = project(tmp_path / "app", "server", more=more)
    for command in ("fix", "snapshot sync", "snapshot verify"):
        assert run(f"lockguard {command}", folder).code == 0

    exported = run(f"lockguard snapshot export --config one --format {form}", folder)
    bundled = run("lockguard bundle --config one --output bundle", folder)

    assert (exported.code, bundled.code) == (0, 0), exported.err + bundled.err
    assert "server" in exported.out
