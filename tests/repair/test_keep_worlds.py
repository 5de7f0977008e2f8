"""What Poetry installs from a kept lock is what it installs from the lock that it would write.

That is so for every environment, each choice of groups and of extras, from the same start. Now and
then Poetry moves pins, or completes an entry, although nothing changed: such locks are counted and
left out.
"""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cleo.io.null_io import NullIO
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from installs import environments, installed, reached
from poetry.core.constraints.version import Version
from sampling import examples
from worlds import EDITS, Wanted, World, edited, manifests, worlds

from poetry_lockguard.lockfile.parse import parse as parse_lock
from poetry_lockguard.manifest.document import Manifest, parse, read
from poetry_lockguard.poetry_api.contradiction import Contradiction
from poetry_lockguard.poetry_api.lock_writing import resolve
from poetry_lockguard.poetry_api.project import load
from poetry_lockguard.relock.soundness import flaws
from poetry_lockguard.repair.keep.engine import keep
from poetry_lockguard.repair.keep.kept_or_doubt import Doubt
from poetry_lockguard.running import running_poetry
from poetry_lockguard.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry.poetry import Poetry

#: without shrinking, which takes minutes here: the example that failed is shown whole
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
ENTRY, END = "[[package]]\n", "[metadata]\n"
COUNTS: Counter[tuple[str, str]] = Counter()


@pytest.fixture(scope="module", autouse=True)
def counts() -> Iterator[None]:
    yield
    for kind in sorted({kind for kind, _ in COUNTS}):
        found = {what: count for (one, what), count in sorted(COUNTS.items()) if one == kind}
        print(f"{kind:>20}: {', '.join(f'{count} {what}' for what, count in found.items())}")


def manifest(folder: Path, wanted: Wanted) -> Manifest:
    path = folder / "pyproject.toml"
    path.write_text(wanted.text())
    return parse(wanted.text(), path)


def project(folder: Path, wanted: Wanted) -> Poetry:
    return load(manifest(folder, wanted))


def pins(text: str) -> set[tuple[str, str]]:
    return {(pin.name, pin.version) for pin in parse_lock(text.encode()).pins}


def needs(text: str) -> dict[tuple[str, str], set[str]]:
    """Return what each pin needs by the names that its entry holds; extras' needs apart.

    Poetry drops some of it where it decides on a pin before it knows all who need it.
    """
    return {
        (pin.name, pin.version): {
            name
            for name, tables in pin.dependencies.items()
            if not any(isinstance(table, dict) and "extra" in str(table) for table in tables)
        }
        for pin in parse_lock(text.encode()).pins
    }


def cut_short(old: str, new: str) -> bool:
    """Whether Poetry writes the needs of a pin that stays otherwise than before."""
    before, after = needs(old), needs(new)
    return any(before[pin] != after[pin] for pin in before.keys() & after.keys())


