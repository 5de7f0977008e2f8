"""A pin that moves alone, without a solver, is installed as from the lock that the solver makes."""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cleo.io.null_io import NullIO
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from installs import environments, installed
from poetry.core.constraints.version import Version, parse_constraint
from sampling import examples
from worlds import World, manifests, release, worlds

from poetry_lockguard.lockfile.parse import parse as parse_lock
from poetry_lockguard.manifest.document import parse
from poetry_lockguard.poetry_api.contradiction import Contradiction
from poetry_lockguard.poetry_api.lock_writing import resolve
from poetry_lockguard.poetry_api.poetry_versions import Generator
from poetry_lockguard.poetry_api.project import load
from poetry_lockguard.relock.soundness import flaws
from poetry_lockguard.relock.update.lone_moves import LoneMover
from poetry_lockguard.relock.update.moved_doubts import MovedDoubts
from poetry_lockguard.relock.update.moving import PinMover
from poetry_lockguard.relock.update.moving_pool import VersionOffer
from poetry_lockguard.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from installs import Installed
    from poetry.core.packages.package import Package
    from poetry.inspection.info import PackageInfo
    from poetry.poetry import Poetry

    from poetry_lockguard.manifest.document import Manifest

    Look = Callable[[World, Manifest, str, st.DataObject], None]

QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
PYTHONS = ("3.10", "3.11", "3.13")
COUNTS: Counter[str] = Counter()


@pytest.fixture(scope="module", autouse=True)
def counts() -> Iterator[None]:
    yield
    print(f"{COUNTS}")


def held(poetry: Poetry, name: str) -> tuple[Package, ...]:
    return tuple(pin for pin in poetry.locker.locked_repository().packages if pin.name == name)


def solver(poetry: Poetry, universe: World, name: str) -> PinMover:
    return PinMover(
        poetry=poetry,
        sources=universe.pool(),
        lock=poetry.locker.lock_data,
        moving=frozenset({name}),
        doubts=MovedDoubts(poetry, poetry.locker.lock_data, Generator.of(poetry.locker.lock)),
        io=NullIO(),
    )


def versions(text: str, name: str) -> list[str]:
    return [pin.version for pin in parse_lock(text.encode()).pins if pin.name == name]


def installs(text: str, python: str) -> Iterator[tuple[str, Installed]]:
    allowed = parse_constraint(python)
    for groups, extras in itertools.product(
        ({"main"}, {"dev"}, {"main", "dev"}), (frozenset[str](), frozenset({"feature"}))
    ):
        for environment in environments(PYTHONS):
            if allowed.allows(Version.parse(environment["python_full_version"])):
                where = environment["python_version"]
                yield where, installed(text, environment, groups, extras)


def is_doubled(package: Package) -> bool:
    """Whether a release needs something with an extra and without: Poetry confuses the two."""
    by_extra = {one.name for one in package.requires if one.in_extras}
    return any(one.name in by_extra and not one.in_extras for one in package.requires)


def compare(universe: World, manifest: Manifest, python: str, data: st.DataObject) -> None:
    try:
        old = resolve(load(manifest), universe.pool(), NullIO(), regenerate=True)
    except Contradiction:
        assume(False)
    assume(flaws(old, manifest, Settings()) is None)  # no other lock is updated
    manifest.lock_path.write_text(old)
    poetry = load(manifest)
    name = data.draw(st.sampled_from(sorted({pin.name for pin in parse_lock(old.encode()).pins})))
    known = sorted({one.version or "" for one in universe.releases if one.name == name})
    others = [version for version in known if versions(old, name) != [version]]
    assume(others)
    wanted = universe.pool().package(name, Version.parse(data.draw(st.sampled_from(others))))
    stays = len(versions(old, name)) > 1
    offer = {name: VersionOffer(release=wanted, held=held(poetry, name) if stays else ())}
    made = lone_mover(manifest, poetry, old).moved(offer)
    if made is None:
        COUNTS["left to the solver"] += 1
        return
    assert flaws(made, manifest, Settings()) is None
    try:
        expected = solver(poetry, universe, name).move(offer).text
    except Contradiction:
        pytest.fail(f"the solver finds no lock:\n{made}")
    if flaws(expected, manifest, Settings()) or versions(made, name) != versions(expected, name):
        COUNTS["in which Poetry leaves something out"] += 1
        assert stays or flaws(expected, manifest, Settings())
        return
    if is_doubled(wanted):
        COUNTS["in which Poetry merges what is needed with and without an extra"] += 1
        return
    COUNTS["split" if stays else "alone"] += 1
    wrong = [
        (ours, theirs)
        for ours, theirs in zip(installs(made, python), installs(expected, python), strict=True)
        if ours != theirs
    ]
    assert not wrong, f"{wrong[:2]}\n{old}\n{made}\n{expected}"


