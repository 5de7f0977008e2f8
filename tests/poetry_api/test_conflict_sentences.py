"""A conflict is one sentence first: which requirements contradict each other, and by what."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from solving import project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi, PypiRun

    Run = Callable[[str, Path], Result]


@pytest.fixture
def pypi_run(index: Index, pypi: Pypi) -> PypiRun:
    for minor in range(3):
        index.add("fastapi", f"0.11{5 + minor}.0", requires=[f"starlette>=0.4{minor},<0.50"])
        index.add("starlette", f"0.4{minor}")
    index.add("starlette", "0.19")
    index.add("web", "1.0", requires=["fastapi"])
    index.add("future", "1.0", python=">=3.99")
    index.add("narrow", "1.0", python="<3.20")
    return pypi(index, here=True)


CONFLICTS = {
    "chain": (
        ("fastapi>=0.115,<1.0", "starlette<0.20"),
        (
            "fastapi (>=0.115,<1.0) and starlette (<0.20) contradict each other:"
            " fastapi needs starlette (>=0.40,<0.50)"
        ),
    ),
    "longer chain": (
        ("web", "starlette<0.20"),
        (
            "web (*) and starlette (<0.20) contradict each other: web needs fastapi (*),"
            " fastapi needs starlette (>=0.40,<0.50)"
        ),
    ),
    "version": (
        ("fastapi>=9",),
        "fastapi (>=9) is in no index; the newest there is 0.117.0.",
    ),
    "python": (
        ("future",),
        "future (1.0) needs Python >=3.99, and the project supports >=3.10",
    ),
    "python, requirements split by Python": (
        (
            "narrow",
            "starlette>=0.40; python_version >= '3.12'",
            "starlette<0.20; python_version < '3.12'",
        ),
        "narrow (1.0) needs Python <3.20, and the project supports >=3.10",
    ),
    "some Pythons": (
        ("fastapi", "starlette<0.20; python_version >= '3.12'"),
        (
            "fastapi (*) and starlette (<0.20) contradict each other on Python >=3.12:"
            " fastapi needs starlette (>=0.40,<0.50)"
        ),
    ),
    "all Pythons, by a marker": (
        ("fastapi", "starlette<0.20; python_version >= '3.9'"),
        "fastapi (*) and starlette (<0.20) contradict each other: fastapi needs",
    ),
    "some platforms": (
        ("fastapi; sys_platform == 'win32'", "starlette<0.20"),
        'fastapi (*) and starlette (<0.20) contradict each other where sys_platform == "win32":',
    ),
    "name": (("web", "fastappi"), "No index has a package called fastappi."),
}


@pytest.mark.usefixtures("pypi_run")
@pytest.mark.parametrize(("wanted", "sentence"), CONFLICTS.values(), ids=CONFLICTS)
def test_a_conflict_is_told_in_one_sentence(
    wanted: tuple[str, ...], sentence: str, tmp_path: Path, run: Run
) -> None:
    folder = project(tmp_path / "plane", *wanted)

    result = run("lockguard fix", folder)

    assert result.code == 1
    told = next(line for line in result.err.splitlines() if line.endswith("explains it in full."))
    assert told.startswith(sentence)
    assert "version solving failed" not in result.err


@pytest.mark.usefixtures("pypi_run")
def test_poetrys_whole_explanation_is_there_for_those_who_ask(tmp_path: Path, run: Run) -> None:
    folder = project(tmp_path / "plane", "fastapi>=0.115,<1.0", "starlette<0.20")

    verbose = run("lockguard fix -v", folder)
    document = json.loads(run("lockguard fix --format json", folder).out)

    assert "version solving failed" in verbose.err
    first, *explanation = document["attempts"][-1]["reason"].splitlines()
    assert first == (
        "fastapi (>=0.115,<1.0) and starlette (<0.20) contradict each other:"
        " fastapi needs starlette (>=0.40,<0.50)"
    )
    assert "version solving failed" in "".join(explanation)


def test_a_contradiction_in_the_manifest_alone_is_told_before_the_network_is_asked(
    pypi_run: PypiRun, tmp_path: Path, run: Run
) -> None:
    more = '\n[dependency-groups]\ndev = ["starlette<0.20"]\n'
    folder = project(tmp_path / "plane", "starlette>=0.40", more=more)

    result = run("lockguard fix", folder)

    assert result.code == 1
    assert result.err.startswith(
        "starlette (<0.20) in group dev and starlette (>=0.40) contradict each other.\nChange"
    )
    assert pypi_run.server.asked == []


@pytest.mark.usefixtures("pypi_run")
def test_requirements_for_other_environments_do_not_contradict(tmp_path: Path, run: Run) -> None:
    folder = project(
        tmp_path / "plane",
        "starlette>=0.40; python_version >= '3.12'",
        "starlette<0.20; python_version < '3.12'",
    )

    assert run("lockguard fix", folder).code == 0
