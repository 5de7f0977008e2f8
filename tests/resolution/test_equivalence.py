"""Configurations that a solver sees alike are solved once, which never shows in what comes out."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from solving import project

from poetry_lockguard.manifest.document import read
from poetry_lockguard.poetry_api import package_translation
from poetry_lockguard.resolution.configuration_resolver import (
    ConfigurationResolver,
    Job,
    ResolvedConfiguration,
)
from poetry_lockguard.resolution.pinned_source import PinnedPackageSource
from poetry_lockguard.resolution.project_configurations import SnapshotProject
from poetry_lockguard.snapshots.document import PackageEntry
from poetry_lockguard.snapshots.origins import PyPI
from poetry_lockguard.targets.configuration import Configuration, Wish, configuration

if TYPE_CHECKING:
    from poetry.core.constraints.version import Version
    from poetry.core.packages.package import Package

NAMES = ("alpha", "beta", "gamma", "delta")
VERSIONS = ("1.0", "1.1", "2.0")
MARKERS = (
    "",
    " ; python_version < '3.12'",
    " ; sys_platform == 'win32'",
    " ; extra == 'more'",
    " ; python_version < '3.12' and extra == 'more'",
)
TARGETS = tuple(
    configuration(Wish(python=python, platform=platform, extras=extras))
    for python in ("3.11", "3.12")
    for platform in ("linux-x86_64", "windows-x86_64")
    for extras in ((), ("more",))
)
HEAD = "[project.optional-dependencies]\nmore = [\"delta ; python_version < '3.12'\"]\n"
DIGEST = {"a-1.0-py3-none-any.whl": f"sha256:{0:064x}"}
Held = tuple[tuple[str, PackageEntry], ...]


@st.composite
def requirement(draw: st.DrawFn, name: str) -> str:
    extra = draw(st.sampled_from(["", "", "[more]"]))
    constraint = draw(st.sampled_from(["", ">=1.0", ">=1.1", "<2.0"]))
    return f"{name}{extra}{constraint}{draw(st.sampled_from(MARKERS[:3]))}"


@st.composite
def worlds(draw: st.DrawFn) -> tuple[tuple[str, ...], Held]:
    held = []
    for number, name in enumerate(NAMES):
        for version in draw(st.lists(st.sampled_from(VERSIONS), min_size=1, unique=True)):
            later = NAMES[number + 1 :]
            needed = draw(st.lists(st.sampled_from(later), max_size=2)) if later else []
            texts = tuple(
                f"{one}{draw(st.sampled_from(['', '>=1.1', '<2.0']))}"
                f"{draw(st.sampled_from(MARKERS))}"
                for one in needed
            )
            python = draw(st.sampled_from([None, None, ">=3.8", "<3.12"]))
            held.append((name, pin(version, *texts, python=python)))
    wanted = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1, max_size=2))
    return tuple(draw(requirement(name)) for name in wanted), tuple(held)


def pin(version: str, *dependencies: str, python: str | None = None) -> PackageEntry:
    return PackageEntry(
        version=version,
        source=PyPI(),
        requires_python=python,
        dependencies=dependencies,
        files=DIGEST,
    )


class Counting(PinnedPackageSource):
    """Counts what is asked of it."""

    asked = 0

    def package(self, name: str, version: Version, source: str | None) -> Package:
        self.asked += 1
        return super().package(name, version, source)


def solver(
    folder: Path, wanted: tuple[str, ...], held: Held
) -> tuple[ConfigurationResolver, Counting]:
    project(folder, *wanted, more=HEAD)
    here = SnapshotProject(read(folder / "pyproject.toml"), folder)
    library = Counting(
        here.poetry.pool, [package_translation.package(*one, folder) for one in held]
    )
    return ConfigurationResolver(here.poetry, library, folder), library


@settings(deadline=None, max_examples=10)
@given(worlds())
def test_together_they_are_what_each_is_alone(drawn: tuple[tuple[str, ...], Held]) -> None:
    wanted, held = drawn
    with tempfile.TemporaryDirectory() as folder:
        resolver, _ = solver(Path(folder), wanted, held)
        together = [*resolver.resolve(Job(configuration=one) for one in TARGETS)]
        alone = [
            *(
                outcome
                for one in TARGETS
                for outcome in solver(Path(folder), wanted, held)[0].resolve(
                    [Job(configuration=one)]
                )
            )
        ]

    assert together == alone


@pytest.mark.parametrize(
    ("held", "looks"),
    [
        pytest.param((("alpha", pin("1.0")),), 1, id="nothing differs"),
        pytest.param(
            (("alpha", pin("1.0", "beta ; sys_platform == 'win32'")), ("beta", pin("1.0"))),
            2,
            id="a requirement of one platform",
        ),
        pytest.param(
            (("alpha", pin("1.0", "beta ; sys_platform == 'win32' and extra == 'more'")),),
            1,
            id="a requirement of an extra that nothing wants",
        ),
        pytest.param(
            (("alpha", pin("1.0")), ("alpha", pin("2.0", python="<3.12"))),
            2,
            id="a release for one Python",
        ),
    ],
)
def test_what_a_solver_sees_alike_is_solved_once(tmp_path: Path, held: Held, looks: int) -> None:
    four = [one for one in TARGETS if not one.extras]
    resolver, library = solver(tmp_path, ("alpha",), held)

    solved = [_asked(resolver, library, one) for one in four]

    assert sum(asked > 0 for asked in solved) == looks


def _asked(resolver: ConfigurationResolver, library: Counting, one: Configuration) -> int:
    before = library.asked
    (outcome,) = resolver.resolve([Job(configuration=one)])
    assert isinstance(outcome, ResolvedConfiguration)
    assert outcome.name == one.name
    return library.asked - before
