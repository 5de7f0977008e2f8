"""Free-threaded CPython, Pyodide, Android and iOS, with the tags that ``packaging`` gives them."""

from __future__ import annotations

import pytest
from packaging import tags

from poetry_lockguard.errors import UsageError
from poetry_lockguard.targets.configuration import Wish, configuration
from poetry_lockguard.targets.target import FREE_THREADED, target


def test_a_free_threaded_python_takes_its_own_wheels_alone() -> None:
    found = configuration(Wish(python="3.14t", platform="manylinux_2_28_x86_64"))

    names = [str(tag) for tag in found.target.tags]
    assert found.name == "manylinux_2_28_x86_64-py314t"
    assert found.target.python == "3.14.0"
    assert found.target.implementation == FREE_THREADED
    assert found.target.markers["implementation_name"] == "cpython"
    assert names[0] == "cp314-cp314t-linux_x86_64"
    assert "cp314-cp314t-manylinux_2_28_x86_64" in names
    assert not any("-abi3-" in name or "-cp314-" in name for name in names)
    assert "py3-none-any" in names


@pytest.mark.parametrize(
    ("python", "implementation"), [("3.12t", "cpython"), ("3.14t", "pypy"), ("t", "cpython")]
)
def test_what_is_not_free_threaded_is_refused(python: str, implementation: str) -> None:
    with pytest.raises(UsageError, match=python):
        target(python, "linux-x86_64", implementation)


@pytest.mark.skipif(not hasattr(tags, "android_platforms"), reason="packaging before 25.0")
def test_android_accepts_what_packaging_accepts() -> None:
    accepted = [tag.platform for tag in target("3.14", "android_24_arm64_v8a").tags]

    wanted = (
        [*tags.android_platforms(24, "arm64_v8a")] if hasattr(tags, "android_platforms") else []
    )
    assert [*dict.fromkeys(accepted)] == [*wanted, "any"] or not wanted
    assert "android_21_arm64_v8a" in accepted


@pytest.mark.parametrize("name", ["ios_15_4_arm64_iphoneos", "ios_13_0_x86_64_iphonesimulator"])
def test_ios_accepts_what_packaging_accepts(name: str) -> None:
    _, major, minor, multiarch = name.split("_", maxsplit=3)

    accepted = [tag.platform for tag in target("3.14", name).tags]

    wanted = tags.ios_platforms((int(major), int(minor)), multiarch)
    assert [*dict.fromkeys(accepted)] == [*wanted, "any"]


@pytest.mark.parametrize(
    ("name", "system"),
    [
        ("pyodide", "emscripten"),
        ("pyodide-2026_0-wasm32", "emscripten"),
        ("pyemscripten_2026_0_wasm32", "emscripten"),
        ("android-arm64", "android"),
        ("ios-arm64", "ios"),
    ],
)
def test_each_has_its_markers(name: str, system: str) -> None:
    found = target("3.14", name)

    assert found.markers["sys_platform"] == system
    assert found.markers["os_name"] == "posix"
    assert target("3.14", found.platform) == found


def test_a_browser_takes_wheels_under_either_name() -> None:
    accepted = {str(tag) for tag in target("3.14", "pyodide-2026_0-wasm32").tags}

    assert {f"cp314-cp314-{name}_2026_0_wasm32" for name in ("pyodide", "pyemscripten")} <= accepted
