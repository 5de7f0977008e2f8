"""Maps a platform's short name or wheel tag to its markers and the wheel tags it accepts.

Short names stand for what most packages build wheels for today. Linux means glibc 2.28 on x86_64
and aarch64, and 2.17 on i686, for which few wheels need a newer one; macOS means the oldest version
that Apple supported recently. Use a wheel platform tag to be exact.

The rules are those of the platform compatibility tags specification
(https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/).
"""

from __future__ import annotations

import difflib
import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from poetry_lockguard.errors import UsageError
from poetry_lockguard.targets.systems import (
    ANDROID,
    EMSCRIPTEN,
    IOS,
    LINUX,
    MACOS,
    WINDOWS,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

SHORT_NAMES = {
    "linux-x86_64": "manylinux_2_28_x86_64",
    "linux-aarch64": "manylinux_2_28_aarch64",
    "linux-i686": "manylinux_2_17_i686",
    "musllinux-x86_64": "musllinux_1_2_x86_64",
    "musllinux-aarch64": "musllinux_1_2_aarch64",
    "macos-arm64": "macosx_14_0_arm64",
    "macos-x86_64": "macosx_14_0_x86_64",
    "windows-x86_64": "win_amd64",
    "windows-arm64": "win_arm64",
    "windows-i686": "win32",
}
OTHER_NAMES = {
    "linux": "linux-x86_64",
    "linux-amd64": "linux-x86_64",
    "linux-arm64": "linux-aarch64",
    "musllinux": "musllinux-x86_64",
    "musllinux-arm64": "musllinux-aarch64",
    "macos": "macos-arm64",
    "macos-aarch64": "macos-arm64",
    "windows": "windows-x86_64",
    "windows-amd64": "windows-x86_64",
    "windows-x86": "windows-i686",
    "android-arm64": "android_24_arm64_v8a",
    "android-x86_64": "android_24_x86_64",
    "ios-arm64": "ios_13_0_arm64_iphoneos",
    "pyodide": "pyodide_2025_0_wasm32",
}

_LEGACY = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
_LEGACY_TAGS = {version: name for name, version in _LEGACY.items()}
_INTEL = ("x86_64", "i686")
_GLIBC_ARCHITECTURES = (
    *_INTEL,
    "aarch64",
    "armv7l",
    "ppc64",
    "ppc64le",
    "s390x",
    "riscv64",
    "loongarch64",
)
_KINDS = {
    "manylinux": "linux",
    "linux": "linux",
    "musllinux": "musllinux",
    "macosx": "macos",
}
_WINDOWS_MACHINES = {"win32": "x86", "win_amd64": "AMD64", "win_arm64": "ARM64"}
_MANYLINUX = re.compile(r"(manylinux1|manylinux2010|manylinux2014|manylinux_2_(\d+))_(\w+)")
_MUSLLINUX = re.compile(r"musllinux_1_(\d+)_(\w+)")
_LINUX_TAG = re.compile(r"linux_(\w+)")
_MACOSX = re.compile(r"macosx_(\d+)_(\d+)_(x86_64|arm64)")
_ANDROID = re.compile(r"android_(\d{2,3})_(arm64_v8a|armeabi_v7a|x86_64|x86)")
_IOS = re.compile(r"ios_(\d{2,3})_(\d{1,2})_((arm64|x86_64)_iphone(?:os|simulator))")
# https://peps.python.org/pep-0783/; wheels have been tagged with either name
_EMSCRIPTEN = re.compile(r"(pyodide|pyemscripten)[-_](\d{4}_\d+)[-_]wasm32")
_ANDROID_MACHINES = {
    "arm64_v8a": "aarch64",
    "armeabi_v7a": "armv7l",
    "x86": "i686",
    "x86_64": "x86_64",
}
_OLDEST_ANDROID = 16  # the API level that ``packaging.tags.android_platforms`` ends with
_EXAMPLES = (
    "manylinux_2_17_x86_64",
    "manylinux2014_x86_64",
    "musllinux_1_2_x86_64",
    "macosx_14_0_arm64",
    *_WINDOWS_MACHINES,
)


class Platform(NamedTuple):
    """One platform: its wheel tag in the current spelling, and the markers that it determines.

    ``accepts`` are the platform tags of the wheels that can be installed there, best first, in the
    order of ``packaging.tags``.
    """

    tag: str
    markers: dict[str, str]
    accepts: tuple[str, ...]


@cache
def platform(name: str) -> Platform:
    """Look up a platform by short name or by any wheel platform tag.

    Raises UsageError that names the nearest known one.
    """
    short = OTHER_NAMES.get(name, name)
    tag = SHORT_NAMES.get(short, short)
    found = next((found for found in _read(tag) if found), None)
    if found is None:
        nearest = " or ".join(_nearest(name))
        raise UsageError(f"{name}: not a known platform; did you mean {nearest}?")
    return found


def short_name(tag: str) -> str:
    """Return the short name for a platform tag, or the tag itself if it has none.

    ``tag`` is in the current spelling, like ``Platform.tag``.
    """
    exact = {wheel: short for short, wheel in SHORT_NAMES.items()}
    kind = _KINDS.get(tag.partition("_")[0])
    candidate = f"{kind}-{platform(tag).markers['platform_machine']}"
    return exact.get(tag, candidate if candidate in SHORT_NAMES else tag)


def _read(tag: str) -> Iterator[Platform | None]:
    yield _windows(tag)
    if match := _MANYLINUX.fullmatch(tag):
        yield _manylinux(match[1], match[2], match[3])
    if match := _MUSLLINUX.fullmatch(tag):
        yield _musllinux(int(match[1]), match[2])
    if match := _LINUX_TAG.fullmatch(tag):
        yield Platform(tag=tag, markers=_linux(match[1]), accepts=(tag,))
    if match := _MACOSX.fullmatch(tag):
        yield _macos((int(match[1]), int(match[2])), match[3])
    if match := _ANDROID.fullmatch(tag):
        yield _android(int(match[1]), match[2])
    if match := _IOS.fullmatch(tag):
        yield _ios((int(match[1]), int(match[2])), match[3], match[4])
    if match := _EMSCRIPTEN.fullmatch(tag):
        yield _emscripten(match[1], match[2])


def _windows(tag: str) -> Platform | None:
    if tag not in _WINDOWS_MACHINES:
        return None
    markers = WINDOWS | {"platform_machine": _WINDOWS_MACHINES[tag]}
    return Platform(tag=tag, markers=markers, accepts=(tag,))


def _manylinux(legacy: str, minor: str | None, architecture: str) -> Platform | None:
    newest = int(minor) if minor else _LEGACY[legacy][1]
    # PEP 600: manylinux begins with 2.5 on Intel, and with 2.17 everywhere else.
    oldest = 5 if architecture in _INTEL else 17
    if architecture not in _GLIBC_ARCHITECTURES or newest < oldest:
        return None
    accepts = [f"linux_{architecture}"]
    for version in range(newest, oldest - 1, -1):
        accepts.append(f"manylinux_2_{version}_{architecture}")
        if name := _LEGACY_TAGS.get((2, version)):
            accepts.append(f"{name}_{architecture}")
    tag = f"manylinux_2_{newest}_{architecture}"
    return Platform(tag=tag, markers=_linux(architecture), accepts=tuple(accepts))


def _musllinux(newest: int, architecture: str) -> Platform:
    versions = range(newest, -1, -1)
    accepts = (f"musllinux_1_{version}_{architecture}" for version in versions)
    return Platform(
        tag=f"musllinux_1_{newest}_{architecture}",
        markers=_linux(architecture),
        accepts=(f"linux_{architecture}", *accepts),
    )


def _macos(version: tuple[int, int], architecture: str) -> Platform | None:
    from packaging.tags import mac_platforms

    accepts = tuple(mac_platforms(version, architecture))
    if not accepts or (architecture == "arm64" and version < (11, 0)):
        return None
    # Since macOS 11, wheels are tagged with the major version only.
    tag = accepts[0]
    return Platform(tag=tag, markers=MACOS | {"platform_machine": architecture}, accepts=accepts)


def _android(level: int, abi: str) -> Platform | None:
    """Return Android with this API level (https://peps.python.org/pep-0738/)."""
    if level < _OLDEST_ANDROID:
        return None
    markers = ANDROID | {"platform_machine": _ANDROID_MACHINES[abi]}
    levels = range(level, _OLDEST_ANDROID - 1, -1)
    accepts = tuple(f"android_{older}_{abi}" for older in levels)
    return Platform(tag=f"android_{level}_{abi}", markers=markers, accepts=accepts)


def _ios(version: tuple[int, int], multiarch: str, machine: str) -> Platform | None:
    """Return iOS from this version on (https://peps.python.org/pep-0730/)."""
    from packaging.tags import ios_platforms

    accepts = tuple(ios_platforms(version, multiarch))
    if not accepts:
        return None
    markers = IOS | {"platform_machine": machine}
    return Platform(tag=accepts[0], markers=markers, accepts=accepts)


def _emscripten(name: str, version: str) -> Platform:
    """Return CPython in a browser, with this version of its ABI."""
    names = dict.fromkeys((name, "pyemscripten", "pyodide"))
    accepts = tuple(f"{one}_{version}_wasm32" for one in names)
    markers = EMSCRIPTEN | {"platform_machine": "wasm32"}
    return Platform(tag=accepts[0], markers=markers, accepts=accepts)


def _linux(architecture: str) -> dict[str, str]:
    return LINUX | {"platform_machine": architecture}


def _nearest(name: str) -> list[str]:
    known = (*SHORT_NAMES, *_EXAMPLES)
    return difflib.get_close_matches(name.lower().replace(" ", "-"), known, n=2, cutoff=0)
