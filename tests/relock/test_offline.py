"""The offline rung writes what ``poetry lock`` would write, byte for byte, or nothing at all.

That goes for locks in which Poetry is at rest. Now and then its own lock lacks what a pin requires
under a condition, because the pin was decided on early, and ``poetry lock`` adds it though nothing
has changed. What is not in the lock nobody can tell offline.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cleo.io.null_io import NullIO
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sampling import examples
from worlds import EDITS, Wanted, World, edited, manifests, release, worlds

from poetry_lockguard.manifest.document import parse
from poetry_lockguard.poetry_api.contradiction import Contradiction
from poetry_lockguard.poetry_api.lock_writing import resolve
from poetry_lockguard.poetry_api.project import load
from poetry_lockguard.relock.locked_repository import NeedsNetworkError
from poetry_lockguard.relock.offline import refresh

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry.poetry import Poetry

COUNTS: Counter[tuple[str, str]] = Counter()


@pytest.fixture(scope="module", autouse=True)
def counts() -> Iterator[None]:
    yield
    for kind in EDITS:
        same, declined, other = (COUNTS[kind, one] for one in ("same", "declined", "unsettled"))
        print(f"{kind:>20}: {same} as poetry lock, {declined} declined, {other} of unsettled locks")


def project(folder: Path, wanted: Wanted) -> Poetry:
    path = folder / "pyproject.toml"
    path.write_text(wanted.text())
    return load(parse(wanted.text(), path))


def compare(kind: str, world: World, before: Wanted, after: Wanted) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            old = resolve(project(folder, before), world.pool(), NullIO(), regenerate=True)
            (folder / "poetry.lock").write_text(old)
            expected = resolve(project(folder, after), world.pool(), NullIO())
        except Contradiction:
            return
        try:
            text = refresh(project(folder, after))
        except NeedsNetworkError:
            COUNTS[kind, "declined"] += 1
            return
        if text != expected and old != resolve(project(folder, before), world.pool(), NullIO()):
            COUNTS[kind, "unsettled"] += 1  # Poetry writes another lock though nothing changed
            return
    COUNTS[kind, "same"] += 1
    assert text == expected


@pytest.mark.contract
@pytest.mark.parametrize("kind", EDITS)
@settings(max_examples=examples(20), deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_an_edit_offline_gives_what_poetry_lock_gives(kind: str, data: st.DataObject) -> None:
    before = data.draw(manifests())

    compare(kind, data.draw(worlds()), before, data.draw(edited(before, kind)))


@pytest.mark.slow
@pytest.mark.parametrize("kind", EDITS)
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_an_edit_offline_at_length(kind: str, data: st.DataObject) -> None:
    before = data.draw(manifests())

    compare(kind, data.draw(worlds()), before, data.draw(edited(before, kind)))


ANY = [{"version": "*"}]
UNSORTED = World(
    [
        release("leaf", []),
        release("one", ['leaf ; sys_platform == "win32"']),
        release("two", ['leaf ; platform_system == "Windows"']),
        release("top", ["two", "one"]),
    ]
)


@pytest.mark.parametrize(
    "after",
    [
        Wanted(">=3.10", {"main": {"top": ANY}}),
        Wanted(">=3.10", {"main": {}, "dev": {"top": ANY}}),
        Wanted(">=3.10", {"main": {"top": ANY}, "dev": {"one": ANY}}),
    ],
    ids=["as it was", "regrouped", "added"],
)
def test_the_order_of_a_releases_requirements_is_not_in_the_lock(after: Wanted) -> None:
    """A union of markers has the order in which a release names what it requires."""
    compare("unsorted", UNSORTED, Wanted(">=3.10", {"main": {"top": ANY}}), after)

    assert COUNTS["unsorted", "declined"]
