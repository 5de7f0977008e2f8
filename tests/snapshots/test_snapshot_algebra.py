"""What can be done with snapshots, over generated ones: nothing is lost and order never matters."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING, TypeVar

from hypothesis import given
from hypothesis import strategies as some
from snapshot_values import parts, snapshots, steady

from poetry_lockguard.snapshots.differences import differences
from poetry_lockguard.snapshots.format import reader, writer
from poetry_lockguard.snapshots.format.canonical import Seal
from poetry_lockguard.snapshots.merge import PREFERENCES, Conflicts, Merged, Preference, merge
from poetry_lockguard.snapshots.selection import clean, split
from poetry_lockguard.snapshots.usage import pins, unused_pins, used

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from poetry_lockguard.snapshots.document import Snapshot

T = TypeVar("T")
FILE = "lockguard.lock"
preferences = some.sampled_from(PREFERENCES)


def joined(given: Sequence[Snapshot], prefer: Preference | None = None) -> Snapshot:
    outcome = merge(given, prefer)
    assert isinstance(outcome, Merged), outcome
    return outcome.snapshot


def turned_table(table: Mapping[str, T]) -> dict[str, T]:
    return {key: table[key] for key in reversed([*table])}


def turned(snapshot: Snapshot) -> Snapshot:
    """Return the same content with everything in another order."""
    return replace(
        snapshot,
        project=replace(snapshot.project, requirements=turned_table(snapshot.project.requirements)),
        configurations={
            name: replace(
                entry,
                groups=entry.groups[::-1],
                packages=turned_table(entry.packages),
            )
            for name, entry in turned_table(snapshot.configurations).items()
        },
        packages={
            name: tuple(replace(entry, files=turned_table(entry.files)) for entry in entries)[::-1]
            for name, entries in turned_table(snapshot.packages).items()
        },
    )


@steady
@given(snapshots())
def test_what_is_written_is_read_again(snapshot: Snapshot) -> None:
    reading = reader.parse(writer.render(snapshot), FILE)

    assert (reading.snapshot, reading.seal) == (snapshot, Seal.OK)
    assert reading.snapshot.generated == snapshot.generated
    assert reading.snapshot.generator == snapshot.generator


@steady
@given(snapshots())
def test_what_was_read_is_written_again_byte_for_byte(snapshot: Snapshot) -> None:
    content = writer.render(snapshot)

    assert writer.render(reader.parse(content, FILE).snapshot) == content


@steady
@given(snapshots())
def test_the_bytes_depend_on_no_order(snapshot: Snapshot) -> None:
    assert writer.render(turned(snapshot)) == writer.render(snapshot)


@steady
@given(snapshots(), some.sampled_from([None, "2027-01-01T00:00:00+00:00"]))
def test_what_changes_nothing_changes_no_byte(snapshot: Snapshot, later: str | None) -> None:
    reading = reader.parse(writer.render(snapshot), FILE)
    same = replace(turned(reading.snapshot), generated=later, generator={"lockguard": "9.9"})

    assert writer.render(same, reading) == reading.content


@steady
@given(parts(2))
def test_merging_is_commutative(given: list[Snapshot]) -> None:
    assert writer.render(joined(given)) == writer.render(joined(given[::-1]))


@steady
@given(parts(3))
def test_merging_is_associative(given: list[Snapshot]) -> None:
    one, two, three = given
    left = joined([joined([one, two]), three])
    right = joined([one, joined([two, three])])

    assert writer.render(left) == writer.render(right) == writer.render(joined(given))


@steady
@given(snapshots())
def test_merging_is_idempotent(snapshot: Snapshot) -> None:
    assert writer.render(joined([snapshot, snapshot])) == writer.render(snapshot)


@steady
@given(parts(3))
def test_a_merge_keeps_every_configuration_and_every_pin(given: list[Snapshot]) -> None:
    whole = joined(given)

    for part in given:
        for name, configuration in part.configurations.items():
            assert replace(whole.configurations[name], installed=None) == replace(
                configuration, installed=None
            )
        for key, entry in pins(part).items():
            assert entry.files.items() <= pins(whole)[key].files.items()
    assert pins(whole).keys() == {key for part in given for key in pins(part)}


@steady
@given(parts(3))
def test_a_merge_keeps_what_was_recorded_as_installed(given: list[Snapshot]) -> None:
    whole = joined(given)

    for name, configuration in whole.configurations.items():
        recorded = [
            part.configurations[name].installed for part in given if name in part.configurations
        ]
        assert configuration.installed in recorded
        assert configuration.installed is not None or not any(recorded)


@steady
@given(some.lists(snapshots(), min_size=2, max_size=3))
def test_conflicts_are_the_same_in_any_order(given: list[Snapshot]) -> None:
    places = set()
    for order in permutations(given):
        match merge(order):
            case Conflicts(conflicts):
                assert conflicts
                places.add(tuple(conflict.place for conflict in conflicts))
            case Merged(snapshot):
                places.add(())
                assert snapshot == joined(given)

    assert len(places) == 1


@steady
@given(some.lists(snapshots(), min_size=2, max_size=3))
def test_the_newest_wins_in_any_order(given: list[Snapshot]) -> None:
    assert len({writer.render(joined(order, "newest")) for order in permutations(given)}) == 1


@steady
@given(some.lists(snapshots(), min_size=2, max_size=3))
def test_theirs_is_ours_seen_from_the_other_end(given: list[Snapshot]) -> None:
    assert joined(given, "ours") == joined(given[::-1], "theirs")


@steady
@given(some.lists(snapshots(), min_size=1, max_size=3), preferences)
def test_what_is_preferred_comes_out_whole(given: list[Snapshot], prefer: Preference) -> None:
    whole = joined(given, prefer)

    for name, configuration in whole.configurations.items():
        assert configuration in [
            part.configurations[name] for part in given if name in part.configurations
        ]
        assert used(configuration) <= pins(whole).keys()


@steady
@given(snapshots(some_configuration=True))
def test_split_by_configuration_and_merged_it_is_the_same(snapshot: Snapshot) -> None:
    assert writer.render(joined([*split(snapshot).values()])) == writer.render(snapshot)


@steady
@given(snapshots())
def test_a_part_holds_its_configuration_and_what_it_needs(snapshot: Snapshot) -> None:
    for name, part in split(snapshot).items():
        assert {*part.configurations} == {name}
        assert part.configurations[name] == snapshot.configurations[name]
        assert pins(part).keys() == used(part.configurations[name]) | unused_pins(snapshot).keys()


@steady
@given(snapshots())
def test_cleaning_changes_no_configuration(snapshot: Snapshot) -> None:
    cleaned = clean(snapshot)

    assert cleaned.configurations == snapshot.configurations
    assert not unused_pins(cleaned)
    assert clean(cleaned) == cleaned
    assert reader.parse(writer.render(cleaned), FILE).snapshot == cleaned


@steady
@given(snapshots(), snapshots())
def test_there_are_differences_exactly_where_there_are_any(old: Snapshot, new: Snapshot) -> None:
    assert not differences(old, turned(old))
    assert bool(differences(old, new)) == (old != new)