def lone_mover(manifest: Manifest, poetry: Poetry, text: str) -> LoneMover:
    return LoneMover(manifest=manifest, poetry=poetry, lock=parse_lock(text.encode()), text=text)


def tried(data: st.DataObject, look: Look) -> None:
    wanted = data.draw(manifests())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pyproject.toml"
        path.write_text(wanted.text())
        look(data.draw(worlds()), parse(wanted.text(), path), wanted.python, data)


def split(universe: World, manifest: Manifest, python: str, data: st.DataObject) -> None:
    """Move a pin to a release that is like the locked one, but supports newer Pythons only."""
    try:
        old = resolve(load(manifest), universe.pool(), NullIO(), regenerate=True)
    except Contradiction:
        assume(False)
    assume(flaws(old, manifest, Settings()) is None)  # no other lock is updated
    manifest.lock_path.write_text(old)
    poetry = load(manifest)
    name = data.draw(st.sampled_from(sorted({pin.name for pin in parse_lock(old.encode()).pins})))
    assume(len(versions(old, name)) == 1)
    (before,) = versions(old, name)
    like = next(one for one in universe.releases if (one.name, one.version) == (name, before))
    new = f"{before}.1"
    universe.releases.append(replace_release(like, new))
    wanted = universe.pool().package(name, Version.parse(new))
    offer = {name: VersionOffer(release=wanted, held=held(poetry, name))}
    made = lone_mover(manifest, poetry, old).moved(offer)
    if made is None:
        COUNTS["not split"] += 1
        return
    COUNTS["split by Python"] += 1
    assert flaws(made, manifest, Settings()) is None
    both = zip(installs(made, python), installs(old, python), strict=True)
    for (where, ours), (_, theirs) in both:
        is_new = Version.parse(where) >= Version.parse("3.11")
        expected = {(n, new if is_new and n == name else v, s) for n, v, s in theirs}
        assert ours == expected, f"{where}\n{old}\n{made}"


def replace_release(like: PackageInfo, version: str) -> PackageInfo:
    made = release(like.name or "", [*(like.requires_dist or ())], version)
    made.requires_python = ">=3.11"
    return made


@settings(
    max_examples=examples(6), deadline=None, suppress_health_check=list(HealthCheck), phases=QUICK
)
@given(data=st.data())
def test_a_pin_that_splits_by_python_changes_nothing_else(data: st.DataObject) -> None:
    tried(data, split)


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), phases=QUICK)
@given(data=st.data())
def test_a_pin_that_splits_by_python_changes_nothing_else_at_length(data: st.DataObject) -> None:
    tried(data, split)


@settings(
    max_examples=examples(6), deadline=None, suppress_health_check=list(HealthCheck), phases=QUICK
)
@given(data=st.data())
def test_a_pin_that_moves_alone_is_installed_as_the_solver_would(data: st.DataObject) -> None:
    tried(data, compare)


@pytest.mark.slow
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck), phases=QUICK)
@given(data=st.data())
def test_a_pin_that_moves_alone_is_installed_as_the_solver_would_at_length(
    data: st.DataObject,
) -> None:
    tried(data, compare)
