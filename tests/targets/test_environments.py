"""A dependency that is missing anywhere is found: on any Python, processor or system named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from packaging.markers import Marker
from poetry.core.constraints.version import parse_constraint

from poetry_lockguard.freshness.environments import environments
from poetry_lockguard.freshness.judge import judge
from poetry_lockguard.manifest.content_hash import content_hash, rule_for
from poetry_lockguard.manifest.document import read
from poetry_lockguard.outcomes import Status
from poetry_lockguard.prefetch.environment_sample import EnvironmentSample
from poetry_lockguard.prefetch.version_guesses import fits_python
from poetry_lockguard.running import running_poetry
from poetry_lockguard.targets.pythons import platforms, pythons

if TYPE_CHECKING:
    from pathlib import Path

    from poetry_lockguard.freshness.judge import Verdict

A = "a" * 64
LOCK = """
[[package]]
name = "{name}"
version = "1.0"
description = ""
optional = false
python-versions = "*"
groups = ["main"]
files = [{{file = "{name}-1.0.tar.gz", hash = "sha256:{sha}"}}]

[package.dependencies]
{needs}
{rest}
[metadata]
lock-version = "2.1"
python-versions = "{python}"
content-hash = "{hash}"
"""
ENGINE = """
[[package]]
name = "{name}"
version = "1.0"
description = ""
optional = false
python-versions = "{python}"
groups = ["main"]
markers = {markers!r}
files = [{{file = "{name}-1.0.tar.gz", hash = "sha256:{sha}"}}]
"""


@dataclass(frozen=True)
class Gap:
    """``needs`` is what matrix needs, ``where`` the only environments that engine is locked for."""

    python: str
    needs: str = 'engine = "*"'
    where: str | None = None
    engine_python: str = "*"


def judged(folder: Path, gap: Gap) -> Verdict:
    path = folder / "pyproject.toml"
    path.write_text(
        f'[project]\nname = "demo"\nversion = "1"\nrequires-python = "{gap.python}"\n'
        'dependencies = ["matrix"]\n'
    )
    rest = ""
    if gap.where is not None:
        rest = ENGINE.format(name="engine", sha=A, python=gap.engine_python, markers=gap.where)
    hashed = content_hash(read(path).data, rule_for(running_poetry()))
    (folder / "poetry.lock").write_text(
        LOCK.format(
            name="matrix", sha=A, needs=gap.needs, rest=rest, python=gap.python, hash=hashed
        )
    )
    return judge(read(path), deep=True)


GAPS = {
    "nothing locked, 3.16 and newer": Gap(">=3.16"),
    "nothing locked, 3.14 and newer": Gap(">=3.14"),
    "nothing locked, 4 and newer": Gap(">=4"),
    "nothing locked, exactly 3.19": Gap("~3.19"),
    "nothing locked, far away": Gap(">=3.2000"),
    "locked up to 3.17 only": Gap(">=3.10", where="python_version < '3.18'"),
    "locked from 3.20 on only": Gap(">=3.10", where="python_version >= '3.20'"),
    "Pythons end before 4": Gap(">=3.10", where="", engine_python=">=3.10,<4.0"),
    "Pythons leave a patch release out": Gap(">=3.10", where="", engine_python="!=3.11.7"),
    "locked but for one patch release": Gap(">=3.10", where="python_full_version != '3.12.4'"),
    "locked below a patch release": Gap(
        ">=3.10", where="python_full_version < '3.11.4' or python_version >= '3.12'"
    ),
    "needed on armv7l": Gap(
        ">=3.10", needs='engine = {version = "*", markers = "platform_machine == \\"armv7l\\""}'
    ),
    "locked but for armv7l": Gap(">=3.10", where="platform_machine != 'armv7l'"),
    "locked but for riscv64 on Linux": Gap(
        ">=3.10", where="sys_platform != 'linux' or platform_machine != 'riscv64'"
    ),
    "needed on FreeBSD": Gap(
        ">=3.10", needs='engine = {version = "*", markers = "sys_platform == \\"freebsd14\\""}'
    ),
    "locked but for FreeBSD by its name": Gap(">=3.10", where="platform_system != 'FreeBSD'"),
    "locked but for both names of FreeBSD": Gap(
        ">=3.10", where="sys_platform != 'freebsd14' or platform_system != 'FreeBSD'"
    ),
    "locked but for another os": Gap(">=3.10", where="os_name != 'java'"),
    "locked but for another implementation": Gap(
        ">=3.10", where="implementation_name != 'graalpy'"
    ),
    "locked but for PyPy on Windows": Gap(
        ">=3.10",
        where="sys_platform != 'win32' or platform_python_implementation != 'PyPy'",
    ),
    "locked but for a list of processors": Gap(
        ">=3.10", where="platform_machine not in 's390x ppc64le'"
    ),
    "needed where a name has a part": Gap(
        ">=3.10", needs='engine = {version = "*", markers = "\'bsd\' in sys_platform"}'
    ),
}


@pytest.mark.parametrize("gap", GAPS.values(), ids=GAPS.keys())
def test_a_dependency_that_is_missing_somewhere_is_found(gap: Gap, tmp_path: Path) -> None:
    verdict = judged(tmp_path, gap)

    assert verdict.status is Status.BROKEN
    assert [problem.code for problem in verdict.problems] == ["closure"]


WHOLE = {
    "locked everywhere, 3.16 and newer": Gap(">=3.16", where=""),
    "locked for the project's Pythons": Gap(
        ">=3.10,<3.12", where="python_version < '3.12'", engine_python=">=3.10,<3.12"
    ),
    "a patch release that the project excludes, too": Gap(
        ">=3.10,!=3.11.7", where="", engine_python=">=3.8,!=3.11.7"
    ),
    "needed and locked on armv7l alone": Gap(
        ">=3.10",
        needs='engine = {version = "*", markers = "platform_machine == \\"armv7l\\""}',
        where="platform_machine == 'armv7l'",
    ),
}


@pytest.mark.parametrize("whole", WHOLE.values(), ids=WHOLE.keys())
def test_a_lock_that_is_whole_is_fresh(whole: Gap, tmp_path: Path) -> None:
    assert judged(tmp_path, whole).status is Status.FRESH


def test_the_message_names_the_python_and_the_platform(tmp_path: Path) -> None:
    gap = Gap(">=3.16", where="platform_machine != 'armv7l'")

    (problem,) = judged(tmp_path, gap).problems

    assert problem.message == (
        "engine: needed by matrix 1.0 (*) (Python 3.16 on Linux on armv7l),"
        " but locked for other environments only, at 1.0"
    )


PYTHONS = [
    (">=3.16", [], ["3.16.30", "3.17.30"]),
    (">=4", [], ["4.0.30", "4.1.30"]),
    (">=3.10,<3.13", [], ["3.10.30", "3.11.30", "3.12.30"]),
    ("~3.11", ["python_version < '3.18'"], ["3.11.30"]),
    (">=3.11", [">=3.12,<3.12.4"], ["3.11.30", "3.12.3", "3.12.4", "3.12.5", "3.12.30", "3.13.30"]),
    ("<3", [], ["2.6.30", "2.7.30", "2.8.30"]),
    ("<3,>3", ["python_version > '3'"], []),
]


@pytest.mark.parametrize(("range_", "texts", "expected"), PYTHONS, ids=[one[0] for one in PYTHONS])
def test_pythons_are_where_an_answer_can_change(
    range_: str, texts: list[str], expected: list[str]
) -> None:
    found = pythons(parse_constraint(range_), texts)

    assert [python for python in found if python in expected] == expected
    if range_ != ">=3.11":
        assert [*found] == expected


def test_a_version_far_away_does_not_bring_thousands() -> None:
    assert len(pythons(parse_constraint(">=3.10"), ["python_version < '3.9999'"])) < 40


def test_every_label_stands_for_one_environment() -> None:
    markers = [
        "sys_platform == 'freebsd14' or platform_system == 'freebsd14' or os_name == 'freebsd14'",
        "platform_system == 'FreeBSD' or sys_platform == 'java' or os_name == 'java'",
        "implementation_name == 'GraalVM' or platform_python_implementation == 'GraalVM'",
        "platform_system == 'linux' or platform_system == 'windows' or sys_platform == 'Windows'",
    ]
    variables = ("sys_platform", "platform_system", "os_name", "implementation_name")

    found = environments(parse_constraint(">=3.10"), variables, markers)

    assert len({one.label for one in found}) == len(found)
    assert len({label for label, _ in platforms(markers)}) == len(platforms(markers))


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ("platform_machine == 'armv7l'", True),
        ("python_version >= '3.18'", True),
        ("python_full_version == '3.12.4'", True),
        ("sys_platform == 'freebsd14' and python_version < '3.10'", False),
        ("os_name == 'java'", True),
    ],
)
def test_fetching_ahead_samples_the_same_environments(marker: str, *, expected: bool) -> None:
    assert EnvironmentSample(parse_constraint(">=3.10")).may_hold(Marker(marker)) is expected


@pytest.mark.parametrize(
    ("requires_python", "expected"),
    [(">=3.8", True), (">=3.8,<3.14", False), (">=3.11", False), (None, True), ("nonsense", True)],
)
def test_fetching_ahead_passes_over_releases_that_leave_a_python_out(
    requires_python: str | None, *, expected: bool
) -> None:
    assert fits_python(requires_python, EnvironmentSample(parse_constraint(">=3.10"))) is expected
