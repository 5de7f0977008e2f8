"""Targets: environments described from outside are what they are from inside."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import packaging
import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Marker, default_environment
from packaging.tags import Tag, mac_platforms, sys_tags
from packaging.version import Version

from poetry_lockguard.errors import UsageError
from poetry_lockguard.targets.environment_match import differences
from poetry_lockguard.targets.platforms import OTHER_NAMES, SHORT_NAMES, platform, short_name
from poetry_lockguard.targets.target import Target, current, target

if TYPE_CHECKING:
    from pathlib import Path

PYTHONS = ("3.10", "3.14")
MACHINES = {
    "linux-x86_64": "x86_64-manylinux_2_28",
    "linux-aarch64": "aarch64-manylinux_2_28",
    "musllinux-x86_64": "x86_64-unknown-linux-musl",
    "macos-arm64": "aarch64-apple-darwin",
    "macos-x86_64": "x86_64-apple-darwin",
    "windows-x86_64": "x86_64-pc-windows-msvc",
    "windows-arm64": "aarch64-pc-windows-msvc",
    "windows-i686": "i686-pc-windows-msvc",
}


def test_the_running_interpreters_description_gives_its_own_tags() -> None:
    here = current()

    assert _native_first(here.tags) == _native_first(tuple(sys_tags()))


def test_the_running_interpreters_markers_are_its_own() -> None:
    assert current().markers == default_environment()


def test_a_target_of_this_kind_has_this_environments_markers() -> None:
    """Except for what depends on one machine: its kernel's release and version."""
    here = current()
    built = target(here.python, here.platform, here.implementation)

    differing = {key for key in here.markers if here.markers[key] != built.markers[key]}
    assert differing <= {"platform_release", "platform_version", "implementation_version"}
    assert built.tags == here.tags


@pytest.mark.parametrize("name", sorted({*SHORT_NAMES, *OTHER_NAMES}))
def test_a_short_name_is_its_tag(name: str) -> None:
    assert platform(name) == platform(platform(name).tag)


@pytest.mark.parametrize("name", SHORT_NAMES)
def test_a_tag_finds_back_to_its_short_name(name: str) -> None:
    assert short_name(platform(name).tag) == name


@pytest.mark.parametrize(
    ("name", "tag", "machine"),
    [
        ("manylinux1_i686", "manylinux_2_5_i686", "i686"),
        ("manylinux2010_x86_64", "manylinux_2_12_x86_64", "x86_64"),
        ("manylinux2014_aarch64", "manylinux_2_17_aarch64", "aarch64"),
        ("manylinux_2_39_riscv64", "manylinux_2_39_riscv64", "riscv64"),
        ("musllinux_1_1_ppc64le", "musllinux_1_1_ppc64le", "ppc64le"),
        ("linux_x86_64", "linux_x86_64", "x86_64"),
        ("macosx_10_9_x86_64", "macosx_10_9_x86_64", "x86_64"),
        ("macosx_12_3_arm64", "macosx_12_0_arm64", "arm64"),
        ("win32", "win32", "x86"),
        ("win_amd64", "win_amd64", "AMD64"),
        ("win_arm64", "win_arm64", "ARM64"),
    ],
)
def test_any_wheel_platform_tag_is_a_platform(name: str, tag: str, machine: str) -> None:
    found = platform(name)

    assert (found.tag, found.markers["platform_machine"]) == (tag, machine)


@pytest.mark.parametrize(
    ("name", "nearest_names"),
    [
        ("linux-x68_64", "linux-x86_64 or linux-i686"),
        ("Linux-X86_64", "linux-x86_64 or musllinux-x86_64"),
        ("macos-arm46", "macos-arm64 or macosx_14_0_arm64"),
        ("manylinux_2_3_x86_64", "manylinux_2_17_x86_64 or manylinux2014_x86_64"),
        ("manylinux_2_5_aarch64", "manylinux_2_17_x86_64 or linux-aarch64"),
        ("manylinux_2_17_sparc", "manylinux_2_17_x86_64 or manylinux2014_x86_64"),
        ("macosx_10_9_arm64", "macosx_14_0_arm64 or macos-arm64"),
        ("macosx_11_0_universal2", "macosx_14_0_arm64 or macos-x86_64"),
        ("win64", "win_arm64 or win_amd64"),
    ],
)
def test_an_unknown_platform_names_the_nearest(name: str, nearest_names: str) -> None:
    with pytest.raises(UsageError) as raised:
        target("3.11", name)

    assert str(raised.value) == f"{name}: not a known platform; did you mean {nearest_names}?"


@pytest.mark.parametrize("python", ["", "3", "2.7", "3.11.", "3.11rc1", "py311", "3.x"])
def test_what_is_no_python_is_refused(python: str) -> None:
    with pytest.raises(UsageError, match="not a version of Python"):
        target(python, "linux-x86_64")


def test_an_unknown_implementation_is_refused() -> None:
    with pytest.raises(UsageError, match=r"jython: .* use cpython, pypy or cpython-freethreaded"):
        target("3.11", "linux-x86_64", "jython")


def test_a_minor_version_is_its_first_release() -> None:
    built = target("3.11", "linux-x86_64")

    assert (built.python, built.minor) == ("3.11.0", "3.11")
    assert built == target("3.11.0", "manylinux_2_28_x86_64")


