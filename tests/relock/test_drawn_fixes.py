"""What Poetry installs from a fixed lock is what it installs from the lock that it would write.

That is so for every environment, each choice of groups and of extras, from the same start: a lock
by stock Poetry. Where both differ, a walk over the releases tells who is right: now and then Poetry
leaves out what is needed, brings what nobody needs, or moves pins that serve. Such locks are
counted. So is each reason for which a lock is not kept offline although its pins suffice, and that
reason has to be real.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from differential import (
    Edit,
    NoLockError,
    differences,
    in_a_folder,
    is_sound,
    newly_needed,
    pins,
    stock_lock,
)
from edits import WIDE_EDITS, wide_edited, wide_manifests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sampling import examples
from worlds import joined_worlds, worlds

from poetry_lockguard.poetry_api.contradiction import Contradiction
from poetry_lockguard.relock.soundness import flaws
from poetry_lockguard.repair.keep.kept_or_doubt import Doubt, Kept, Reason
from poetry_lockguard.repair.ladder import Solved
from poetry_lockguard.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from differential import Difference

#: without shrinking, which takes minutes here: the example that failed is shown whole
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
SOLVABLE = worlds(most_versions=1, always=("1.5", "2.0"))
#: doubts about what the entry of a pin leaves out
LEFT_OUT = {
    Reason.NEW_EXTRA,
    Reason.NEW_ENVIRONMENT,
    Reason.PYTHON_WIDENED,
    Reason.PATH_CHANGED,  # an extra of a folder is new, too
}
#: requirements that lead to what a package and its extra need, in ``joined_worlds``
USERS = (("p1", "main"), ("p1", "dev"), ("p0", "main"), ("p0", "dev"), ("p5", "main"))
COUNTS: Counter[tuple[str, str]] = Counter()


@pytest.fixture(scope="module", autouse=True)
def counts() -> Iterator[None]:
    yield
    for kind in sorted({kind for kind, _ in COUNTS}):
        found = {what: count for (one, what), count in sorted(COUNTS.items()) if one == kind}
        print(f"{kind:>22}: {', '.join(f'{count} {what}' for what, count in found.items())}")


def compare(kind: str, edit: Edit, folder: Path) -> None:
    try:
        old = edit.start(folder)
        theirs = stock_lock(folder, edit.world, edit.after, old)
    except NoLockError:
        return
    if not is_sound(edit, edit.before, old):
        COUNTS[kind, "of locks that Poetry made without what is needed"] += 1
        return
    outcome = edit.kept(folder, old)
    if isinstance(outcome, Doubt):
        explain(kind, edit, outcome, old, theirs)
        made = edit.relocked(folder, old)
        if not isinstance(made, Solved):
            flaw = flaws(theirs, edit.manifest(folder, edit.after), Settings())
            assert flaw or not is_sound(edit, edit.after, theirs), f"{made}\n{edit}"
            COUNTS[kind, "not relocked, as Poetry leaves out what is needed"] += 1
            return
        ours, rung = made.lock_text, "relocked"
    else:
        ours, rung = outcome.text, "kept"
        flaw = flaws(ours, edit.manifest(folder, edit.after), Settings())
        assert flaw is None, f"{flaw}\n{edit}\n{ours}"
    found = [*differences(edit, old, ours, theirs)]
    for reason in {one.reason for one in found} or {"with the same meaning"}:
        COUNTS[kind, f"{rung}, {reason}"] += 1
    wrong = [one for one in found if not one.reason]
    assert not wrong, "\n".join([*map(str, wrong[:6]), str(edit), old, ours, theirs])
    if isinstance(outcome, Kept):
        again = edit.kept(folder, ours, earlier=edit.after)
        assert again == outcome, f"{edit}\n{ours}\n{again}"


def explain(kind: str, edit: Edit, doubt: Doubt, old: str, theirs: str) -> None:
    """Count why a lock is not kept, and make sure that the doubt is a real one."""
    reason = doubt.reason.value
    if moved := pins(theirs) - pins(old):
        COUNTS[kind, f"declined: {reason}, and pins move"] += 1
        assert moved
        return
    COUNTS[kind, f"declined: {reason}, though the pins suffice"] += 1
    if doubt.reason is Reason.SOURCE:
        assert doubt.package in {name for name, *_ in edit.foreign(pins(old))}
        return
    assert doubt.reason in LEFT_OUT, f"{doubt}\n{edit}\n{old}"
    if edit.is_known and edit.hashed is None:
        assert doubt.package in newly_needed(edit, old, theirs), f"{doubt}\n{edit}\n{old}"


@st.composite
def edits(draw: st.DrawFn, kind: str) -> Edit:
    before = draw(wide_manifests())
    after = draw(wide_edited(before, kind))
    is_known = draw(st.booleans())
    return Edit(world=draw(SOLVABLE), before=before, after=after, is_known=is_known)


@pytest.mark.contract
@pytest.mark.parametrize("kind", WIDE_EDITS)
@settings(
    max_examples=max(3, examples(7)),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=QUICK,
)
@given(data=st.data())
def test_a_fixed_lock_installs_what_poetrys_would(kind: str, data: st.DataObject) -> None:
    edit = data.draw(edits(kind))

    in_a_folder(lambda folder: compare(kind, edit, folder))


@pytest.mark.contract
@settings(
    max_examples=examples(30), deadline=None, suppress_health_check=list(HealthCheck), phases=QUICK
)
@given(data=st.data())
def test_a_lock_with_the_hash_of_another_manifest_is_fixed_as_well(data: st.DataObject) -> None:
    edit = data.draw(half_edits(data.draw(st.sampled_from(sorted(WIDE_EDITS)))))

    in_a_folder(lambda folder: compare("hash of another", edit, folder))


@st.composite
def half_edits(draw: st.DrawFn, kind: str) -> Edit:
    """Draw a lock that has the hash of a manifest that it was not made for.

    By hand, or by a merge that kept the hash of one side; of an edit at which the lock did not
    follow, or of the one at hand.
    """
    before = draw(wide_manifests())
    hashed = draw(wide_edited(before, draw(st.sampled_from(sorted(WIDE_EDITS)))))
    after = draw(wide_edited(hashed, kind)) if draw(st.booleans()) else hashed
    is_known = draw(st.booleans())
    return Edit(world=draw(SOLVABLE), before=before, after=after, hashed=hashed, is_known=is_known)


@st.composite
def joined_edits(draw: st.DrawFn) -> Edit:
    """Draw an edit where a package and an extra of it need the same one."""
    before = draw(wide_manifests())
    for name, group in draw(st.lists(st.sampled_from(USERS), min_size=1, unique=True)):
        asked = draw(st.sampled_from(([], ["x"], ["y"])))
        before.groups[group].setdefault(name, [{"version": "*", "extras": asked}])
    after = draw(wide_edited(before, draw(st.sampled_from(sorted(WIDE_EDITS)))))
    is_known = draw(st.booleans())
    return Edit(world=draw(joined_worlds()), before=before, after=after, is_known=is_known)


@pytest.mark.contract
@settings(
    max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck), phases=QUICK
)
@given(edit=joined_edits())
def test_what_a_package_and_its_extra_need_is_fixed_as_poetry_would(edit: Edit) -> None:
    in_a_folder(lambda folder: compare("joined", edit, folder))


@pytest.mark.contract
@settings(
    max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck), phases=QUICK
)
@given(edit=joined_edits())
def test_what_a_package_and_its_extra_need_is_locked_as_poetry_would(edit: Edit) -> None:
    found = in_a_folder(lambda folder: compared_anew(replace(edit, after=edit.before), folder))

    assert all(one.reason for one in found), "\n".join([*map(str, found[:6]), str(edit)])


def compared_anew(edit: Edit, folder: Path) -> list[Difference]:
    try:
        theirs = stock_lock(folder, edit.world, edit.after, None)
        ours = edit.locked(folder)
    except (NoLockError, Contradiction):
        return []
    return [*differences(edit, theirs, ours, theirs)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", WIDE_EDITS)
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), phases=QUICK)
@given(data=st.data())
def test_a_fixed_lock_installs_what_poetrys_would_at_length(kind: str, data: st.DataObject) -> None:
    edit = data.draw(half_edits(kind) if data.draw(st.booleans()) else edits(kind))

    in_a_folder(lambda folder: compare(kind, edit, folder))
