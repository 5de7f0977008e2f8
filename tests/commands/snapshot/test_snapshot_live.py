"""Eight configurations of the quickstart against this machine's real index, installed with uv."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(
        (sys.platform, platform.machine()) != ("linux", "x86_64"),
        reason="installs a configuration of linux-x86_64",
    ),
]

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
OTHER = "3.12" if HERE != "3.12" else "3.11"
MATRIX = f"""
[tool.lockguard.matrix]
python = ["{HERE}", "{OTHER}"]
platform = ["linux-x86_64", "linux-aarch64", "macos-arm64", "windows-x86_64"]
"""


def installed(python: Path) -> dict[str, str]:
    command = ["uv", "pip", "list", "--format", "json", "--python", str(python)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    return {entry["name"]: entry["version"] for entry in json.loads(answer.stdout)}


def test_eight_configurations_are_resolved_exported_and_installed(
    run: Callable[[str, Path], Result], story: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = story("quickstart")
    manifest = folder / "pyproject.toml"
    manifest.write_text(manifest.read_text() + MATRIX)
    here = f"linux-x86_64-py{HERE.replace('.', '')}"
    python = tmp_path / "env" / "bin" / "python"
    subprocess.run(
        ["uv", "venv", "-q", "--python", sys.executable, str(tmp_path / "env")], check=True
    )

    fixed = run("lockguard fix", folder)
    created = run("lockguard snapshot create", folder)
    verified = run("lockguard snapshot verify", folder)
    exported = run(f"lockguard snapshot export --config {here} --output pylock.toml", folder)
    sync = ["uv", "pip", "sync", "-q", "--python", str(python), "pylock.toml"]
    subprocess.run(sync, cwd=folder, check=True)

    results = (fixed, created, verified, exported)
    assert [result.code for result in results] == [0] * 4, [result.err for result in results]
    assert created.out.count("added        configuration") == 8
    packages = json.loads((folder / "lockguard.lock").read_text())["configurations"][here][
        "packages"
    ]
    assert installed(python) == {name: entry["version"] for name, entry in packages.items()}
