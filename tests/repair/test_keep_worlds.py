"""Entries that a merge repeats in a drawn lock make no difference to what is kept."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cleo.io.null_io import NullIO
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sampling import examples
from worlds import Wanted, World, manifests, worlds

from poetry_lockguard.lockfile.parse import parse as parse_lock
from poetry_lockguard.manifest.document import Manifest, parse
from poetry_lockguard.poetry_api.contradiction import Contradiction
from poetry_lockguard.poetry_api.lock_writing import resolve
from poetry_lockguard.poetry_api.project import load
from poetry_lockguard.repair.keep.engine import keep
from poetry_lockguard.repair.keep.kept_or_doubt import Doubt
from poetry_lockguard.running import running_poetry

if TYPE_CHECKING:
    from poetry.poetry import Poetry

#: without shrinking, which takes minutes here: the example that failed is shown whole
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
ENTRY, END = "[[package]]\n", "[metadata]\n"


def manifest(folder: Path, wanted: Wanted) -> Manifest:
    path = folder / "pyproject.toml"
    path.write_text(wanted.text())
    return parse(wanted.text(), path)


def project(folder: Path, wanted: Wanted) -> Poetry:
    return load(manifest(folder, wanted))


@pytest.mark.contract
@settings(
    max_examples=examples(20), deadline=None, suppress_health_check=list(HealthCheck), phases=QUICK
)
@given(data=st.data(), wanted=manifests(), world=worlds())
def test_entries_that_a_merge_repeats_make_no_difference(
    data: st.DataObject, wanted: Wanted, world: World
) -> None:
    wanted.extras.clear()  # their table stands between the packages and the end
    for table in wanted.groups["main"].values():
        table[0].pop("optional", None)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            text = resolve(project(folder, wanted), world.pool(), NullIO(), regenerate=True)
        except Contradiction:
            return
        packages, end, rest = text.partition(END)
        head, *entries = packages.split(ENTRY)
        if not entries:
            return
        number = data.draw(st.integers(0, len(entries) - 1))
        entries.insert(data.draw(st.integers(number + 1, len(entries))), entries[number])
        repeated = ENTRY.join([head, *entries]) + end + rest

        outcome = keep(
            manifest(folder, wanted), parse_lock(repeated.encode()), repeated, running_poetry()
        )

    assert isinstance(outcome, Doubt) or outcome.text == text, outcome
