"""Pages of the codes for snapshots: ``snapshot verify``, and ``check --deep`` if there is one."""

from __future__ import annotations

from poetry_lockguard.codes.problem_page import ProblemPage

_VERIFY = "snapshot verify"
_BOTH = "snapshot verify and check --deep"
_INSTALLED = "snapshot verify --installed"
_CREATE = "Run `poetry lockguard snapshot create --config NAME`."
_SYNC = "Run `poetry lockguard install --snapshot --sync`."

SNAPSHOTS = (
    ProblemPage(
        code="seal",
        summary="the snapshot was changed after it was written",
        severity="error",
        found_by=_BOTH,
        meaning="The sha256 in the snapshot does not match its contents.",
        example="seal: its seal is wrong, so it may not be what was resolved; restore it from git",
        cause="The file was edited by hand or merged as text.",
        remedy=(
            "Restore it from git, or resolve it again with `poetry lockguard snapshot create`."
            " `poetry lockguard merge-driver install` merges snapshots without breaking the seal."
        ),
    ),
    ProblemPage(
        code="missing-pin",
        summary="a requirement of a configuration has no pin in the snapshot",
        severity="error",
        found_by=_BOTH,
        meaning="The configuration cannot be installed from the pins of the snapshot.",
        example=(
            "missing-pin: linux-i686-py311: no pin fits sound32 (>=1.0,<2.0) (needed by"
            " pyproject.toml)"
        ),
        cause="A requirement or a configuration was added after the snapshot was made.",
        remedy=_CREATE,
    ),
    ProblemPage(
        code="unsolvable",
        summary="the pins of a configuration contradict each other",
        severity="error",
        found_by=_BOTH,
        meaning="The resolver finds no set of the snapshot's pins that fits together.",
        example="unsolvable: linux-py312: the pins contradict each other: ...",
        cause="Pins were added one by one, or requirements changed.",
        remedy=_CREATE,
    ),
    ProblemPage(
        code="not-pinned",
        summary="a configuration is not recorded, although all its pins are there",
        severity="warning",
        found_by=_BOTH,
        meaning=(
            "Every package that the configuration needs is pinned, but the configuration is not"
            " listed."
        ),
        example="not-pinned (warning): macos-py312: is not in the snapshot",
        cause="The configuration was declared after the snapshot was made.",
        remedy=_CREATE,
    ),
    ProblemPage(
        code="other-packages",
        summary="a configuration lists other packages than its pins give",
        severity="error",
        found_by=_BOTH,
        meaning=(
            "Resolving with the pins of the snapshot gives another result than the recorded one."
        ),
        example="other-packages: linux-py312: idna 3.6 is recorded, but its pins give 3.7",
        cause="Requirements changed, or pins were added that fit better.",
        remedy=_CREATE,
    ),
    ProblemPage(
        code="unused-pin",
        summary="a pin of the snapshot is used by no configuration",
        severity="warning if it fits no requirement, else a note",
        found_by=_BOTH,
        meaning="The pin is kept, but no configuration installs it.",
        example="unused-pin (note): idna 3.6 is not used by any configuration",
        cause=(
            "It was added with `snapshot add`, or the last configuration that used it has another"
            " now."
        ),
        remedy="Run `poetry lockguard snapshot clean` to drop it, or leave it.",
    ),
    ProblemPage(
        code="lock-differs",
        summary="the snapshot and poetry.lock have different versions",
        severity="error",
        found_by=_BOTH,
        meaning="For the same environment, the two files would install different packages.",
        example="lock-differs: linux-py312: idna 3.6, but 3.7 in poetry.lock",
        cause="`poetry lock` or `poetry update` moved pins after the snapshot was made.",
        remedy="Run `poetry lockguard snapshot sync`: it takes the pins of poetry.lock.",
    ),
    ProblemPage(
        code="no-wheel",
        summary="a package would be built from source on the target",
        severity="warning",
        found_by=_BOTH,
        meaning="No wheel of the locked version fits the target, but a source archive exists.",
        example="no-wheel (warning): windows-py313: tool 1.0 has no wheel there",
        cause="The package has no wheels for this Python or platform (yet).",
        remedy="Upgrade the package, or make sure that the target has a compiler.",
    ),
    ProblemPage(
        code="build-unpinned",
        summary="what builds a package is not among the pins",
        severity="error if a pin does not fit, otherwise a warning",
        found_by=_BOTH,
        meaning="The configuration pins what builds packages from source, but a requirement of"
        " [build-system], of the project or of a source archive, is not satisfied by these pins.",
        example="build-unpinned: linux-py312: the pin 79.0 does not fit setuptools>=80, with which"
        " the project is built",
        cause="[build-system] of the manifest or of a folder changed after the snapshot was made.",
        remedy=_CREATE,
    ),
    ProblemPage(
        code="not-installable",
        summary="no file of a package fits the target",
        severity="error",
        found_by=_BOTH,
        meaning="There is neither a wheel for the target nor a source archive.",
        example="not-installable: windows-py313: tool 1.0 has nothing that installs there",
        cause="The package does not support this Python or platform.",
        remedy="Upgrade it, add a marker to its requirement, or remove the configuration.",
    ),
    ProblemPage(
        code="configuration-changed",
        summary="a configuration was declared differently when it was created",
        severity="error",
        found_by=_BOTH,
        meaning="[tool.lockguard] gives it another Python, platform, group, extra, source or"
        " constraint than the snapshot records.",
        example="configuration-changed: gpu: constraints nothing -> torch (==2.9.*) in"
        " pyproject.toml",
        cause="The settings were edited after the snapshot was made.",
        remedy=_CREATE,
    ),
    ProblemPage(
        code="configuration-missing",
        summary="a declared configuration is not in the snapshot",
        severity="warning",
        found_by=_VERIFY,
        meaning="[tool.lockguard] declares a configuration that was never resolved.",
        example="configuration-missing (warning): macos: is declared, but not in the snapshot",
        cause="The matrix was extended after the snapshot was made.",
        remedy=_CREATE,
    ),
    ProblemPage(
        code="snapshot-unreadable",
        summary="the snapshot could not be read",
        severity="error",
        found_by="check --deep and check --online",
        meaning="The file is not a snapshot that this version reads; the message names the place.",
        example="snapshot-unreadable: lockguard.lock: packages.matrix[0].files: expected a table",
        cause="It was edited, merged as text, or written by a newer lockguard.",
        remedy="Restore it from git, or update poetry-lockguard.",
    ),
    ProblemPage(
        code="installed-extra",
        summary="the environment has a package that the configuration does not have",
        severity="error",
        found_by=_INSTALLED,
        meaning="A package is installed that the snapshot does not list for this configuration.",
        example="installed-extra: linux-py312: six 1.16.0 is installed, but does not belong there",
        cause="Something was installed by hand, or a requirement was removed.",
        remedy=_SYNC,
    ),
    ProblemPage(
        code="installed-missing",
        summary="the environment lacks a package of the configuration",
        severity="error",
        found_by=_INSTALLED,
        meaning="A package that the snapshot lists for this configuration is not installed.",
        example="installed-missing: linux-py312: idna 3.7 is not installed",
        cause="The environment is older than the snapshot, or an install was interrupted.",
        remedy=_SYNC,
    ),
    ProblemPage(
        code="installed-other",
        summary="the environment has another version or source of a package",
        severity="error",
        found_by=_INSTALLED,
        meaning="The installed version, or its source, is not the one in the snapshot.",
        example="installed-other: linux-py312: idna 3.6 is installed, not 3.7",
        cause="The environment is older than the snapshot, or a package was upgraded by hand.",
        remedy=_SYNC,
    ),
)
