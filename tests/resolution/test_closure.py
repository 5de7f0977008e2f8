"""What is proved of a configuration without a solver is what the solver would have said."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from solving import project

from poetry_lockguard.manifest.document import read
from poetry_lockguard.resolution.configuration_resolver import ResolvedConfiguration, target_entry
from poetry_lockguard.resolution.project_configurations import SnapshotProject
from poetry_lockguard.snapshots.document import (
    ConfigurationEntry,
    PackageEntry,
    Project,
    Resolved,
    Snapshot,
)
from poetry_lockguard.snapshots.origins import Directory, Index, PyPI, SnapshotSource
from poetry_lockguard.targets.configuration import Wish, configuration

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = ("alpha", "beta", "gamma", "delta")
VERSIONS = ("1.0", "1.1", "2.0")
HERE = configuration(Wish(python="3.12", platform="linux-x86_64"))
MARKERS = ("", " ; python_version < '3.12'", " ; sys_platform == 'linux'", " ; extra == 'more'")
DIGEST = {"a-1.0-py3-none-any.whl": f"sha256:{0:064x}"}


@st.composite
def requirements(draw: st.DrawFn, name: str) -> str:
    extra = draw(st.sampled_from(["", "", "[more]"]))
    constraint = draw(st.sampled_from(["", ">=1.0", ">=1.1", "<2.0"]))
    return f"{name}{extra}{constraint}"


@st.composite
def pins(draw: st.DrawFn, number: int, version: str) -> PackageEntry:
    needed = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=2))
    return PackageEntry(
        version=version,
        source=PyPI(),
        requires_python=draw(st.sampled_from([None, None, None, ">=3.8", "<3.12"])),
        dependencies=tuple(
            draw(requirements(name)) + draw(st.sampled_from(MARKERS))
            for name in needed
            if name != NAMES[number]
        ),
        files=DIGEST,
    )


@st.composite
def snapshots(draw: st.DrawFn) -> tuple[tuple[str, ...], Snapshot]:
    """Draw requirements of a project, and any snapshot for it, sound or not."""
    held = {
        name: tuple(
            draw(pins(number, version))
            for version in draw(st.lists(st.sampled_from(VERSIONS), min_size=1, unique=True))
        )
        for number, name in enumerate(NAMES)
    }
    chosen = draw(st.lists(st.sampled_from(NAMES), unique=True))
    wanted = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1, max_size=2))
    versions = {name: draw(st.sampled_from(held[name])).version for name in chosen}
    return tuple(draw(requirements(name)) for name in wanted), snapshot(held, versions)


def snapshot(held: Mapping[str, tuple[PackageEntry, ...]], versions: dict[str, str]) -> Snapshot:
    sources = {name: {one.version: one.source for one in held[name]} for name in versions}
    entry = ConfigurationEntry(
        target=target_entry(HERE),
        groups=("main",),
        packages={
            name: Resolved(version=version, source=sources[name][version])
            for name, version in versions.items()
        },
    )
    return Snapshot(project=Project(name="story"), configurations={HERE.name: entry}, packages=held)


def loaded(folder: Path, *wanted: str, more: str = "") -> SnapshotProject:
    project(folder, *wanted, more=more)
    return SnapshotProject(read(folder / "pyproject.toml"), folder)


def resolved(one: SnapshotProject, held: Snapshot) -> ConfigurationEntry | None:
    outcome = one.from_pins(HERE, one.pins(held, HERE))
    return outcome.entry if isinstance(outcome, ResolvedConfiguration) else None


def chosen(entry: ConfigurationEntry) -> dict[str, tuple[str, SnapshotSource]]:
    return {name: (one.version, one.source) for name, one in entry.packages.items()}


@settings(deadline=None, max_examples=40)
@given(snapshots())
def test_what_is_proved_is_what_the_solver_says(drawn: tuple[tuple[str, ...], Snapshot]) -> None:
    wanted, held = drawn
    with tempfile.TemporaryDirectory() as folder:
        here = loaded(Path(folder), *wanted)
        is_proved = here.gives_itself(HERE, held)
        entry = resolved(here, held)

    if is_proved:
        assert entry is not None
        assert chosen(entry) == chosen(held.configurations[HERE.name])


@settings(deadline=None, max_examples=40)
@given(snapshots())
def test_what_the_solver_chose_is_proved(drawn: tuple[tuple[str, ...], Snapshot]) -> None:
    wanted, held = drawn
    with tempfile.TemporaryDirectory() as folder:
        here = loaded(Path(folder), *wanted)
        entry = resolved(here, held)
        assume(entry is not None)
        assert entry is not None
        made = replace(held, configurations={HERE.name: entry})
        is_proved = here.gives_itself(HERE, made)

    assert is_proved


@pytest.mark.parametrize(
    ("source", "priority", "requirement"),
    [
        pytest.param(Directory(path="alpha"), "primary", "alpha", id="a folder"),
        pytest.param(
            Index(name="own", url="https://mirror.example/simple/"),
            "explicit",
            "alpha",
            id="an index that gives nothing unless it is named",
        ),
        pytest.param(PyPI(), "primary", "beta", id="a pin that is not there"),
        pytest.param(PyPI(), "primary", "alpha>1.0", id="a pin that does not fit"),
    ],
)
def test_what_is_not_plain_is_left_to_the_solver(
    tmp_path: Path, source: SnapshotSource, priority: str, requirement: str
) -> None:
    more = (
        '[[tool.poetry.source]]\nname = "own"\nurl = "https://mirror.example/simple/"\n'
        f'priority = "{priority}"\n'
    )
    held = {"alpha": (PackageEntry(version="1.0", source=source, files=DIGEST),)}

    here = loaded(tmp_path, requirement, more=more)

    assert not here.gives_itself(HERE, snapshot(held, {"alpha": "1.0"}))
