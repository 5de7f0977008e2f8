"""Pages of the codes that ``check --online`` adds: what the indexes say today."""

from __future__ import annotations

from poetry_lockguard.codes.problem_page import ProblemPage

_UPDATE = "Run `poetry update NAME`."
_ONLINE = "check --online"

ONLINE = (
    ProblemPage(
        code="yanked",
        summary="the locked release was withdrawn by its authors",
        severity="warning",
        found_by=_ONLINE,
        meaning="A lock still installs the release, but it should not be used any more.",
        example='yanked (warning): m2r2: 0.3.3 was yanked from PyPI: "Missing python_requires"',
        cause="The authors found a mistake in the release; the reason is in the message.",
        remedy=_UPDATE,
    ),
    ProblemPage(
        code="file-gone",
        summary="a locked file, release or package can no longer be downloaded",
        severity="error",
        found_by=_ONLINE,
        meaning="An install from this lock fails on a machine with an empty cache.",
        example="file-gone: av: 14.3.0 is no longer offered by PyPI: none of its files exists",
        cause="The release was deleted or quarantined, or the mirror is incomplete.",
        remedy=f"{_UPDATE} If only the mirror lacks it, ask the mirror's operator.",
    ),
    ProblemPage(
        code="file-changed",
        summary="the index offers other bytes under a locked file's name",
        severity="error",
        found_by=_ONLINE,
        meaning="The hash at the index is not the one in the lock, so an install would refuse it.",
        example=(
            "file-changed: tool-1.0-py3-none-any.whl of 1.0 is offered by company with a different"
            " hash"
        ),
        cause="A private index allows replacing a release, or somebody tampered with the file.",
        remedy=f"Find out why before you trust the new file. Then: {_UPDATE}",
    ),
    ProblemPage(
        code="unreachable",
        summary="an index gave no answer, so the state of a pin is unknown",
        severity="error (exit code 2)",
        found_by=_ONLINE,
        meaning="Some pins could not be looked up, so the check proves nothing about them.",
        example="unreachable: PyPI could not be asked about idna: connection timed out",
        cause="The network is down, a proxy refuses, credentials are missing, or a URL is wrong.",
        remedy=(
            "Correct what the message names. If PyPI cannot be reached, set `mirrors` in"
            " [tool.lockguard] or LOCKGUARD_MIRRORS."
        ),
    ),
    ProblemPage(
        code="project-status",
        summary="the index marks the project as archived, deprecated or quarantined",
        severity="warning if quarantined, else a note",
        found_by=_ONLINE,
        meaning="The owners or the index changed the status of the project (PEP 792).",
        example="project-status (note): tool: PyPI calls the project archived",
        cause="The project is no longer maintained, or it is suspected to contain malware.",
        remedy="Look for a successor. Do not install a quarantined project.",
    ),
    ProblemPage(
        code="vcs-moved",
        summary="the branch or tag of a git requirement moved",
        severity="note for a branch, warning for a tag",
        found_by=_ONLINE,
        meaning="The repository's branch or tag is no longer at the locked commit.",
        example=(
            "vcs-moved (note): tool: branch main is at 4f1c2d9e8a7b now, locked at 0b6a5c4d3e2f;"
            " run `poetry update tool` to follow it"
        ),
        cause="New commits were pushed. A tag that moves, or a deleted branch, is unusual.",
        remedy=f"To take the new commit: {_UPDATE} If a tag moved, find out why first.",
    ),
    ProblemPage(
        code="hash-untold",
        summary="the index gives no hash to compare with",
        severity="note",
        found_by=_ONLINE,
        meaning="Only an install will show whether the file is unchanged.",
        example="hash-untold (note): company gives no hash for tool-1.0.tar.gz of 1.0",
        cause="Some private indexes list files without hashes.",
        remedy="Nothing to do: an install compares the file with the lock's hash.",
    ),
)
