"""What manifest and lock alone show to be impossible is found, and nothing else is."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from poetry_lockguard.lockfile.parse import parse as parse_lock
from poetry_lockguard.manifest.document import parse
from poetry_lockguard.repair.certain_conflict import certain_conflict


def pin(name: str, version: str, *needs: str) -> str:
    listed = "".join(f"{need}\n" for need in needs)
    return f"""
[[package]]
name = "{name}"
version = "{version}"
description = ""
optional = false
python-versions = ">=3.8"
groups = ["main"]
files = [{{file = "{name}.tar.gz", hash = "sha256:{"0" * 64}"}}]

[package.dependencies]
{listed}"""


PINS = (
    pin("web", "1.0", 'route = ">=2"', 'extra = {version = ">=5", optional = true}')
    + pin(
        "route", "2.5", 'path = "==3.0"', 'win = {version = ">=2", markers = "os_name == \\"nt\\""}'
    )
    + pin("path", "3.0", 'leaf = "<4"')
    + pin("leaf", "3.9")
)
METADATA = f"""
[metadata]
lock-version = "2.1"
python-versions = ">=3.10"
content-hash = "{"1" * 64}"
"""


def found(*requirements: str, more: str = "") -> tuple[str, ...] | None:
    listed = ", ".join(f"'{each}'" for each in requirements)
    text = f'[project]\nname = "a"\nrequires-python = ">=3.10"\ndependencies = [{listed}]\n'
    manifest = parse(text + dedent(more), Path("pyproject.toml"))
    conflict = certain_conflict(manifest, parse_lock((PINS + METADATA).encode()))
    return None if conflict is None else (conflict.sentence, *conflict.chain)


def test_two_requirements_of_one_package() -> None:
    assert found("leaf>=4", more='[dependency-groups]\ndev = ["leaf<4"]\n') == (
        "leaf (<4) in group dev and leaf (>=4) contradict each other",
        "the project requires leaf (<4) in group dev",
        "the project requires leaf (>=4)",
    )


def test_an_exact_requirement_and_what_its_pin_needs() -> None:
    assert found("web==1.0", "route<2") == (
        "route (<2) and web (==1.0) contradict each other: web needs route (>=2)",
        "the project requires route (<2)",
        "the project requires web (==1.0)",
        "web 1.0 requires route (>=2)",
    )


def test_a_chain_of_exact_requirements() -> None:
    conflict = found("route==2.5", "leaf>=4")

    assert conflict is not None
    assert conflict[0] == (
        "leaf (>=4) and route (==2.5) contradict each other:"
        " route needs path (==3.0), path needs leaf (<4)"
    )
    assert conflict[-2:] == ("route 2.5 requires path (==3.0)", "path 3.0 requires leaf (<4)")


def test_requirements_of_extras_are_named_with_them() -> None:
    more = '[project.optional-dependencies]\nold = ["leaf<4"]\nnew = ["leaf>=4"]\n'

    conflict = found("route", more=more)

    assert conflict is not None
    assert conflict[0] == "leaf (<4) in extra old and leaf (>=4) in extra new contradict each other"


def test_a_contradiction_on_one_python_is_one() -> None:
    conflict = found('leaf>=4; python_version < "3.11"', "leaf<4")

    assert conflict is not None
    assert conflict[0].endswith("contradict each other")


@pytest.mark.parametrize(
    "requirements",
    [
        pytest.param(("web>=1", "route<2"), id="another release of web may fit"),
        pytest.param(("web==2.0", "route<2"), id="not the pin"),
        pytest.param(("web==1.0", "extra<5"), id="an extra that nobody asks for"),
        pytest.param(("route==2.5", "win<2"), id="for one platform only"),
        pytest.param(
            ('leaf>=4; python_version < "3.11"', 'leaf<4; python_version >= "3.11"'),
            id="for other Pythons",
        ),
        pytest.param(
            ('leaf>=4; python_version < "3.9"', "leaf<4"), id="for Pythons of other projects"
        ),
        pytest.param(("leaf>=3", "leaf<4"), id="both fit"),
    ],
)
def test_what_could_be_solved_is_no_conflict(requirements: tuple[str, ...]) -> None:
    assert found(*requirements) is None