def compared(kept: str, expected: str, wanted: Wanted) -> Iterator[Compared]:
    """Yield what two locks install in each environment, for each choice of groups and extras."""
    from poetry.core.constraints.version import parse_constraint

    allowed = parse_constraint(wanted.python)
    for groups, extras in itertools.product(
        ({"main"}, {"dev"}, {"main", "dev"}), (frozenset[str](), frozenset(wanted.extras))
    ):
        for environment in environments():
            if allowed.allows(Version.parse(environment["python_full_version"])):
                yield Compared(
                    environment=environment,
                    groups=sorted(groups),
                    extras=sorted(extras),
                    ours=installed(kept, environment, groups, extras),
                    theirs=installed(expected, environment, groups, extras),
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What the kept lock and Poetry's install in one place."""

    environment: dict[str, Any]
    groups: list[str]
    extras: list[str]
    ours: frozenset[tuple[str, str, str]]
    theirs: frozenset[tuple[str, str, str]]

    def __str__(self) -> str:
        kept, poetrys = sorted(self.ours - self.theirs), sorted(self.theirs - self.ours)
        names = ("python_version", "sys_platform", "platform_machine")
        where = " ".join(self.environment[name] for name in names)
        return f"{where} {self.groups} {self.extras}: kept {kept}, Poetry {poetrys}"


def are_mixed_up(different: list[Compared]) -> bool:
    """Whether a group has what only another one needs, as Poetry before 2.3 often writes it.

    A kept lock has no new mixture, and keeps those that it had.
    """
    if Version.parse(running_poetry()) >= Version.parse("2.3"):
        return False
    return all(
        (one.ours < one.theirs or one.theirs < one.ours) and len(one.groups) == 1
        for one in different
    )


def are_cut_off(expected: str, wanted: Wanted, different: list[Compared]) -> bool:
    """Whether Poetry's lock lacks what its own entries need there, and the kept lock has it.

    That happens where packages require each other in a circle, and their markers get too narrow.
    """
    for one in different:
        required = wanted.applying(tuple(one.groups), tuple(one.extras), one.environment)
        needed = reached(expected, one.environment, required)
        ours, theirs = ({(n, v) for n, v, _ in side} for side in (one.ours, one.theirs))
        if needed <= theirs or not needed <= ours:
            return False
    return True


def compare(kind: str, world: World, before: Wanted, after: Wanted) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            old = resolve(project(folder, before), world.pool(), NullIO(), regenerate=True)
            (folder / "poetry.lock").write_text(old)
            expected = resolve(project(folder, after), world.pool(), NullIO())
        except Contradiction:
            return
        outcome = keep(
            manifest(folder, after),
            parse_lock(old.encode()),
            old,
            running_poetry(),
            lambda: parse(before.text(), folder / "pyproject.toml"),
        )
        if isinstance(outcome, Doubt):
            suffices = "" if pins(expected) - pins(old) else ", though the pins suffice"
            COUNTS[kind, f"declined: {outcome.reason.value}{suffices}"] += 1
            return
        if cut_short(old, expected):
            COUNTS[kind, "of locks whose entries Poetry writes otherwise"] += 1
            return
        places = compared(outcome.text, expected, after)
        if different := [place for place in places if place.ours != place.theirs]:
            if are_mixed_up(different):
                COUNTS[kind, "of locks whose groups Poetry mixes up"] += 1
                return
            now = read(folder / "pyproject.toml")
            poetrys = flaws(expected, now, Settings()) or are_cut_off(expected, after, different)
            if poetrys and flaws(outcome.text, now, Settings()) is None:
                COUNTS[kind, "of locks in which Poetry leaves out what a pin needs"] += 1
                return
            (folder / "poetry.lock").write_text(old)
            again = resolve(project(folder, before), world.pool(), NullIO())
            if old != again or pins(expected) - pins(old):
                COUNTS[kind, "of locks that Poetry moves by itself"] += 1
                return
            shown = map(str, different[:6])
            raise AssertionError("\n".join([*shown, outcome.text, expected]))
        COUNTS[kind, "kept"] += 1


@pytest.mark.contract
@pytest.mark.parametrize("kind", EDITS)
@settings(
    max_examples=examples(20), deadline=None, suppress_health_check=list(HealthCheck), phases=QUICK
)
@given(data=st.data())
def test_a_kept_lock_installs_what_poetrys_would(kind: str, data: st.DataObject) -> None:
    before = data.draw(manifests())

    compare(kind, data.draw(worlds()), before, data.draw(edited(before, kind)))


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
    COUNTS["repeated", "doubts" if isinstance(outcome, Doubt) else "kept"] += 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", EDITS)
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck), phases=QUICK)
@given(data=st.data())
def test_a_kept_lock_installs_what_poetrys_would_at_length(kind: str, data: st.DataObject) -> None:
    before = data.draw(manifests())

    compare(kind, data.draw(worlds()), before, data.draw(edited(before, kind)))
