"""Where the solver has no choice to make, its result is found without it, and is the same."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from solving import project
from test_equivalence import HEAD, Held, pin, worlds

from poetry_lockguard.manifest.document import read
from poetry_lockguard.poetry_api import package_translation
from poetry_lockguard.poetry_api.imports.solver import Solver
from poetry_lockguard.resolution import configuration_resolver
from poetry_lockguard.resolution.configuration_resolver import (
    ConfigurationResolver,
    Job,
    ResolvedConfiguration,
    Unsolvable,
)
from poetry_lockguard.resolution.pinned_source import PinnedPackageSource
from poetry_lockguard.resolution.project_configurations import SnapshotProject
from poetry_lockguard.targets.configuration import Wish, configuration

if TYPE_CHECKING:
    from collections.abc import Sequence

GROUP = '\n[dependency-groups]\ndev = ["gamma>=1.0", "beta[more]"]\n'
TARGETS = tuple(
    configuration(Wish(python=python, platform="linux-x86_64", extras=extras, groups=groups))
    for python in ("3.11", "3.12")
    for extras, groups in (((), ("main",)), (("more",), ("main", "dev")))
)


def resolved(
    wanted: tuple[str, ...], held: Held, preferred: Sequence[int] = ()
) -> list[ResolvedConfiguration | Unsolvable]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project(folder, *wanted, more=HEAD + GROUP)
        here = SnapshotProject(read(folder / "pyproject.toml"), folder)
        pins = [package_translation.package(*one, folder) for one in held]
        first = [pins[number % len(pins)] for number in preferred]
        resolver = ConfigurationResolver(
            here.poetry, PinnedPackageSource(here.poetry.pool, pins), folder
        )
        jobs = (Job(configuration=one, preferred=first) for one in TARGETS)
        return [*resolver.resolve(jobs)]


@pytest.mark.parametrize(
    "examples", [15, pytest.param(600, marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_it_is_what_the_solver_finds(examples: int, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = st.lists(st.integers(0, 11), max_size=4, unique=True)

    @settings(deadline=None, max_examples=examples)
    @given(worlds(), numbers)
    def compared(drawn: tuple[tuple[str, ...], Held], preferred: list[int]) -> None:
        found = resolved(*drawn, preferred)
        with monkeypatch.context() as patched:
            patched.setattr(configuration_resolver, "certain_solution", lambda *_: None)
            assert found == resolved(*drawn, preferred)

    compared()


def without_a_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the solver was asked")

    monkeypatch.setattr(Solver, "solve", refuse)


def test_the_solver_does_not_run_if_every_requirement_alone_allows_the_same_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without_a_solver(monkeypatch)

    found = resolved(
        ("alpha", "beta>=1.0"),
        (
            ("alpha", pin("2.0", "beta>=1.1", "gamma ; extra == 'more'")),
            ("beta", pin("2.0")),
            ("beta", pin("1.1")),
            ("gamma", pin("1.0")),
            ("delta", pin("1.0")),
        ),
    )

    assert all(isinstance(one, ResolvedConfiguration) for one in found)


def test_the_solver_decides_where_requirements_differ_in_what_they_allow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without_a_solver(monkeypatch)

    with pytest.raises(AssertionError, match="the solver was asked"):
        resolved(
            ("alpha", "beta"),
            (
                ("alpha", pin("1.0", "beta<2.0")),
                ("beta", pin("2.0")),
                ("beta", pin("1.1")),
                ("gamma", pin("1.0")),
                ("delta", pin("1.0")),
            ),
        )
