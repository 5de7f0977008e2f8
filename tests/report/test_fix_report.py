"""The first line of a report on a fix, and of one on a merge."""

from __future__ import annotations

from pathlib import Path

from poetry_lockguard.lockfile.changes import LockChange
from poetry_lockguard.outcomes import Status
from poetry_lockguard.relock.fix_outcomes import Fixed
from poetry_lockguard.relock.merged_lock import MergedLock
from poetry_lockguard.report.fix import lines, merge_lines

HASH = LockChange(key="content-hash", old="a", new="b")


def test_a_format_that_could_not_be_kept_is_said_in_the_first_line() -> None:
    outcome = Fixed(
        was=Status.STALE, strategy="relock", attempts=(), lock_text="", moved_up=("1.1", "2.1")
    )

    [line] = lines(Path(), outcome, dry_run=False)

    assert line == "poetry.lock: fixed by relock, no changes, lock format 1.1 -> 2.1"


def test_a_merge_of_the_content_hash_alone_says_that_no_pin_moved() -> None:
    merged = MergedLock(content=b"", strategy="offline", before=(), changes=(), own=(HASH,))

    assert merge_lines(merged) == ["merged by offline, only the content hash; no pin moved"]
