"""Pages of the codes for drift: lock and manifest disagree."""

from __future__ import annotations

from poetry_lockguard.codes.problem_page import ProblemPage

_FIX = "Run `poetry lockguard fix`."

DRIFT = (
    ProblemPage(
        code="requirement-added",
        summary="a declared package is not in the lock",
        severity="error",
        found_by="check",
        meaning="pyproject.toml requires a package, and poetry.lock has no pin of that name.",
        example="requirement-added: platformdirs: declared (>=4.2,<5.0), not in the lock",
        cause=(
            "Somebody added the requirement by hand, or a merge took the manifest from one side"
            " and the lock from the other. For a snapshot: the requirement is newer than the"
            " snapshot."
        ),
        remedy=(
            f"{_FIX} Only the new package and what it needs are added; the other pins stay. For a"
            " snapshot, run `poetry lockguard snapshot create`."
        ),
    ),
    ProblemPage(
        code="requirement-removed",
        summary="a pin that nothing declared needs any more",
        severity="error",
        found_by="check",
        meaning=(
            "poetry.lock pins a package that no requirement leads to. Only the top of a chain is"
            " reported; the packages below it are listed in the same message."
        ),
        example=(
            "requirement-removed: flask: locked at 3.0.0, but nothing declared needs it any more;"
            " the same applies to jinja2, which came with it"
        ),
        cause="The requirement was deleted from pyproject.toml without locking again.",
        remedy=(
            f"{_FIX} It drops these pins without using the network. For a snapshot, run"
            " `poetry lockguard snapshot create`."
        ),
    ),
    ProblemPage(
        code="requirement-unsatisfied",
        summary="the pin does not fit its requirement",
        severity="error",
        found_by="check",
        meaning=(
            "The package is locked, but its version, source or extras are not what pyproject.toml"
            " asks for. It may also be locked for other environments only."
        ),
        example=(
            "requirement-unsatisfied: requests: declared (>=2.32,<3.0), locked at 2.31.0, which"
            " does not fit"
        ),
        cause="The requirement was changed by hand, or it is bound to another source now.",
        remedy=f"{_FIX} It moves this pin, and others only if the new version requires it.",
    ),
    ProblemPage(
        code="requirement-changed",
        summary="the requirement changed, and the pin still fits",
        severity="error, or a note if it means the same",
        found_by="check",
        meaning=(
            "The text of a requirement has changed since the lock was made, but the pin also"
            " satisfies the new one."
        ),
        example="requirement-changed: idna: (>=3.0) -> (>=3.4), locked at 3.7, which still fits",
        cause=(
            "The requirement was edited. The old text comes from git's history; without it, the"
            " code is `content-hash`."
        ),
        remedy=f"{_FIX} Usually only the hash in the lock changes, and no network is needed.",
    ),
    ProblemPage(
        code="python-changed",
        summary="the lock was resolved for other Python versions",
        severity="error, or a note if it is only spelled differently",
        found_by="check",
        meaning=(
            "The Python range of pyproject.toml is not the one that the lock was resolved for. Pins"
            " for the added versions may be missing."
        ),
        example="python-changed: Python: declared >=3.10,<4.0, locked for >=3.9,<4.0",
        cause=(
            "`requires-python` or the python requirement was edited. `check --deep` also finds it"
            " in a lock whose content-hash was copied or kept by hand."
        ),
        remedy=f"{_FIX} A narrower range rarely moves a pin; a wider one may need the index.",
    ),
    ProblemPage(
        code="extras-changed",
        summary="an extra contains other packages than the lock says",
        severity="error",
        found_by="check",
        meaning=(
            "The extras of pyproject.toml and the [extras] table of the lock differ, so"
            " `poetry install --extras` would install the wrong packages."
        ),
        example="extras-changed: extra gpu: declared with cupy, torch, locked with torch",
        cause=(
            "An extra was added, removed or renamed, or its list of packages was edited."
            " `check --deep` also finds it in a lock whose content-hash was copied or kept by hand."
        ),
        remedy=_FIX,
    ),
    ProblemPage(
        code="group-changed",
        summary="a package is locked for other groups than it is declared in",
        severity="error",
        found_by="check",
        meaning=(
            "A dependency group was added, removed, renamed or made optional, or a requirement"
            " moved between groups. An install would select the wrong packages."
        ),
        example=(
            "group-changed: tabulate: declared (>=0.9,<0.10), for group main, locked for dev only"
        ),
        cause="The groups of pyproject.toml were edited without locking again.",
        remedy=f"{_FIX} The pin keeps its version; only its groups change.",
    ),
    ProblemPage(
        code="content-hash",
        summary="the hash in the lock belongs to another pyproject.toml",
        severity="error, or a note if only the spelling changed",
        found_by="check",
        meaning=(
            "Poetry compares a hash of pyproject.toml with the one in the lock. They differ, and no"
            " requirement explains it: every requirement is still satisfied."
        ),
        example=(
            "content-hash: every requirement is still satisfied; pyproject.toml changed in a way"
            " that affects no pin; `poetry lockguard fix` refreshes the hash"
        ),
        cause=(
            "A part of the manifest that Poetry hashes was edited: the order or the spelling of"
            " requirements, a source, or a group. A merge can also take the hash of the other side."
        ),
        remedy=f"{_FIX} In most cases, one line changes, and no network is needed.",
    ),
    ProblemPage(
        code="hash-rule",
        summary="Poetry's versions disagree about this lock",
        severity="error if the lock is stale for the running Poetry, else a warning",
        found_by="check",
        meaning=(
            "Poetry 1.2 to 1.8, 2.0 to 2.2, and 2.3 and newer hash different parts of"
            " pyproject.toml. This lock is fresh for some of them and stale for the others."
        ),
        example=(
            "hash-rule (warning): fresh for Poetry 2.3 and newer, stale for Poetry 2.0-2.2, because"
            " not all of them hash [dependency-groups]; use Poetry 2.3 and newer everywhere"
        ),
        cause=(
            "The manifest has a table that older versions of Poetry do not hash: [project] before"
            " 2.0, [dependency-groups] before 2.3. The members of the team and the pipeline use"
            " versions from both sides of such a limit."
        ),
        remedy=(
            "Use one range of Poetry everywhere, and declare it: `requires-poetry` in [tool.poetry]"
            " or `min-poetry` in [tool.lockguard]. Then run `poetry lockguard fix`."
        ),
    ),
    ProblemPage(
        code="requires-poetry",
        summary="The manifest requires another Poetry than the running one",
        severity="warning",
        found_by="check",
        meaning=(
            "The running Poetry, or the one installed beside lockguard, does not fit"
            " `requires-poetry` in [tool.poetry]. The lock may be fresh, but this Poetry refuses to"
            " install, lock or update the project, and so do `fix` and `install`, with exit code 2."
        ),
        example=(
            "requires-poetry (warning): pyproject.toml requires Poetry >=2.3, this is Poetry 2.1.3,"
            " which refuses to install, lock or update this project"
        ),
        cause=(
            "The machine or the pipeline has another Poetry than the team, or the environment of a"
            " hook does. A hook that only checks may have another Poetry than whoever installs, so"
            " this is no error."
        ),
        remedy=(
            "Install a Poetry that fits, in a hook through `additional_dependencies`, or change"
            " `requires-poetry`."
        ),
    ),
)
