"""A merge of two snapshots with a common past: each configuration from the side that changed it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from snapshot_values import (
    ENGINE,
    configuration,
    entry,
    hashed,
    resolved,
    snapshots,
    steady,
    target,
)

from poetry_lockguard.snapshots.document import Installed
from poetry_lockguard.snapshots.format import reader, writer
from poetry_lockguard.snapshots.format.canonical import Seal
from poetry_lockguard.snapshots.merge import Conflicts, Merged
from poetry_lockguard.snapshots.three_way_merge import merge
from poetry_lockguard.snapshots.usage import pins, used

if TYPE_CHECKING:
    from poetry_lockguard.snapshots.document import ConfigurationEntry, PackageEntry, Snapshot

FILE = "lockguard.lock"
I686, X86 = "linux-i686-py311", "linux-x86_64-py311"
NEW = configuration({"matrix": resolved("1.2")}, target=target("3.12.0"))


def merged(base: Snapshot | None, ours: Snapshot, theirs: Snapshot) -> Snapshot:
    outcome = merge(base, ours, theirs)
    assert isinstance(outcome, Merged), outcome
    return outcome.snapshot


def places(base: Snapshot | None, ours: Snapshot, theirs: Snapshot) -> list[str]:
    outcome = merge(base, ours, theirs)
    assert isinstance(outcome, Conflicts), outcome
    return [conflict.place for conflict in outcome.conflicts]


def changed(**configurations: ConfigurationEntry | None) -> Snapshot:
    """Return the engine with other configurations, ``i686``, ``x86`` or new ones."""
    names = {"i686": I686, "x86": X86}
    found = {**ENGINE.configurations}
    for name, one in configurations.items():
        found.pop(names.get(name, name), None)
        if one is not None:
            found[names.get(name, name)] = one
    held: dict[str, tuple[PackageEntry, ...]] = {**ENGINE.packages}
    held["matrix"] = (*held["matrix"], entry("1.2"))
    return replace(ENGINE, configurations=found, packages=held)


@steady
@given(base=snapshots(), other=snapshots())
def test_what_one_side_left_alone_is_the_other_sides(base: Snapshot, other: Snapshot) -> None:
    assert merged(base, base, other) == other
    assert merged(base, other, base) == other
    assert merged(None, other, other) == other


@steady
@given(base=snapshots(), ours=snapshots(), theirs=snapshots())
def test_a_merge_is_whole_sealed_and_nobodys_guess(
    base: Snapshot, ours: Snapshot, theirs: Snapshot
) -> None:
    outcome, turned = merge(base, ours, theirs), merge(base, theirs, ours)

    assert type(outcome) is type(turned)
    if isinstance(outcome, Merged):
        made = outcome.snapshot
        assert made == (turned.snapshot if isinstance(turned, Merged) else None)
        assert made.project in [ours.project, theirs.project]
        reading = reader.parse(writer.render(made), FILE)
        assert (reading.snapshot, reading.seal) == (made, Seal.OK)
        held = pins(made)
        assert all(used(one) <= held.keys() for one in made.configurations.values())


def test_each_side_adds_a_configuration_of_its_own() -> None:
    made = merged(ENGINE, changed(new=NEW), changed(other=NEW))

    assert {*made.configurations} == {I686, X86, "new", "other"}


def test_each_side_resolves_another_configuration_anew() -> None:
    made = merged(ENGINE, changed(i686=NEW), changed(x86=NEW))

    assert made.configurations == {I686: NEW, X86: NEW}
    assert [one.version for one in made.packages["matrix"]] == ["1.2", "1.1", "1.0"]


def test_a_configuration_that_one_side_dropped_is_gone() -> None:
    assert {*merged(ENGINE, changed(i686=None), changed(new=NEW)).configurations} == {X86, "new"}


def test_a_pin_that_one_side_dropped_stays_where_the_other_has_come_to_use_it() -> None:
    ours = replace(changed(i686=NEW), packages={"matrix": (entry("1.1"), entry("1.2"))})
    theirs = changed(new=configuration({"sound32": resolved()}))

    made = merged(ENGINE, ours, theirs)

    assert "sound32" in made.packages
    assert [one.version for one in made.packages["matrix"]] == ["1.2", "1.1"]


def test_what_was_found_installed_is_merged_on_its_own() -> None:
    found = {"matrix": Installed(version="1.0")}
    recorded = replace(ENGINE.configurations[I686], installed=found)

    made = merged(ENGINE, changed(i686=recorded), changed(i686=NEW))

    assert made.configurations[I686] == replace(NEW, installed=found)


OTHER = configuration({"matrix": resolved("1.0")}, target=target("3.13.0"))
REHASHED = replace(
    changed(), packages={**ENGINE.packages, "sound32": (entry(files={"x": hashed("b")}),)}
)
CONTRADICTIONS = {
    "one configuration, two ways": (
        changed(x86=NEW),
        changed(x86=OTHER),
        [f"configurations.{X86}.packages.matrix", f"configurations.{X86}.target"],
    ),
    "dropped and changed": (changed(x86=None), changed(x86=OTHER), [f"configurations.{X86}"]),
    "added by both": (
        changed(new=NEW),
        changed(new=OTHER),
        ["configurations.new.packages.matrix", "configurations.new.target"],
    ),
    "two manifests": (
        replace(ENGINE, project=replace(ENGINE.project, content_hash="1" * 64)),
        replace(ENGINE, project=replace(ENGINE.project, content_hash="2" * 64)),
        ["project.content_hash"],
    ),
    "other hashes": (
        REHASHED,
        replace(REHASHED, packages={"sound32": (entry(files={"x": hashed("c")}),)}),
        ["packages.sound32 1.0: x"],
    ),
}


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"), CONTRADICTIONS.values(), ids=CONTRADICTIONS
)
def test_contradictions_are_named_by_their_places(
    ours: Snapshot, theirs: Snapshot, expected: list[str]
) -> None:
    assert places(ENGINE, ours, theirs) == expected
