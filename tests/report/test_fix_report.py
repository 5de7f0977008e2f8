"""The first line of a report on a fix, and of one on a merge."""

from __future__ import annotations

from pathlib import Path

from poetry_lockguard.lockfile.changes import Change, LockChange
from poetry_lockguard.outcomes import Status
from poetry_lockguard.printable import printable
from poetry_lockguard.relock.fix_outcomes import Fixed
from poetry_lockguard.relock.merged_lock import MergedLock
from poetry_lockguard.relock.update.updating import Updated
from poetry_lockguard.report import update
from poetry_lockguard.report.change_lines import View
from poetry_lockguard.report.fix import lines, merge_lines
from poetry_lockguard.report.showing.folding import folded

HASH = LockChange(key="content-hash", old="a", new="b")


def test_a_format_that_could_not_be_kept_is_said_in_the_first_line() -> None:
    outcome = Fixed(
        was=Status.STALE, strategy="relock", attempts=(), lock_text="", moved_up=("1.1", "2.1")
    )

    [line] = lines(Path(), outcome, dry_run=False)

    assert line == "poetry.lock: fixed by relock, no changes, lock format 1.1 -> 2.1"


def test_what_changed_in_the_lock_itself_is_listed_without_the_hash() -> None:
    own = (LockChange(key="python-versions", old=">=3.10", new=">=3.9"), HASH)
    outcome = Fixed(was=Status.STALE, strategy="offline", attempts=(), lock_text="", own=own)

    assert lines(Path(), outcome, dry_run=False) == [
        "poetry.lock: updated: only the Python range and the content hash; no pin moved",
        "  lock         python-versions >=3.10 -> >=3.9",
    ]


def test_the_first_line_fits_a_terminal() -> None:
    changed = [
        Change(package=f"gear{number}", kind=kind, old="1.0", new="2.0")
        for number, kind in enumerate(("upgraded", "groups", "metadata", "files", "re-sourced"))
    ]
    outcome = Fixed(
        was=Status.STALE, strategy="relock", attempts=(), lock_text="", changes=tuple(changed)
    )

    told = lines(Path("apps/shop"), outcome, dry_run=False, view=View(width=60))

    assert told[:3] == [
        "apps/shop/poetry.lock: fixed by relock, 1 upgraded, 1",
        "    re-sourced, 1 in other groups, 1 with other metadata, 1",
        "    with other files",
    ]


def test_a_command_is_not_folded() -> None:
    line = "Next: check the network, then run `poetry -C apps/shop lockguard fix` again, and again"

    assert folded(line, 50, 2) == [
        "Next: check the network, then run",
        "  `poetry -C apps/shop lockguard fix` again, and",
        "  again",
    ]


def test_a_merge_of_the_content_hash_alone_says_that_no_pin_moved() -> None:
    merged = MergedLock(content=b"", strategy="offline", before=(), changes=(), own=(HASH,))

    assert merge_lines(merged) == ["merged by offline, only the content hash; no pin moved"]


def test_colors_reach_a_terminal_and_the_rest_of_the_line_stays_harmless() -> None:
    changed = [
        Change(package="gear", kind=kind, old="1.0\x1b[2J", new="2.0")
        for kind in ("removed", "added", "upgraded", "downgraded", "re-sourced")
    ]
    outcome = Fixed(
        was=Status.STALE, strategy="relock", attempts=(), lock_text="", changes=tuple(changed)
    )
    view = View(color=True)

    _, *rows = map(printable, lines(Path(), outcome, dry_run=False, view=view))

    assert len(rows) == len(changed)
    assert all(row.startswith("  \x1b[3") and row.count("\x1b") == 2 for row in rows), rows


def test_an_update_is_as_colorful() -> None:
    change = Change(package="gear", kind="upgraded", old="1.0", new="2.0")
    made = Fixed(was=Status.FRESH, strategy="update", attempts=(), lock_text="", changes=(change,))

    lines = update.lines(Path(), Updated(made=made), dry_run=False, view=View(color=True))

    assert [*map(printable, lines)] == [
        "poetry.lock: updated, 1 upgraded",
        "  \x1b[36mupgraded\x1b[39m     gear 1.0 -> 2.0",
    ]


def test_the_versions_of_a_new_package_are_one_line() -> None:
    changed = [
        Change(package="gear", kind="added", old=None, new="1.0"),
        Change(package="gear", kind="added", old=None, new="2.0"),
        Change(package="wing", kind="removed", old="1.0", new=None),
    ]
    outcome = Fixed(
        was=Status.STALE, strategy="relock", attempts=(), lock_text="", changes=tuple(changed)
    )

    assert lines(Path(), outcome, dry_run=False)[1:] == [
        "  removed      wing 1.0",
        "  added        gear 1.0, 2.0",
    ]
