"""Pages of the codes for locks and manifests that are missing, damaged or cannot be written."""

from __future__ import annotations

from poetry_lockguard.codes.problem_page import ProblemPage

_SALVAGE = "Run `poetry lockguard fix`: it keeps the pins that can still be read."

DAMAGE = (
    ProblemPage(
        code="lock-missing",
        summary="there is no poetry.lock",
        severity="error; a note if the settings allow it",
        found_by="check",
        meaning="The project has a pyproject.toml, but no poetry.lock beside it.",
        example=(
            "lock-missing: poetry.lock: no such file; run `poetry lockguard fix` or `poetry lock`"
        ),
        cause="The project was never locked, or the lock is not committed or was not copied.",
        remedy=(
            "Run `poetry lockguard fix` and commit poetry.lock. In a Dockerfile, copy it together"
            " with pyproject.toml. For a library that needs no lock, set"
            ' lock = "optional" in [tool.lockguard]. With install = "snapshot", the snapshot is'
            " judged in place of a missing lock."
        ),
    ),
    ProblemPage(
        code="lock-unreadable",
        summary="poetry.lock is not a valid lock",
        severity="error",
        found_by="check",
        meaning="Poetry cannot read the lock. If it is known, the message names the line.",
        example="lock-unreadable: poetry.lock:12: invalid TOML: a key is defined twice",
        cause="The lock was edited by hand, merged line by line, or saved in another encoding.",
        remedy=f"{_SALVAGE} Or restore the file from git.",
    ),
    ProblemPage(
        code="not-evaluated",
        summary="the markers or version ranges are too complex to be evaluated",
        severity="error",
        found_by="check, mostly with --deep",
        meaning=(
            "Poetry would need very long to evaluate the lock or the manifest, so that neither this"
            " program nor an install can say what it means."
        ),
        example=(
            "not-evaluated: poetry.lock: not evaluated: its markers or version ranges, or those of"
            " pyproject.toml, are too complex; give them fewer conditions, or run"
            " `poetry lock --regenerate`"
        ),
        cause="A marker has many conditions, mixed with `and` and `or`, or was made to stop tools.",
        remedy=(
            "Look for the longest marker in poetry.lock and pyproject.toml. Give it fewer"
            " conditions, or restore the lock from git."
        ),
    ),
    ProblemPage(
        code="lock-conflict",
        summary="poetry.lock contains merge conflict markers",
        severity="error",
        found_by="check",
        meaning="A merge left `<<<<<<<`, `=======` and `>>>>>>>` in the lock.",
        example="lock-conflict: poetry.lock:36: merge conflict markers at lines 36, 40, 44",
        cause="Two branches changed the lock, and git could not merge it as text.",
        remedy=(
            "Resolve pyproject.toml first, then run `poetry lockguard fix`: it takes the pins of"
            " both sides. `poetry lockguard merge-driver install` avoids such conflicts."
        ),
    ),
    ProblemPage(
        code="lock-truncated",
        summary="poetry.lock is empty or ends in the middle",
        severity="error",
        found_by="check",
        meaning="The end of the lock is missing. Poetry writes [metadata] last.",
        example="lock-truncated: poetry.lock: empty, as after an interrupted write",
        cause="A program was killed or the disk was full while the lock was being written.",
        remedy=f"{_SALVAGE} Or restore the file from git.",
    ),
    ProblemPage(
        code="metadata-missing",
        summary="poetry.lock has no [metadata] table",
        severity="error",
        found_by="check",
        meaning="[metadata] contains the format of the lock and the hash of the manifest.",
        example="metadata-missing: poetry.lock: has no [metadata] table",
        cause="The table was deleted by hand or in a merge.",
        remedy=_SALVAGE,
    ),
    ProblemPage(
        code="lock-version",
        summary="the running Poetry does not read this format of the lock",
        severity="error",
        found_by="check",
        meaning=(
            "The lock-version in [metadata] is missing, or outside the range that the running"
            " Poetry reads."
        ),
        example=(
            "lock-version: poetry.lock: this Poetry does not read format 9.0 (>=1,<3); use the"
            " Poetry that wrote it, or delete the file and run `poetry lock`"
        ),
        cause="The lock was written by a newer Poetry, or it was edited.",
        remedy="Use the Poetry that wrote the lock. A newer format is never overwritten.",
    ),
    ProblemPage(
        code="lock-not-written",
        summary="the new lock could not be written",
        severity="error",
        found_by="fix",
        meaning="The new lock could not be written. The old one is unchanged.",
        example="lock-not-written: poetry.lock: cannot be written: No space left on device",
        cause="The disk is full, the folder is read-only, or another process locks the file.",
        remedy="Make the folder writable, and run `poetry lockguard fix` again.",
    ),
    ProblemPage(
        code="manifest",
        summary="the project could not be checked",
        severity="error",
        found_by="check",
        meaning=(
            "pyproject.toml is missing, invalid, or not for Poetry, so the lock could not be"
            " checked. The exit code is 2."
        ),
        example="manifest: pyproject.toml:1: invalid TOML: Expected '=' after a key",
        cause=(
            "A typing error, unresolved merge markers, a key that Poetry refuses, or wrong"
            " [tool.lockguard] settings. The formats for pipelines use this code also for a wrong"
            " command line."
        ),
        remedy=(
            "Correct pyproject.toml at the place in the message; `poetry check` may report more."
        ),
    ),
)