@pytest.mark.parametrize("python", ["3.15.0rc1", "3.15.0a2+"])
def test_a_release_to_come_is_a_python(python: str) -> None:
    built = target(python, "linux-x86_64")

    assert (built.minor, str(built.tags[1])) == ("3.15", "cp315-cp315-manylinux_2_28_x86_64")


def test_pypy_has_its_own_tags_and_markers() -> None:
    built = target("3.11", "linux-x86_64", "pypy")

    assert str(built.tags[1]) == "pp311-pypy311_pp73-manylinux_2_28_x86_64"
    assert Tag("pp3", "none", "any") in built.tags
    assert Marker("platform_python_implementation == 'PyPy'").evaluate({**built.markers})


def test_glibc_2_17_accepts_all_older_wheels_and_their_legacy_names() -> None:
    accepts = platform("manylinux2014_i686").accepts

    assert accepts[:3] == ("linux_i686", "manylinux_2_17_i686", "manylinux2014_i686")
    assert accepts[-2:] == ("manylinux_2_5_i686", "manylinux1_i686")
    assert accepts.index("manylinux2010_i686") == accepts.index("manylinux_2_12_i686") + 1


def test_macos_accepts_older_versions_and_universal_wheels() -> None:
    accepts = platform("macos-arm64").accepts

    assert {"macosx_11_0_arm64", "macosx_14_0_universal2", "macosx_10_9_universal2"} <= {*accepts}
    assert accepts == tuple(mac_platforms((14, 0), "arm64"))


@given(st.sampled_from([5, 11, 12, 17, 28]), st.sampled_from([5, 11, 12, 17, 28]))
def test_newer_glibc_accepts_what_older_does(one: int, other: int) -> None:
    older, newer = sorted((one, other))

    below = platform(f"manylinux_2_{older}_x86_64").accepts
    above = platform(f"manylinux_2_{newer}_x86_64").accepts
    assert below[1:] == above[len(above) - len(below) + 1 :]


@pytest.mark.parametrize(
    ("name", "python"), [*zip(MACHINES, itertools.cycle(PYTHONS), strict=False)]
)
def test_markers_are_those_uv_resolves_with(name: str, python: str, tmp_path: Path) -> None:
    """Each marker is a requirement on a local package, so that uv's answer needs no network."""
    built = target(python, name)
    asked = {
        key: value
        for key, value in built.markers.items()
        # uv leaves the release and version of the system open; that of PyPy is not asked.
        if key not in {"platform_release", "platform_version"}
    }
    lines = []
    for number, (key, value) in enumerate(asked.items()):
        _project(tmp_path / f"probe{number}", f"probe{number}")
        lines.append(
            f"probe{number} @ {(tmp_path / f'probe{number}').as_uri()} ; {key} == '{value}'"
        )
    (tmp_path / "requirements.in").write_text("\n".join(lines))

    out = subprocess.run(
        [
            *("uv", "pip", "compile", "--quiet", "--offline", "--no-header", "--no-annotate"),
            *("--no-python-downloads", "--python", sys.executable, "--no-config"),
            *("--python-platform", MACHINES[name], "--python-version", python),
            "requirements.in",
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    chosen = {int(number) for number in re.findall(r"^probe(\d+) @", out, re.MULTILINE)}
    assert [key for number, key in enumerate(asked) if number not in chosen] == []


def test_an_environment_fits_itself_whatever_its_patch_release() -> None:
    assert differences(target("3.11", "linux-x86_64"), target("3.11.9", "linux-x86_64")) == ()


def test_a_newer_system_than_wanted_fits() -> None:
    assert differences(target("3.11", "macosx_11_0_arm64"), target("3.11", "macos-arm64")) == ()


def test_an_older_system_than_wanted_does_not_fit() -> None:
    found = target("3.11", "manylinux_2_17_x86_64")

    assert differences(target("3.11", "linux-x86_64"), found) == (
        "platform manylinux_2_17_x86_64, not manylinux_2_28_x86_64",
    )


def test_musl_is_not_glibc() -> None:
    found = differences(target("3.11", "linux-x86_64"), target("3.11", "musllinux-x86_64"))

    assert found == ("platform musllinux_1_2_x86_64, not manylinux_2_28_x86_64",)


def test_all_differences_are_named() -> None:
    found = differences(target("3.12", "windows-x86_64", "pypy"), target("3.11", "macos-arm64"))

    assert found == (
        "Python 3.11, not 3.12",
        "implementation cpython, not pypy",
        "system Darwin, not Windows",
        "machine arm64, not AMD64",
    )


def test_a_target_is_a_value() -> None:
    one, other = target("3.11", "linux"), target("3.11", "linux-amd64")

    assert {one} == {other}
    assert json.loads(json.dumps({**one.markers})) == one.markers
    assert isinstance(one, Target)


def _native_first(tags: tuple[Tag, ...]) -> list[Tag]:
    """Undo a change of order in packaging 26.3, which moved the bare tags of Linux to the front."""
    if Version(packaging.__version__) >= Version("26.3"):
        return [*tags]
    return sorted(tags, key=lambda tag: (tag.interpreter, tag.abi, tag.platform.startswith("l")))


def _project(folder: Path, name: str) -> None:
    folder.mkdir()
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "{name}"\nversion = "1"\ndependencies = []\n'
    )
