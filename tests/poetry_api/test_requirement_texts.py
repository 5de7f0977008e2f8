"""A requirement comes back from a snapshot as what it was, whatever its versions are."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.requirements import Requirement
from poetry.core.constraints.version import Version
from poetry.core.packages.dependency import Dependency
from poetry.core.version.markers import parse_marker

from poetry_lockguard.errors import LockguardError
from poetry_lockguard.poetry_api.package_translation import dependency, package, requirement
from poetry_lockguard.snapshots.document import PackageEntry
from poetry_lockguard.snapshots.origins import PyPI

HERE = Path()
VERSIONS = (
    *(
        "*",
        "^1.2",
        "^0.0.3",
        "~1.2",
        "1.2.*",
        "==1.2.*",
        "!=1.2.*",
        "~=1.4.2",
        ">=2!1.0",
        "1.0.dev3",
    ),
    *(
        "!=2.0.*,!=2.1.*",
        "!=2.0.*,!=2.2.*",
        ">=1,!=1.3.*,<2",
        "^1.0 || ^2.6",
        "<1 || >=2",
        "1.0 || 2.0",
    ),
    *("<2.0 || >=2.2.dev0", ">=4.6.0,<4.7.0 || >4.7.0", "<=1.0 || >2.0", "<1.0 || >=1.0.post1"),
    *("==1.0+cu118", "!=1.0+cu118", ">1.0,<2.0a1", "<1.0 || ==1.5 || >2,!=3", "==1.0.*||==2.0.*"),
    *("!=1.0,!=2.0,!=3.0.*", ">=1.0a1,!=1.0b2", "!=1.0.*,!=1.0", ">=2.0.dev0,!=2.0.0", ">=2,<2"),
)
MARKERS = (
    *("", 'python_version < "3.12"', 'sys_platform == "win32" or python_version >= "3.11"'),
    *(
        'extra == "y"',
        'extra != "y"',
        '(extra == "a" or extra == "b") and sys_platform != "darwin"',
    ),
    *('platform_release >= "20.0"', "'arm' in platform_machine", 'python_version in "3.8, 3.9"'),
)
SAMPLES = (
    *(
        "0.0.3",
        "0.9",
        "1.0.dev3",
        "1.0a1",
        "1.0b2",
        "1.0",
        "1.0+cu118",
        "1.0.post1",
        "1.2",
        "1.2.9",
    ),
    *(
        "1.3.1",
        "1.4.2",
        "1.5",
        "2.0.dev0",
        "2.0a1",
        "2.0.0",
        "2.1.5",
        "2.2.dev0",
        "2.2",
        "2.6",
        "3",
    ),
    *("3.0.1", "4.6.0", "4.7.0", "4.7.1", "2!1.0"),
)
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
@pytest.mark.parametrize("marker", MARKERS)
@pytest.mark.parametrize("versions", VERSIONS)
def test_every_form_comes_back_from_a_pin_as_it_was(versions: str, marker: str) -> None:
    wanted = Dependency("six", versions, extras=["q"])
    if marker:
        wanted.marker = parse_marker(marker)
    pin = PackageEntry(version="1", source=PyPI(), dependencies=(requirement(wanted, HERE),))

    (back,) = package("any", pin, HERE).requires

    assert _says(back) == _says(wanted)
    assert requirement(back, HERE) == pin.dependencies[0]


def _says(one: Dependency) -> tuple[object, ...]:
    allowed = [text for text in SAMPLES if one.constraint.allows(Version.parse(text))]
    return one.name, allowed, str(one.marker), one.extras, [*one.in_extras]


@pytest.mark.contract
@pytest.mark.parametrize(
    "kind", ["b @ ../b", "b @ git+../b@main", "b @ https://e.invalid/b-1.tar.gz"]
)
def test_an_extra_brings_a_requirement_of_every_kind(kind: str) -> None:
    text = f"{kind} ; extra == 'x'"

    whole = package("a", PackageEntry(version="1", source=PyPI(), dependencies=(text,)), HERE)

    assert [str(one.name) for one in whole.requires] == ["b"]
    assert {str(extra): [one.name for one in by] for extra, by in whole.extras.items()} == {
        "x": ["b"]
    }


@pytest.mark.contract
@pytest.mark.parametrize(
    "text", ["six (>=1", "six (nonsense)", "six ; python_version ~ '3'", "six @ "]
)
def test_what_cannot_be_read_is_an_error_with_its_place(text: str) -> None:
    pin = PackageEntry(version="1", source=PyPI(), dependencies=("one", text))

    with pytest.raises(LockguardError) as caught:
        package("any", pin, HERE)

    assert f"packages.any (1): dependencies: {text!r} is not a requirement" in str(caught.value)


@pytest.mark.contract
def test_a_union_keeps_its_marker_and_its_extra() -> None:
    text = "six[a] (<1 || >=2) ; python_version < '3.12' and extra == 'b'"

    back = dependency(text, HERE)

    assert sorted(back.extras) == ["a"]
    assert [str(extra) for extra in back.in_extras] == ["b"]
    assert str(back.marker) == 'python_version < "3.12" and extra == "b"'
