"""The configurations that settings declare: products, names, and all mistakes at once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poetry_lockguard.errors import SettingsError
from poetry_lockguard.targets.configuration import Configuration, configuration_of
from poetry_lockguard.targets.matrix import configurations
from poetry_lockguard.targets.platforms import SHORT_NAMES
from poetry_lockguard.targets.target import target
from poetry_lockguard.targets.values import Bounds

BOUNDS = Bounds(
    python=">=3.10,<4.0",
    groups=frozenset({"main", "dev", "docs"}),
    extras=frozenset({"gpu", "cpu"}),
)
MATRIX = {"python": ["3.11"], "platform": ["linux-x86_64"]}


def made(matrix: dict[str, Any], **single: dict[str, Any]) -> tuple[Configuration, ...]:
    return configurations(matrix, single, BOUNDS)


def names(matrix: dict[str, Any], **single: dict[str, Any]) -> list[str]:
    return [configuration.name for configuration in made(matrix, **single)]


def test_nothing_declared_is_no_configuration() -> None:
    assert made({}) == ()


def test_a_matrix_is_the_product_of_its_axes() -> None:
    found = names({"python": ["3.11", "3.12"], "platform": ["linux-i686", "windows-x86_64"]})

    assert found == [
        "linux-i686-py311",
        "linux-i686-py312",
        "windows-x86_64-py311",
        "windows-x86_64-py312",
    ]


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({}, "linux-x86_64-py311"),
        ({"python": ["3.11.7"]}, "linux-x86_64-py311.7"),
        ({"platform": ["manylinux_2_17_x86_64"]}, "manylinux_2_17_x86_64-py311"),
        ({"implementation": ["pypy"]}, "linux-x86_64-pypy311"),
        ({"extras": [["gpu"]]}, "linux-x86_64-py311-gpu"),
        ({"extras": [["gpu", "CPU"]]}, "linux-x86_64-py311-cpu-gpu"),
        ({"groups": [["main", "dev"]]}, "linux-x86_64-py311-with-dev"),
        ({"groups": [["docs", "dev"]]}, "linux-x86_64-py311-only-dev-docs"),
        ({"extras": [["gpu"]], "groups": [["main", "dev"]]}, "linux-x86_64-py311-gpu-with-dev"),
    ],
    ids=str,
)
def test_names_are_made_from_the_values(values: dict[str, Any], name: str) -> None:
    assert names(MATRIX | values) == [name]


def test_excluded_combinations_are_left_out() -> None:
    matrix = {
        "python": ["3.11"],
        "platform": ["linux-x86_64", "macos-arm64"],
        "extras": [[], ["gpu"]],
        "exclude": [{"platform": "macosx_14_0_arm64", "extras": ["GPU"]}],
    }

    assert names(matrix) == [
        "linux-x86_64-py311",
        "linux-x86_64-py311-gpu",
        "macos-arm64-py311",
    ]


def test_a_single_configuration_has_its_own_name() -> None:
    (found,) = made(
        {},
        legacy={
            "python": "3.10.4",
            "platform": "manylinux_2_17_x86_64",
            "groups": ["main", "dev"],
        },
    )

    assert found == Configuration(
        name="legacy",
        target=target("3.10.4", "manylinux_2_17_x86_64"),
        groups=("dev", "main"),
        extras=(),
    )


@pytest.mark.parametrize(
    ("matrix", "mistakes"),
    [
        ({"platform": ["linux-x86_64"]}, ["matrix.python: expected at least one value"]),
        ({"python": ["3.11"]}, ["matrix.platform: expected at least one value"]),
        (
            MATRIX | {"platform": ["linux-x68_64"]},
            [
                (
                    "matrix.platform[0]: linux-x68_64: not a known platform;"
                    " did you mean linux-x86_64 or linux-i686?"
                )
            ],
        ),
        (
            MATRIX | {"python": ["3.9"]},
            [
                (
                    "matrix.python[0]: Python 3.9 (that is 3.9.0) is outside the project's range,"
                    " >=3.10,<4.0"
                )
            ],
        ),
        (
            MATRIX | {"python": ["4.0.1"]},
            ['matrix.python[0]: 4.0.1: not a version of Python, such as "3.11" or "3.11.7"'],
        ),
        (
            MATRIX | {"implementation": ["jython"]},
            [
                (
                    "matrix.implementation[0]: jython: not a known implementation of Python;"
                    " use cpython, pypy or cpython-freethreaded"
                )
            ],
        ),
        (
            MATRIX | {"extras": [[], ["gpus"]], "groups": [["main", "test"]]},
            [
                "matrix.extras[1]: the project has no extra gpus; the nearest is gpu",
                "matrix.groups[0]: the project has no group test; the nearest is dev",
            ],
        ),
        (
            MATRIX | {"exclude": [{"python": "3.12"}, {}]},
            [
                (
                    "matrix.exclude[1]: expected at least one of platform, python, implementation,"
                    " extras, groups"
                )
            ],
        ),
        (
            MATRIX | {"exclude": [{"python": "3.12"}]},
            ["matrix.exclude[0]: excludes nothing; no configuration has these values"],
        ),
        (
            MATRIX | {"exclude": [{"python": "3.11"}]},
            ["matrix.exclude: excludes every configuration"],
        ),
        (
            MATRIX | {"python": ["3.11", "3.11"]},
            ["matrix: linux-x86_64-py311 is declared twice; name each configuration once"],
        ),
        (
            MATRIX | {"python": ["3.11", "3.11.0"]},
            [
                (
                    "matrix: linux-x86_64-py311.0 is the same configuration as linux-x86_64-py311;"
                    " keep one"
                )
            ],
        ),
    ],
    ids=[
        "no python",
        "no platform",
        "unknown platform",
        "python out of range",
        "no python version",
        "unknown implementation",
        "unknown extra and group",
        "empty exclude",
        "idle exclude",
        "everything excluded",
        "the same twice",
        "the same under two names",
    ],
)
def test_mistakes_have_their_place(matrix: dict[str, Any], mistakes: list[str]) -> None:
    assert _mistakes(matrix) == mistakes


def test_a_python_below_the_first_patch_release_is_out_of_range() -> None:
    bounds = Bounds(python="^3.10.4", groups=frozenset({"main"}), extras=frozenset())

    with pytest.raises(SettingsError) as raised:
        configurations({"python": ["3.10"], "platform": ["linux-i686"]}, {}, bounds)

    assert str(raised.value) == (
        "pyproject.toml: [tool.lockguard] has a mistake; correct it:"
        "\n  matrix.python[0]: Python 3.10 (that is 3.10.0) is outside the project's range, ^3.10.4"
    )


def test_all_mistakes_are_named_at_once() -> None:
    found = _mistakes(
        {"python": ["3.9", "x"], "platform": ["linux"]},
        legacy={"platform": "win64"},
        old={"python": "3.8", "platform": "linux", "extras": ["tpu"]},
    )

    assert found == [
        "matrix.python[0]: Python 3.9 (that is 3.9.0) is outside the project's range, >=3.10,<4.0",
        'matrix.python[1]: x: not a version of Python, such as "3.11" or "3.11.7"',
        "configurations.legacy: python is missing",
        (
            "configurations.legacy.platform: win64: not a known platform;"
            " did you mean win_arm64 or win_amd64?"
        ),
        (
            "configurations.old.python: Python 3.8 (that is 3.8.0) is outside the project's range,"
            " >=3.10,<4.0"
        ),
        "configurations.old.extras: the project has no extra tpu; the nearest is gpu",
    ]


def test_a_name_may_not_be_declared_beside_the_matrix() -> None:
    single = {"linux-x86_64-py311": {"python": "3.12", "platform": "linux"}}

    assert _mistakes(MATRIX, **single) == [
        (
            "configurations.linux-x86_64-py311: linux-x86_64-py311 is declared twice;"
            " name each configuration once"
        )
    ]


def test_names_that_few_systems_can_tell_apart_are_refused() -> None:
    single = {"LINUX-x86_64-py311": {"python": "3.12", "platform": "linux"}}

    assert _mistakes(MATRIX, **single) == [
        (
            "configurations.LINUX-x86_64-py311: LINUX-x86_64-py311 differs from linux-x86_64-py311"
            " only in upper and lower case; rename one"
        )
    ]


@pytest.mark.parametrize(
    "name",
    ["", "a/b", "..", "-x", "a b", "a,b", "$HOME", "a\nb", "a:b", "a*", "x" * 101],
    ids=repr,
)
def test_a_name_unfit_for_a_file_an_artifact_or_a_shell_is_refused(name: str) -> None:
    single = {name: {"python": "3.12", "platform": "linux"}}

    (mistake,) = _mistakes({}, **single)

    assert mistake.startswith(f"configurations.{name!r}: not a name; expected up to 100 of ")


@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}", fullmatch=True))
def test_any_other_name_is_a_name(name: str) -> None:
    assert names({}, **{name: {"python": "3.12", "platform": "linux"}}) == [name]


def test_the_running_interpreter_is_named_like_a_declared_one() -> None:
    found = configuration_of(target("3.12.3", "manylinux_2_39_aarch64"), extras=["GPU"])

    assert (found.name, found.extras) == ("linux-aarch64-py312-gpu", ("gpu",))


@given(
    st.lists(st.sampled_from(sorted(SHORT_NAMES)), min_size=1, unique=True),
    st.lists(st.sampled_from(["3.10", "3.11", "3.12", "3.13.5"]), min_size=1, unique=True),
    st.lists(st.sampled_from([(), ("gpu",), ("cpu", "gpu")]), min_size=1, unique=True),
    st.lists(st.sampled_from([("main",), ("dev",), ("dev", "main")]), min_size=1, unique=True),
)
def test_every_combination_comes_out_once(
    platforms: list[str],
    pythons: list[str],
    extras: list[tuple[str, ...]],
    groups: list[tuple[str, ...]],
) -> None:
    found = made(
        {
            "platform": platforms,
            "python": pythons,
            "extras": [[*names] for names in extras],
            "groups": [[*names] for names in groups],
        }
    )

    count = len(platforms) * len(pythons) * len(extras) * len(groups)
    assert len(found) == len({one.name for one in found}) == count


def _mistakes(matrix: dict[str, Any], **single: dict[str, Any]) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        made(matrix, **single)
    return [line.strip() for line in str(raised.value).splitlines()[1:]]
