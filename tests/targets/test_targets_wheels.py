"""Which wheels install in a target: uv's answer, from an index with one wheel of each tag."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from packaging.tags import parse_tag

from poetry_lockguard.targets.target import target

if TYPE_CHECKING:
    from pathlib import Path

    from index import Index, Serve

TAGS = (
    "cp311-cp311-manylinux1_x86_64",
    "cp311-cp311-manylinux2010_x86_64",
    "cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64",
    "cp311-cp311-manylinux_2_28_x86_64",
    "cp311-cp311-manylinux_2_34_x86_64",
    "cp311-cp311-manylinux_2_28_aarch64",
    "cp311-cp311-manylinux_2_17_i686",
    "cp311-cp311-musllinux_1_1_x86_64",
    "cp311-cp311-musllinux_1_2_aarch64",
    "cp311-cp311-macosx_10_9_x86_64",
    "cp311-cp311-macosx_10_9_universal2",
    "cp311-cp311-macosx_11_0_arm64",
    "cp311-cp311-macosx_12_0_universal2",
    "cp311-cp311-macosx_13_0_arm64",
    "cp311-cp311-macosx_15_0_arm64",
    "cp311-cp311-macosx_15_0_x86_64",
    "cp311-cp311-win32",
    "cp311-cp311-win_amd64",
    "cp311-cp311-win_arm64",
    "cp312-cp312-manylinux_2_17_x86_64",
    "cp310-cp310-win_amd64",
    "cp39-abi3-manylinux_2_17_x86_64",
    "cp312-abi3-macosx_11_0_arm64",
    "cp311-none-manylinux_2_17_x86_64",
    "cp310-none-any",
    "cp311-none-any",
    "py3-none-win_amd64",
    "py310-none-any",
    "py312-none-any",
    "pp311-pypy311_pp73-manylinux_2_17_x86_64",
)
PLATFORMS = {
    "manylinux_2_17_x86_64": "x86_64-manylinux_2_17",
    "linux-x86_64": "x86_64-manylinux_2_28",
    "linux-aarch64": "aarch64-manylinux_2_28",
    "macosx_13_0_arm64": "aarch64-apple-darwin",
    "macosx_13_0_x86_64": "x86_64-apple-darwin",
    "windows-x86_64": "x86_64-pc-windows-msvc",
    "windows-arm64": "aarch64-pc-windows-msvc",
    "windows-i686": "i686-pc-windows-msvc",
}


@pytest.mark.parametrize("name", PLATFORMS)
def test_wheels_that_fit_are_those_uv_takes(
    name: str, index: Index, serve: Serve, tmp_path: Path
) -> None:
    """Release 2.0 of each package has a wheel of one tag, release 1.0 one for everybody."""
    for number, tag in enumerate(TAGS):
        index.add(f"probe{number}", "1.0", sdist=False)
        index.add(f"probe{number}", "2.0", tags=[tag], sdist=False)
    accepted = {*target("3.11", name).tags}

    chosen = _compile(PLATFORMS[name], serve(index).url, tmp_path)

    taken = [tag for number, tag in enumerate(TAGS) if chosen[number] == "2.0"]
    assert taken == [tag for tag in TAGS if not accepted.isdisjoint(parse_tag(tag))]


def _compile(platform: str, url: str, folder: Path) -> dict[int, str]:
    """Resolve with uv, wheels only."""
    (folder / "requirements.in").write_text("".join(f"probe{n}\n" for n in range(len(TAGS))))
    environ = {key: value for key, value in os.environ.items() if not key.startswith("UV_")}
    out = subprocess.run(
        [
            *("uv", "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--no-config"),
            *("--no-python-downloads", "--python", sys.executable, "--only-binary", ":all:"),
            *("--python-platform", platform, "--python-version", "3.11"),
            *("--default-index", url, "requirements.in"),
        ],
        cwd=folder,
        env=environ | {"UV_CACHE_DIR": str(folder / "cache")},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return {int(number): version for number, version in re.findall(r"probe(\d+)==(\S+)", out)}
