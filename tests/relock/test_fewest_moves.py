"""An update moves the fewest pins that are possible: compared with every possibility there is."""

from __future__ import annotations

import functools
import itertools
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cleo.io.null_io import NullIO
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from poetry.core.constraints.version import Version, parse_constraint
from worlds import World, release

from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.manifest.document import parse as parse_manifest
from poetry_lockguard.poetry_api.contradiction import Contradiction
from poetry_lockguard.poetry_api.lock_writing import resolve
from poetry_lockguard.poetry_api.poetry_versions import Generator
from poetry_lockguard.poetry_api.project import load
from poetry_lockguard.relock.update.moved_doubts import MovedDoubts
from poetry_lockguard.relock.update.moving import PinMover
from poetry_lockguard.relock.update.moving_pool import VersionOffer
from poetry_lockguard.repair.fewest_moves import fewest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from poetry.poetry import Poetry

    Requires = Mapping[tuple[str, str], Mapping[str, str]]

NAMES = tuple(f"p{number}" for number in range(6))
VERSIONS = ("1", "2", "3")
CONSTRAINTS = ("*", "<2", ">=2", "<3", ">=3", "1 || 3")
ROOTS = ("p0", "p1", "p2")
MANIFEST = (
    '[tool.poetry]\npackage-mode = false\n[tool.poetry.dependencies]\npython = ">=3.10"\n'
    + "".join(f'{name} = "*"\n' for name in ROOTS)
)


@st.composite
def requirements(draw: st.DrawFn) -> Requires:
    """Draw what each release requires of later packages."""
    found = {}
    for position, name in enumerate(NAMES):
        for version in VERSIONS:
            needed = draw(st.sets(st.sampled_from(NAMES[position + 1 :] or ("",)), max_size=2))
            found[name, version] = {
                other: draw(st.sampled_from(CONSTRAINTS)) for other in sorted(needed - {""})
            }
    return found


def world(requires: Requires, *, without: set[tuple[str, str]]) -> World:
    return World(
        [
            release(name, [_pep508(other, text) for other, text in needs.items()], version)
            for (name, version), needs in requires.items()
            if (name, version) not in without
        ]
    )


def _pep508(name: str, constraint: str) -> str:
    return name + {"*": "", "1 || 3": "!=2"}.get(constraint, constraint)


@functools.cache
def allows(constraint: str, version: str) -> bool:
    return parse_constraint(constraint).allows(Version.parse(version))


def reached(requires: Requires, chosen: Mapping[str, str]) -> dict[str, str] | None:
    """Return what an install of these versions brings; None where a requirement is not met."""
    found: dict[str, str] = {}
    ahead = [*ROOTS]
    while ahead:
        name = ahead.pop()
        if name in found:
            continue
        found[name] = chosen[name]
        for other, constraint in requires[name, chosen[name]].items():
            if not allows(constraint, chosen[other]):
                return None
            ahead.append(other)
    return found


def moved(old: Mapping[str, str], new: Mapping[str, str], named: str) -> frozenset[str]:
    return frozenset(name for name in new if name in old and old[name] != new[name]) - {named}


def possible(
    requires: Requires, old: Mapping[str, str], name: str, version: str
) -> set[frozenset[str]]:
    """Return what moves, for each choice of versions that will do.

    A choice by which nothing needs the named package any more counts: an update refuses that one.
    """
    choices = itertools.product(VERSIONS, repeat=len(NAMES))
    results = (reached(requires, dict(zip(NAMES, choice, strict=True))) for choice in choices)
    return {
        moved(old, result, name)
        for result in results
        if result is not None and result.get(name, version) == version
    }


def pins(text: str) -> dict[str, str]:
    return {pin.name: pin.version for pin in parse(text.encode()).pins}


def mover(poetry: Poetry, universe: World, text: str, name: str, *, solves: int = 1000) -> PinMover:
    raw = parse(text.encode()).raw
    return PinMover(
        poetry=poetry,
        sources=universe.pool(),
        lock=raw,
        moving=frozenset({name}),
        doubts=MovedDoubts(poetry, raw, Generator.of(poetry.locker.lock)),
        io=NullIO(),
        solves=solves,
    )


def compare(requires: Requires, data: st.DataObject, *, solves: int = 1000) -> None:
    without = data.draw(
        st.sets(st.tuples(st.sampled_from(NAMES), st.sampled_from(VERSIONS[1:])), max_size=8)
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pyproject.toml"
        path.write_text(MANIFEST)
        poetry = load(parse_manifest(MANIFEST, path))
        try:
            text = resolve(poetry, world(requires, without=without).pool(), NullIO())
        except Contradiction:
            assume(False)
        (Path(folder) / "poetry.lock").write_text(text)
        old = pins(text)
        name = data.draw(st.sampled_from(sorted(old)))
        version = data.draw(st.sampled_from([one for one in VERSIONS if one != old[name]]))
        universe = world(requires, without=set())
        wanted = universe.pool().package(name, Version.parse(version))
        choices = possible(requires, old, name, version)
        one = mover(poetry, universe, text, name, solves=solves)
        try:
            made = one.move({name: VersionOffer(release=wanted)})
        except Contradiction:
            assert not choices
            return
    new = pins(made.text)
    assert new.get(name, version) == version
    found = moved(old, new, name)
    assert found in choices
    assert not any(fewer < found and len(fewer) == len(found) - 1 for fewer in choices)
    if solves > 1:
        assert len(found) == min(map(len, choices))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(requires=requirements(), data=st.data())
def test_the_moves_are_the_fewest_possible(requires: Requires, data: st.DataObject) -> None:
    compare(requires, data)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(requires=requirements(), data=st.data())
def test_without_time_for_the_fewest_no_single_pin_moves_needlessly(
    requires: Requires, data: st.DataObject
) -> None:
    compare(requires, data, solves=1)


@pytest.mark.slow
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(requires=requirements(), data=st.data())
def test_the_moves_are_the_fewest_possible_at_length(
    requires: Requires, data: st.DataObject
) -> None:
    compare(requires, data)


@given(st.lists(st.frozensets(st.sampled_from("abcdefg"), min_size=1), max_size=6))
def test_a_hitting_set_is_the_smallest(cores: list[frozenset[str]]) -> None:
    found = fewest(cores)

    sizes = (
        len(chosen)
        for size in range(8)
        for chosen in itertools.combinations("abcdefg", size)
        if all(core & {*chosen} for core in cores)
    )
    assert all(core & found for core in cores)
    assert len(found) == next(sizes)


def test_many_cores_without_a_common_pin_are_hit_all_the_same() -> None:
    cores = [frozenset({f"a{number}", f"b{number}"}) for number in range(12)]

    assert len(fewest(cores)) == 12
