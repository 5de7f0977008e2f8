"""Pages of the codes that ``check --deep`` adds: what Poetry's own check misses."""

from __future__ import annotations

from poetry_lockguard.codes.problem_page import ProblemPage

_FIX = "Run `poetry lockguard fix`."

DEEP = (
    ProblemPage(
        code="closure",
        summary="a pin needs something that no pin provides",
        severity="error",
        found_by="check --deep",
        meaning=(
            "In at least one environment that the project supports, an install from this lock would"
            " miss a package, or get a version that does not fit."
        ),
        example=(
            "closure: idna: needed by requests 2.32.3 (>=2.5,<4) (on any environment), but locked"
            " nowhere"
        ),
        cause="The lock was edited or merged by hand, or a tool removed a pin from it.",
        remedy=_FIX,
    ),
    ProblemPage(
        code="version-files",
        summary="a pin lists files of another package or version",
        severity="error",
        found_by="check --deep",
        meaning=(
            "The names of the files do not belong to the pin's name and version, or are not names"
            " of files but paths."
        ),
        example=(
            "version-files: idna: locked at 3.7, but its file idna-3.6-py3-none-any.whl belongs to"
            " another package or version; the lock was edited"
        ),
        cause="The version was edited by hand, or a merge mixed two entries.",
        remedy=f"{_FIX} Find out who edited the lock, because this can also be an attack.",
    ),
    ProblemPage(
        code="file-hash",
        summary="a hash is missing or malformed, so files are not verified",
        severity="error, or a warning for an index without hashes",
        found_by="check --deep",
        meaning="Poetry installs such files without checking that they are the locked ones.",
        example="file-hash: idna: locked at 3.7, has no files, so its installation is not verified",
        cause="The lock was edited, or the index gives no hashes.",
        remedy=f"{_FIX} If the index gives no hashes, ask its operator for them.",
    ),
    ProblemPage(
        code="duplicate-pin",
        summary="a package is locked twice for the same environments",
        severity="error, or a warning if both entries are equal or only some environments agree",
        found_by="check",
        meaning=(
            "Two entries have the same name, version and source, or the groups and markers of two"
            " versions (format 2.1) select the same environments. A lock with two versions where"
            " one is enough is untrusted, as an install brings both."
        ),
        example="duplicate-pin: idna: locked at 3.7 twice, with different contents",
        cause=(
            "A merge kept the entries of both sides, or somebody added one. Poetry 1.7 also wrote"
            " equal entries twice. Poetry writes several versions for some requirements whose"
            " markers name an extra, and where an exact requirement meets others, as below torch."
            " These are warnings."
        ),
        remedy=(
            "Run `poetry lockguard fix`. Of two versions, find out which one was added, and remove"
            " it or restore poetry.lock from git."
        ),
    ),
    ProblemPage(
        code="orphan-pin",
        summary="a pin that nothing needs",
        severity="warning",
        found_by="check --deep",
        meaning="No requirement leads to this pin, although the lock is in step with the manifest.",
        example="orphan-pin (warning): six: locked at 1.16.0, but nothing needs it",
        cause="A merge kept it, or the package that needed it was upgraded by hand.",
        remedy="Run `poetry lock` to drop it. It does no harm.",
    ),
    ProblemPage(
        code="path-dependency",
        summary="a path dependency changed after it was locked",
        severity="error if an install would be wrong, else a warning",
        found_by="check --deep and check --recursive",
        meaning=(
            "The pyproject.toml of a folder that this project depends on no longer agrees with the"
            " lock. Poetry's hash does not cover other folders."
        ),
        example=(
            "path-dependency: core: ../core needs idna (>=3) now, which its lock entry lacks; run"
            " `poetry lockguard fix`"
        ),
        cause="A library in a monorepo was changed, but not the locks of the projects that use it.",
        remedy=(
            "Run `poetry lockguard fix -r` at the root of the repository. It fixes libraries first."
        ),
    ),
    ProblemPage(
        code="local-file",
        summary="a local archive changed or is missing",
        severity="error",
        found_by="check --deep",
        meaning="The hash of a wheel or archive on disk is not the one in the lock.",
        example=(
            "local-file: tool: wheels/tool-1.0-py3-none-any.whl has changed since it was locked;"
            " restore it, or run `poetry lockguard fix`"
        ),
        cause="The file was built again, replaced, or not checked out (git LFS).",
        remedy=f"Restore the file. If the new one is right: {_FIX}",
    ),
    ProblemPage(
        code="absolute-path",
        summary="a pin names an absolute path of one machine",
        severity="warning",
        found_by="check --deep",
        meaning=(
            "The source of a pin is an absolute path or a file: URL. On another machine, the path"
            " is missing or contains something else."
        ),
        example=(
            "absolute-path (warning): tool: locked from file:///home/me/tool.whl, an absolute path"
            " of one machine"
        ),
        cause="The requirement in pyproject.toml has an absolute path or a file: URL.",
        remedy=(
            'Declare the path relative to the project (`path = "../tool"`), and run'
            " `poetry lockguard fix`."
        ),
    ),
    ProblemPage(
        code="source-unknown",
        summary="a pin comes from a source that pyproject.toml does not declare",
        severity="error, or a warning if only the source's URL changed",
        found_by="check --deep",
        meaning=(
            "Poetry looks up the source of a pin by its name, and cannot install the pin without"
            " it."
        ),
        example=(
            "source-unknown: tool: locked at 1.0 from source company"
            " (https://mirror.example/simple/), which pyproject.toml does not declare"
        ),
        cause="A [[tool.poetry.source]] was removed or renamed, or exists only on another branch.",
        remedy=(
            "Declare the source, or run `poetry lockguard fix` to take the package from another"
            " one."
        ),
    ),
    ProblemPage(
        code="vcs-reference",
        summary="a git pin is not a full commit",
        severity="error, or a warning in a stale lock",
        found_by="check",
        meaning="A branch, a tag or an abbreviated commit can refer to another commit later.",
        example=(
            "vcs-reference: tool: locked at git reference 'main', which is not a full commit and"
            " may move; restore poetry.lock from git"
        ),
        cause="The lock was edited, or written by another tool.",
        remedy="Restore poetry.lock from git, or run `poetry lock`.",
    ),
    ProblemPage(
        code="credential",
        summary="a URL in the lock or the manifest contains a password or token",
        severity="error",
        found_by="check --deep",
        meaning="Everyone who can read the repository can read the credential.",
        example=(
            "credential: pyproject.toml: [tool.poetry] contains a credential in"
            " https://***@mirror.example/simple/; remove it, revoke it"
        ),
        cause="A source or a git URL was declared with user and password.",
        remedy=(
            "Revoke the credential: it stays in git's history. Remove it from the URL, and set it"
            " with `poetry config http-basic.NAME USER PASSWORD` or in the environment."
        ),
    ),
    ProblemPage(
        code="reader",
        summary="the oldest supported Poetry cannot use this lock",
        severity="error",
        found_by="check --deep",
        meaning="For the `min-poetry` version of the settings, the lock is unreadable or stale.",
        example=(
            "reader: poetry.lock: format 2.1 is read by Poetry 1.2.2 and newer, but min-poetry"
            " promises 1.1; raise min-poetry, or lock with that Poetry"
        ),
        cause="The lock was written by a newer Poetry than `min-poetry` promises.",
        remedy="Raise `min-poetry` in [tool.lockguard], or lock with that Poetry.",
    ),
    ProblemPage(
        code="export-stale",
        summary="a derived file no longer agrees with the lock",
        severity="error",
        found_by="check",
        meaning="A file of [tool.lockguard.exports] is not what would be made from the lock now.",
        example="export-stale: requirements.txt: differs from what poetry.lock gives",
        cause="The lock changed without its derived files, or one of them was edited.",
        remedy=f"{_FIX} It writes the files again; `--force` overwrites edits.",
    ),
)
