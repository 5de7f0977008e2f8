"""A requirement comes back from a snapshot as what it was, whatever its versions are."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.requirements import Requirement
from poetry.core.packages.dependency import Dependency

from poetry_lockguard.poetry_api.package_translation import dependency, requirement

HERE = Path()
TEXTS = {
    ">=4.6.0,<4.7.0 || >4.7.0": "six (>=4.6.0,!=4.7.0)",
    "<1.0 || >1.0": "six (!=1.0)",
    ">=1,<2 || >2,<3 || >3,<=4": "six (>=1,!=2,!=3,<=4)",
    ">=1,<2": "six (>=1,<2)",
}


@pytest.mark.contract
@pytest.mark.parametrize(("versions", "text"), TEXTS.items())
def test_a_union_that_leaves_versions_out_is_written_as_pep_440_has_it(
    versions: str, text: str
) -> None:
    written = requirement(Dependency("six", versions), HERE)

    assert written == text
    assert Requirement(written).name == "six"
    assert requirement(dependency(written, HERE), HERE) == written


@pytest.mark.contract
@pytest.mark.parametrize("versions", ["<1 || >=2", ">=1,<2 || >=3,<4", "1.0 || 2.0"])
def test_any_other_union_is_kept(versions: str) -> None:
    wanted = Dependency("six", versions)

    back = dependency(requirement(wanted, HERE), HERE)

    assert back.constraint == wanted.constraint


@pytest.mark.contract
def test_a_union_keeps_its_marker_and_its_extra() -> None:
    text = "six[a] (<1 || >=2) ; python_version < '3.12' and extra == 'b'"

    back = dependency(text, HERE)

    assert sorted(back.extras) == ["a"]
    assert [str(extra) for extra in back.in_extras] == ["b"]
    assert str(back.marker) == 'python_version < "3.12" and extra == "b"'
